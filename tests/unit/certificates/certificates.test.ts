import { X509Certificate } from 'node:crypto';
import { chmod, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../../server/base/clock.ts';
import { certificatesOf } from '../../../server/certificates/key-file.ts';
import type { Certificates, TlsIdentity } from '../../../server/certificates/certificates.ts';
import { TEST_CERTIFICATE } from '../../fixtures/test-certificate.ts';
import { PORCH, TestCertificates } from '../../fixtures/test-certificates.ts';
import { TestClock } from '../../doubles/test-clock.ts';

/** The disk and WebCrypto do not know the test's clock. */
const real = new SystemClock();

const DAY_MS = 24 * 60 * 60 * 1000;

let box: TestCertificates;

beforeEach(async () => {
  box = await TestCertificates.create();
});

afterEach(async () => {
  await box.remove();
});

function leafOf(identity: TlsIdentity | undefined): X509Certificate {
  const [leaf] = certificatesOf(identity?.cert ?? '');
  if (leaf === undefined) throw new Error('nothing is shown');
  return leaf;
}

/** A stretch of the watch, after which everything that falls due was done. */
async function watch(
  certificates: Certificates,
  during: () => Promise<void> | void,
): Promise<void> {
  const stop = new AbortController();
  const running = certificates.run(stop.signal);
  // The first look is at once; what a test changes is found by the next.
  await box.clock.advance(1);
  await during();
  await box.clock.advance(20_000);
  // What was found is signed and written to a real disk, which others use as well.
  await real.sleep(400);
  stop.abort();
  await running;
}

describe('a box that was never opened', () => {
  it('has nothing to show or trust, and makes nothing', async () => {
    const certificates = await box.open();
    expect([certificates.identity, certificates.authority]).toEqual([undefined, undefined]);
    await watch(certificates, () => undefined);
    expect(await readdir(box.tls)).toEqual([]);
  });

  it('is known by its names all the same', async () => {
    const certificates = await box.open();
    expect(certificates.has('porch.local')).toBe(true);
    expect(certificates.has('evil.example')).toBe(false);
  });
});

describe('what is made', () => {
  it('is an authority that people recognise, and a certificate for all names', async () => {
    const certificates = await box.open();
    const leaf = leafOf(await certificates.provide());
    const root = new X509Certificate(certificates.authority?.pem ?? '');
    // Node escapes the comma (RFC 4514 2.4).
    expect(root.subject).toBe('CN=Doorkeep at porch\\, 2026');
    expect(certificates.authority).toMatchObject({
      fileName: 'doorkeep-porch.crt',
      fingerprint: root.fingerprint256,
    });
    for (const name of ['porch', 'porch.local', 'localhost'])
      expect(leaf.checkHost(name)).toBe(name);
    for (const address of ['192.168.1.20', 'fd00::20', '127.0.0.1', '::1']) {
      expect(leaf.checkIP(address), address).toBe(address);
    }
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(leaf.ca).toBe(false);
  });

  it('lives 397 days at most, from a day ago; the authority to 2049, whatever the clock', async () => {
    const certificates = await box.open();
    const leaf = leafOf(await certificates.provide());
    const [from, to] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
    expect(from).toBe(box.clock.wallMs() - DAY_MS);
    expect(to - from + 1000).toBe(397 * DAY_MS);
    const root = new X509Certificate(certificates.authority?.pem ?? '');
    expect(root.validTo).toBe('Dec 31 23:59:59 2049 GMT');
  });

  it('has serials that are long, positive and never the same', async () => {
    const serials = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const certificates = await box.open();
      const chain = certificatesOf((await certificates.provide()).cert);
      const pem = certificates.authority?.pem ?? '';
      for (const { serialNumber } of [...chain, ...certificatesOf(pem)]) serials.add(serialNumber);
      await rm(box.tls, { recursive: true });
    }
    expect(serials.size).toBe(9);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it('is the same after a restart, without asking the library', async () => {
    const before = await (await box.open()).provide();
    const after = await box.open();
    expect(after.identity?.cert).toBe(before.cert);
    expect((await after.provide()).key.reveal()).toBe(before.key.reveal());
  });

  it('lies on the disk sealed, for this account only, and without the root’s key', async () => {
    const certificates = await box.open();
    const { key } = await certificates.provide();
    expect((await readdir(box.tls)).sort()).toEqual(['authority.pem', 'leaf.pem']);
    const texts = await Promise.all(
      ['authority.pem', 'leaf.pem'].map((name) => readFile(box.path(name), 'latin1')),
    );
    // Two certificates and one sealed key; one certificate and one sealed key.
    const labels = texts.map((text) => [...text.matchAll(/BEGIN ([A-Z ]+)-/g)].map((m) => m[1]));
    const sealed = 'DOORKEEP SEALED PRIVATE KEY';
    expect(labels).toEqual([
      ['CERTIFICATE', 'CERTIFICATE', sealed],
      ['CERTIFICATE', sealed],
    ]);
    const body = key.reveal().split('\n')[1] ?? '';
    expect(texts.join('')).not.toContain(body);
    // The one key in the file is the intermediate's.
    const { root, intermediate, intermediateKey } = await box.stolenAuthority();
    const { createPrivateKey } = await import('node:crypto');
    const opened = createPrivateKey({ key: intermediateKey, format: 'der', type: 'pkcs8' });
    expect(intermediate.checkPrivateKey(opened)).toBe(true);
    expect(root.checkPrivateKey(opened)).toBe(false);
  });
});

describe('when something changes', () => {
  it('a new address is covered without a restart, by the same authority', async () => {
    const certificates = await box.open();
    const before = leafOf(await certificates.provide());
    const { fingerprint } = certificates.authority ?? {};
    const shown: TlsIdentity[] = [];
    certificates.onChange((identity) => shown.push(identity));
    await watch(certificates, () => {
      box.names = { ...PORCH, addresses: ['192.168.1.77'] };
    });
    expect(shown).toHaveLength(1);
    const after = leafOf(shown[0]);
    expect(after.checkIP('192.168.1.77')).toBe('192.168.1.77');
    expect(after.fingerprint256).not.toBe(before.fingerprint256);
    expect(certificates.authority?.fingerprint).toBe(fingerprint);
  });

  it('it is covered at once where somebody asks for that, also while another look goes on', async () => {
    const certificates = await box.open();
    await certificates.provide();
    box.names = { ...PORCH, addresses: ['10.0.0.8'] };
    const first = certificates.fit();
    box.names = { ...PORCH, addresses: ['10.0.0.8', '10.0.0.9'] };
    await Promise.all([first, certificates.fit()]);
    for (const address of ['10.0.0.8', '10.0.0.9']) {
      expect(leafOf(certificates.identity).checkIP(address)).toBe(address);
    }
  });

  it('an address that is taken out is named no more, where somebody asks for that', async () => {
    const certificates = await box.open();
    await certificates.provide();
    box.names = { ...PORCH, addresses: [] };
    await certificates.fit();
    expect(leafOf(certificates.identity).checkIP('192.168.1.20')).toBe('192.168.1.20');
    await certificates.fit({ without: true });
    expect(leafOf(certificates.identity).checkIP('192.168.1.20')).toBeUndefined();
    expect(leafOf((await box.open()).identity).checkIP('192.168.1.20')).toBeUndefined();
  });

  it('a box that is this machine’s makes nothing', async () => {
    const certificates = await box.open();
    await certificates.fit();
    expect(await readdir(box.tls)).toEqual([]);
  });

  it('an address that went away costs nothing', async () => {
    const certificates = await box.open();
    const before = leafOf(await certificates.provide());
    await watch(certificates, () => {
      box.names = { ...PORCH, addresses: [] };
    });
    expect(leafOf(certificates.identity).fingerprint256).toBe(before.fingerprint256);
  });

  it('it is renewed long before its end', async () => {
    const certificates = await box.open();
    const before = leafOf(await certificates.provide());
    box.clock.stepWall(270 * DAY_MS);
    expect(leafOf(await certificates.provide()).fingerprint256).toBe(before.fingerprint256);
    box.clock.stepWall(10 * DAY_MS);
    const after = leafOf(await certificates.provide());
    expect(Date.parse(after.validTo)).toBeGreaterThan(Date.parse(before.validTo));
  });

  it('a new name of the machine lies outside: the others go on, and it is said once', async () => {
    const certificates = await box.open();
    await certificates.provide();
    box.names = { ...PORCH, names: ['hall', 'hall.local', 'localhost'] };
    await watch(certificates, () => undefined);
    await certificates.provide();
    expect(certificates.namesOutside).toEqual(['hall', 'hall.local']);
    expect(leafOf(certificates.identity).checkHost('hall.local')).toBeUndefined();
    expect(leafOf(certificates.identity).checkIP('192.168.1.20')).toBe('192.168.1.20');
    const said = box.logLines.filter((line) => line.includes('another name'));
    expect(said).toHaveLength(1);
    // The name of a machine may be a family's.
    expect(box.logLines.join('')).not.toContain('hall');
  });
});

describe('a clock that was never set', () => {
  it('does not make a certificate of 1970', async () => {
    box = await TestCertificates.create(new TestClock(0));
    const leaf = leafOf(await (await box.open()).provide());
    expect(leaf.validFrom).toBe('Dec 31 00:00:00 2025 GMT');
  });

  it('leaves the certificate alone that was made when it was right', async () => {
    const before = leafOf(await (await box.open()).provide());
    box.clock.stepWall(-Number(box.clock.wallMs()));
    expect(leafOf(await (await box.open()).provide()).fingerprint256).toBe(before.fingerprint256);
    // For a new address it goes on from there.
    box.names = { ...PORCH, addresses: ['10.0.0.9'] };
    const after = leafOf(await (await box.open()).provide());
    expect(after.validFrom).toBe(before.validFrom);
  });

  it('one that was ahead is made good when the clock is right again', async () => {
    box.clock.stepWall(1000 * DAY_MS);
    await (await box.open()).provide();
    box.clock.stepWall(-1000 * DAY_MS);
    const leaf = leafOf(await (await box.open()).provide());
    expect(Date.parse(leaf.validFrom)).toBeLessThan(box.clock.wallMs());
  });
});

describe('broken files', () => {
  it('of the authority stop the start and are never replaced', async () => {
    await (await box.open()).provide();
    const path = box.path('authority.pem');
    const whole = await readFile(path, 'latin1');
    const [first = '', second = ''] = whole.split(/(?<=-----END CERTIFICATE-----\n)/);
    for (const broken of ['', 'garbage', first, first + second, whole.slice(0, -40)]) {
      await writeFile(path, broken, { mode: 0o600 });
      await expect(box.open()).rejects.toMatchObject({
        ...{ kind: 'conflict', reason: 'unsafe-file' },
        hint: expect.stringContaining('keys/tls') as string,
      });
      expect(await readFile(path, 'latin1')).toBe(broken);
    }
    await writeFile(path, whole);
    await chmod(path, 0o644);
    await expect(box.open()).rejects.toMatchObject({ reason: 'unsafe-file' });
  });

  it('of another box do not open here', async () => {
    const other = await TestCertificates.create();
    await (await other.open()).provide();
    await cp(other.path('authority.pem'), box.path('authority.pem'));
    await other.remove();
    await expect(box.open()).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('of the certificate cost nothing: another one is made', async () => {
    const certificates = await box.open();
    await certificates.provide();
    const { fingerprint } = certificates.authority ?? {};
    await writeFile(box.path('leaf.pem'), 'half of it', { mode: 0o600 });
    const again = await box.open();
    expect(leafOf(await again.provide()).checkIP('192.168.1.20')).toBe('192.168.1.20');
    expect(again.authority?.fingerprint).toBe(fingerprint);
  });

  it('that are gone are a new authority: how an owner starts over', async () => {
    const certificates = await box.open();
    await certificates.provide();
    await rm(box.tls, { recursive: true });
    const again = await box.open();
    await again.provide();
    expect(again.authority?.fingerprint).not.toBe(certificates.authority?.fingerprint);
  });
});

describe('a certificate of the owner’s', () => {
  const { cert, key } = TEST_CERTIFICATE;

  async function putOwn(
    certificate: string | undefined,
    privateKey: string | undefined,
  ): Promise<void> {
    if (certificate !== undefined) await writeFile(box.path('own.crt'), certificate);
    if (privateKey !== undefined) await writeFile(box.path('own.key'), privateKey, { mode: 0o600 });
  }

  it('is shown in place of ours, and there is nothing to trust', async () => {
    await putOwn(cert, key);
    const certificates = await box.open();
    const identity = await certificates.provide();
    expect(leafOf(identity).fingerprint256).toBe(new X509Certificate(cert).fingerprint256);
    expect(identity.key.reveal()).toBe(key);
    expect(certificates.authority).toBeUndefined();
    expect((await readdir(box.tls)).sort()).toEqual(['own.crt', 'own.key']);
    expect(certificates.ownNames).toEqual(['localhost']);
  });

  it('is taken up and given back while the box runs', async () => {
    const certificates = await box.open();
    const ours = leafOf(await certificates.provide()).fingerprint256;
    await watch(certificates, () => putOwn(cert, key));
    expect(certificates.authority).toBeUndefined();
    await rm(box.path('own.crt'));
    await rm(box.path('own.key'));
    expect(leafOf(await certificates.provide()).fingerprint256).toBe(ours);
    expect(certificates.authority).toBeDefined();
  });

  it('that is half replaced leaves the one before in place, and is said once', async () => {
    await putOwn(cert, key);
    const certificates = await box.open();
    await certificates.provide();
    const { cert: otherCert } = await (await (await TestCertificates.create()).open()).provide();
    await watch(certificates, () => putOwn(otherCert, undefined));
    expect(leafOf(certificates.identity).fingerprint256).toBe(
      new X509Certificate(cert).fingerprint256,
    );
    expect(box.logLines.filter((line) => line.includes('does not belong'))).toHaveLength(1);
  });

  it.each([
    ['no key', cert, undefined, 'own.key is not'],
    ['no certificate', undefined, key, 'own.crt is not'],
    ['no PEM', 'hello', key, 'no certificate'],
    ['a broken one', cert.replace(/[A-Z]{4}/, '!!!!').replace('MII', 'AAA'), key, 'own.crt'],
    ['a broken key', cert, 'hello', 'own.key cannot be read'],
  ])('with %s is refused in words', async (_what, certificate, privateKey, words) => {
    await putOwn(certificate, privateKey);
    await expect(box.open()).rejects.toMatchObject({
      ...{ kind: 'conflict', reason: 'own-certificate' },
      message: expect.stringContaining(words) as string,
      hint: expect.any(String) as string,
    });
  });

  it('with a key that others can read is refused', async () => {
    await putOwn(cert, key);
    await chmod(box.path('own.key'), 0o644);
    await expect(box.open()).rejects.toMatchObject({ reason: 'unsafe-file' });
  });

  it('that ended is shown, and complained about', async () => {
    await putOwn(cert, key);
    box.clock.stepWall(200 * 365 * DAY_MS);
    const certificates = await box.open();
    await certificates.provide();
    expect(certificates.identity).toBeDefined();
    expect(box.logLines.join('')).toContain('own.crt ended on 2126');
  });
});
