import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NetworksIn } from '../../../server/egress/networks-in.ts';
import { AppError } from '../../../server/base/errors.ts';
import { silentLog } from '../../../server/base/log.ts';
import type { BoxNames } from '../../../server/certificates/box-names.ts';
import type { TlsIdentity } from '../../../server/certificates/certificates.ts';
import { certificatesOf } from '../../../server/certificates/key-file.ts';
import { type Entrance, HomeReach } from '../../../server/reach/home-reach.ts';
import { KnownAddresses } from '../../../server/reach/known-addresses.ts';
import { Database } from '../../../server/storage/database.ts';
import { chosenReach } from '../../../server/storage/settings.ts';
import { TestCertificates } from '../../fixtures/test-certificates.ts';

/** Says what it was told. */
class FakeEntrance implements Entrance {
  readonly port = 8443;
  readonly told: string[] = [];
  trouble: Error | undefined;
  identity: TlsIdentity | undefined;

  listen(hosts: readonly string[]): Promise<void> {
    if (this.trouble !== undefined) return Promise.reject(this.trouble);
    this.told.push(hosts.join());
    return Promise.resolve();
  }

  useIdentity(identity: TlsIdentity): void {
    this.identity = identity;
    this.told.push('identity');
  }

  dismissOthers(): void {
    this.told.push('dismiss');
  }
}

let box: TestCertificates;
let db: Database;
let entrance: FakeEntrance;

beforeEach(async () => {
  box = await TestCertificates.create();
  db = Database.open(join(box.folder, 'doorkeep.db'));
  entrance = new FakeEntrance();
});

afterEach(async () => {
  db.close();
  await box.remove();
});

async function reachOf(fixedHost?: string, inContainer = false): Promise<HomeReach> {
  const told: BoxNames = { names: [], addresses: [] };
  const machine = (): BoxNames => box.names;
  const known = new KnownAddresses({ db, clock: box.clock, told, inContainer, machine });
  const certificates = await box.open(() => known.all());
  const reach = new HomeReach({
    ...{ db, certificates, entrance, fixedHost, known, log: silentLog },
    networks: new NetworksIn(),
  });
  await reach.start();
  return reach;
}

describe('at the start', () => {
  it('is for this machine, and undecided', async () => {
    const reach = await reachOf();
    expect(entrance.told).toEqual(['127.0.0.1', 'dismiss']);
    expect(reach.isUndecided).toBe(true);
    expect(reach.ownAddress).toBe('http://127.0.0.1:8443');
    expect(reach.get()).toEqual({
      ...{
        reach: 'this-machine',
        reachIsFixed: false,
        addresses: [],
        caFingerprint: null,
        networks: [],
        learnedAddresses: [],
      },
    });
  });

  it.each([
    ['127.0.0.1', 'this-machine', 'http://127.0.0.1:8443', []],
    ['::1', 'this-machine', 'http://[::1]:8443', []],
    ['0.0.0.0', 'home', 'http://127.0.0.1:8443', undefined],
    ['192.168.1.20', 'home', 'https://192.168.1.20:8443', ['https://192.168.1.20:8443']],
    ['fd00::20', 'home', 'https://[fd00::20]:8443', ['https://[fd00::20]:8443']],
  ])('DOORKEEP_HOST=%s means %s', async (host, expected, own, addresses) => {
    const reach = await reachOf(host);
    expect(entrance.told).toContain(host);
    const settings = reach.get();
    expect(settings).toMatchObject({ reach: expected, reachIsFixed: true });
    if (addresses !== undefined) expect(settings.addresses).toEqual(addresses);
    expect(reach.ownAddress).toBe(own);
    expect(reach.isUndecided).toBe(false);
  });
});

describe('a change', () => {
  it('opens the box: the certificate first, then the door; and is remembered', async () => {
    const reach = await reachOf();
    entrance.told.length = 0;
    const settings = await reach.change({ reach: 'home' });
    expect(entrance.told.slice(0, 1)).toEqual(['identity']);
    expect(entrance.told.at(-1)).toBe('::,0.0.0.0');
    expect(settings).toEqual({
      ...{ reach: 'home', reachIsFixed: false },
      addresses: [
        'https://192.168.1.20:8443',
        'https://porch.local:8443',
        'https://[fd00::20]:8443',
      ],
      caFingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) as string,
      networks: [],
      learnedAddresses: [],
    });
    expect(chosenReach(db)).toBe('home');
    expect((await reachOf()).get()).toEqual(settings);
  });

  it('closes the box: the door first, then who is inside', async () => {
    const reach = await reachOf();
    await reach.change({ reach: 'home' });
    entrance.told.length = 0;
    expect(await reach.change({ reach: 'this-machine' })).toMatchObject({ reach: 'this-machine' });
    expect(entrance.told).toEqual(['127.0.0.1', 'dismiss']);
    expect(chosenReach(db)).toBe('this-machine');
  });

  it('of nothing, or to what is already so, opens and closes nothing', async () => {
    const reach = await reachOf();
    entrance.told.length = 0;
    await reach.change({});
    expect(chosenReach(db)).toBeUndefined();
    await reach.change({ reach: 'this-machine' });
    expect(entrance.told).toEqual([]);
    expect(chosenReach(db)).toBe('this-machine');
  });

  it('that cannot be done leaves all as it was', async () => {
    const reach = await reachOf();
    entrance.trouble = new AppError('unavailable', 'taken');
    await expect(reach.change({ reach: 'home' })).rejects.toThrow('taken');
    expect(reach.get().reach).toBe('this-machine');
    expect(chosenReach(db)).toBeUndefined();
    entrance.trouble = undefined;
    expect(await reach.change({ reach: 'home' })).toMatchObject({ reach: 'home' });
  });

  it('is not the page’s where the environment decides', async () => {
    const reach = await reachOf('127.0.0.1');
    await expect(reach.change({ reach: 'home' })).rejects.toMatchObject({
      ...{ kind: 'conflict', reason: 'reach-is-fixed' },
    });
    expect(await reach.change({ reach: 'this-machine' })).toMatchObject({ reachIsFixed: true });
    expect(chosenReach(db)).toBeUndefined();
  });

  it('follows the one before: two browsers pressed at once', async () => {
    const reach = await reachOf();
    const [home, here] = await Promise.all([
      reach.change({ reach: 'home' }),
      reach.change({ reach: 'this-machine' }),
    ]);
    expect([home.reach, here.reach]).toEqual(['home', 'this-machine']);
    expect(entrance.told.at(-1)).toBe('dismiss');
    expect(chosenReach(db)).toBe('this-machine');
  });
});

