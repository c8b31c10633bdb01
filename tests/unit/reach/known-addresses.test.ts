import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KnownAddresses } from '../../../server/reach/known-addresses.ts';
import { toldAddresses } from '../../../server/reach/told-addresses.ts';
import { Database } from '../../../server/storage/database.ts';
import { TestClock } from '../../doubles/test-clock.ts';

/** What a container on a bridge says of itself. */
const BRIDGE = { names: ['3f2a91c0ffee', 'localhost'], addresses: ['172.18.0.2'] };

let folder: string;
let db: Database;
let clock: TestClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorkeep-known-'));
  db = Database.open(join(folder, 'doorkeep.db'));
  clock = new TestClock();
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

function knownIn({ inContainer = true, told = '' } = {}): KnownAddresses {
  const machine = (): typeof BRIDGE => BRIDGE;
  return new KnownAddresses({ db, clock, told: toldAddresses(told), inContainer, machine });
}

const addressesOf = (known: KnownAddresses): string[] =>
  known.learned.map(({ address }) => address);

describe('what is known of a container', () => {
  it('is the bridge’s for the certificate, and nothing for people', () => {
    expect(knownIn().all()).toEqual(BRIDGE);
    expect(knownIn().shown()).toEqual({ names: [], addresses: [] });
  });

  it('is what it was told, first', () => {
    const known = knownIn({ told: '192.168.1.20 porchbox.local' });
    expect(known.shown()).toEqual({ names: ['porchbox.local'], addresses: ['192.168.1.20'] });
    expect(known.all()).toEqual({
      names: ['porchbox.local', '3f2a91c0ffee', 'localhost'],
      addresses: ['192.168.1.20', '172.18.0.2'],
    });
  });

  it('takes no place for what it was told', () => {
    const known = knownIn({ told: '192.168.1.20' });
    expect(known.cameBy('192.168.1.20:8080', false)).toBe(false);
    expect(known.learned).toEqual([]);
  });

  it('outside a container is the machine’s and what it was told; nothing is learned', () => {
    const known = knownIn({ inContainer: false, told: '192.168.1.20' });
    expect(known.cameBy('192.168.1.30', true)).toBe(false);
    expect(known.shown()).toEqual(known.all());
    expect(known.shown().addresses).toEqual(['192.168.1.20', '172.18.0.2']);
  });
});

describe('a flood of claims', () => {
  const flood = (known: KnownAddresses, from: number, count: number): number =>
    Array.from({ length: count }, (_, index) => `10.1.1.${String(from + index)}:8080`).filter(
      (host) => known.cameBy(host, false),
    ).length;

  it('fills the free places, then takes one a minute', async () => {
    const known = knownIn();
    expect(flood(known, 1, 20)).toBe(9);
    expect(known.learned).toHaveLength(8);
    await clock.advance(59_999);
    expect(flood(known, 30, 20)).toBe(0);
    await clock.advance(1);
    expect(flood(known, 60, 20)).toBe(1);
    expect(addressesOf(knownIn())).toEqual(addressesOf(known));
  });

  it('does not keep the owner from his place, nor take it', async () => {
    const known = knownIn();
    flood(known, 1, 20);
    expect(known.cameBy('192.168.1.20:8080', true)).toBe(true);
    for (let minute = 0; minute < 20; minute += 1) {
      await clock.advance(60_000);
      flood(known, minute * 3 + 30, 3);
    }
    expect(addressesOf(known)).toContain('192.168.1.20');
    expect(known.shown().addresses).toEqual(['192.168.1.20']);
  });
});

describe('DOORKEEP_ADDRESSES', () => {
  it('takes what hostname -I prints, and leaves out what no certificate of ours may name', () => {
    const printed = '192.168.1.20 172.17.0.1 2001:db8::20 fd00:0:0::20 169.254.3.4 fe80::1 \n';
    expect(toldAddresses(printed)).toEqual({
      names: [],
      addresses: ['192.168.1.20', '172.17.0.1', 'fd00::20'],
    });
    expect(toldAddresses('')).toEqual({ names: [], addresses: [] });
  });

  it('takes names of the home', () => {
    const { names } = toldAddresses('PorchBox, porchbox.local,porchbox.home.arpa localhost');
    expect(names).toEqual(['porchbox', 'porchbox.local', 'porchbox.home.arpa']);
  });

  it.each([
    ...['bank.com', 'fritz.box', 'dev', 'local', 'lan', 'internal', 'home.arpa', 'porch_box', '*'],
    ...['192.168.1', '192.168.1.20:8080', '*.local', 'https://porchbox.local', '0x7f.1', '..local'],
    '192.168.1.20/24',
  ])('refuses %s', (text) => {
    expect(() => toldAddresses(`192.168.1.20 ${text}`)).toThrow(
      expect.objectContaining({ kind: 'invalid', reason: 'settings' }),
    );
  });

  it('refuses more than anybody has', () => {
    const many = Array.from({ length: 33 }, (_, index) => `10.0.0.${String(index)}`).join(' ');
    expect(() => toldAddresses(many)).toThrow(expect.objectContaining({ reason: 'settings' }));
  });
});