it('shows a new certificate as soon as there is one', async () => {
  const reach = await reachOf('0.0.0.0');
  const before = entrance.identity?.cert;
  box.names = { ...box.names, addresses: ['10.0.0.5'] };
  box.clock.stepWall(0);
  expect(reach.get().addresses[0]).toBe('https://10.0.0.5:8443');
  const again = await reachOf('0.0.0.0');
  expect(again.get().reach).toBe('home');
  expect(entrance.identity?.cert).not.toBe(before);
});

describe('a VPN’s range', () => {
  it('may come in once it is typed, is kept, and no longer than it stands there', async () => {
    const reach = await reachOf();
    expect((await reach.change({ networks: ['100.64.0.0/10'] })).networks).toEqual([
      '100.64.0.0/10',
    ]);
    await expect(reach.change({ networks: ['8.8.0.0/16'] })).rejects.toMatchObject({
      reason: 'foreign-network',
    });
    expect((await reachOf()).get().networks).toEqual(['100.64.0.0/10']);
    expect((await reach.change({ networks: [] })).networks).toEqual([]);
    expect((await reachOf()).get().networks).toEqual([]);
  });
});

describe('in a container', () => {
  const shown = (): string[] => {
    const [leaf] = certificatesOf(entrance.identity?.cert ?? '');
    return [...(leaf?.subjectAltName ?? '').matchAll(/IP Address:([^,]+)/g)].map(
      ([, address = '']) => address,
    );
  };
  const cameBy = (reach: HomeReach, host: string): Promise<void> =>
    reach.cameBy(host, { isOwners: false });

  it('the certificate names the address that a browser came by, as soon as that is told', async () => {
    const reach = await reachOf('0.0.0.0', true);
    expect(shown()).not.toContain('192.168.77.20');
    await cameBy(reach, '192.168.77.20:8080');
    expect(shown()).toContain('192.168.77.20');
    expect(reach.get()).toMatchObject({
      // Not where people are sent: anybody can have said it.
      addresses: [],
      learnedAddresses: [{ address: '192.168.77.20', isOwners: false }],
    });
    // After a restart, too.
    const again = await reachOf('0.0.0.0', true);
    expect(again.get().learnedAddresses).toHaveLength(1);
    expect(shown()).toContain('192.168.77.20');
  });

  it('sends people to an address once the owner was signed in by it', async () => {
    const reach = await reachOf('0.0.0.0', true);
    await cameBy(reach, '10.66.66.66:8080');
    await reach.cameBy('192.168.77.20:8443', { isOwners: true });
    expect(reach.get().addresses).toEqual(['https://192.168.77.20:8443']);
    expect(shown()).toContain('192.168.77.20');
  });

  it('names no more what the owner takes out, and takes it back', async () => {
    const reach = await reachOf('0.0.0.0', true);
    await cameBy(reach, '10.66.66.66:8080');
    await reach.change({ learnedAddresses: [] });
    expect(shown()).not.toContain('10.66.66.66');
    expect(reach.get().learnedAddresses).toEqual([]);
    await reach.change({ learnedAddresses: ['10.66.66.66'] });
    // Undo of a stranger's claim makes it nobody else's.
    expect(reach.get()).toMatchObject({ addresses: [], learnedAddresses: [{ isOwners: false }] });
    expect(shown()).toContain('10.66.66.66');
    await expect(reach.change({ learnedAddresses: ['93.184.216.34'] })).rejects.toMatchObject({
      kind: 'unprocessable',
      reason: 'foreign-address',
    });
    expect(reach.get().learnedAddresses).toHaveLength(1);
  });

  it('nothing is learned elsewhere', async () => {
    const reach = await reachOf('0.0.0.0');
    await cameBy(reach, '192.168.77.20:8080');
    await reach.cameBy('192.168.77.20:8080', { isOwners: true });
    expect(shown()).not.toContain('192.168.77.20');
    expect(reach.get().learnedAddresses).toEqual([]);
  });

  it('an address that the database refuses costs no visit', async () => {
    const reach = await reachOf('0.0.0.0', true);
    db.run(`CREATE TRIGGER refuse BEFORE INSERT ON address_learned
      BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
    await cameBy(reach, '192.168.77.20:8080');
    expect(reach.get().learnedAddresses).toEqual([]);
    db.run('DROP TRIGGER refuse');
    await cameBy(reach, '192.168.77.20:8080');
    expect(reach.get().learnedAddresses).toHaveLength(1);
  });

  it('what the disk refuses is said, and the one before goes on being shown', async () => {
    const reach = await reachOf('0.0.0.0', true);
    const before = entrance.identity?.cert;
    await rm(box.tls, { recursive: true });
    await writeFile(box.tls, 'no folder');
    await cameBy(reach, '192.168.77.20:8080');
    expect(entrance.identity?.cert).toBe(before);
    expect(box.logLines.join('')).toContain('could not read keys/tls');
  });
});
