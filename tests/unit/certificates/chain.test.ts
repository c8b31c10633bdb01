/** What is issued, judged by those who will meet it: Node's TLS, and OpenSSL at its strictest. */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { issueLeaf } from '../../../server/certificates/issue.ts';
import { keyPem } from '../../../server/certificates/key-file.ts';
import { SystemClock } from '../../../server/base/clock.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { TestCertificates } from '../../fixtures/test-certificates.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Real verifiers look at the real date. */
const today = new TestClock(new SystemClock().wallMs());

const DAY_MS = 24 * 60 * 60 * 1000;

let box: TestCertificates;
let trusted: string;

beforeAll(async () => {
  box = await TestCertificates.create(today);
  const certificates = await box.open();
  await certificates.provide();
  trusted = certificates.authority?.pem ?? '';
});

afterAll(async () => {
  await box.remove();
});

/** A chain for these names by the box's own signer, as its thief would make it. */
async function forged(
  names: string[],
  addresses: string[] = [],
): Promise<{ cert: string; key: string }> {
  const { intermediate, intermediateKey } = await box.stolenAuthority();
  const { certificatePem, key } = await issueLeaf({
    intermediatePem: intermediate.toString(),
    ...{ intermediateKey, names, addresses },
    fromMs: epochMs(today.wallMs() - DAY_MS),
    toMs: epochMs(today.wallMs() + DAY_MS),
  });
  return { cert: certificatePem + intermediate.toString(), key: keyPem(key) };
}

/** What a client that trusts the box's authority says to a server with this chain. */
async function verdict(
  identity: { cert: string; key: string },
  options: { servername?: string; host?: string } = {},
): Promise<string> {
  const server = createServer(identity);
  server.listen(0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', ca: trusted, ...options });
  const result = await new Promise<string>((resolve) => {
    client.once('secureConnect', () => {
      resolve('trusted');
    });
    client.once('error', (error: NodeJS.ErrnoException) => {
      resolve(`${error.code ?? ''} ${error.message}`);
    });
  });
  client.destroy();
  server.close();
  return result;
}

describe('node:tls', () => {
  it('trusts the box by name and by address, both families', async () => {
    const { cert, key } = await (await box.open()).provide();
    const identity = { cert, key: key.reveal() };
    expect(await verdict(identity, { servername: 'porch.local' })).toBe('trusted');
    expect(await verdict(identity)).toBe('trusted');
    expect(await verdict(identity, { host: '::1' })).toBe('trusted');
    expect(await verdict(identity, { servername: 'evil.example' })).toContain(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
  });

  it.each([
    ['a foreign name', ['evil.example'], []],
    ['a foreign name beside one of ours', ['porch.local', 'evil.example'], []],
    ['a neighbour’s name', ['hall.local'], []],
    ['a public address', ['localhost'], ['8.8.8.8']],
    ['a public IPv6 address', ['localhost'], ['2001:4860:4860::8888']],
    ['an address just outside a private range', ['localhost'], ['172.32.0.1']],
  ])('refuses %s, whoever has the signer’s key', async (_what, names, addresses) => {
    const options = { servername: names[0] ?? '' };
    expect(await verdict(await forged(names, addresses), options)).toContain(
      'permitted subtree violation',
    );
  });

  it.each(['10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '169.254.9.9'])(
    'takes %s: an address changes inside these ranges',
    async (address) => {
      const chain = await forged(['localhost'], [address]);
      expect(await verdict(chain, { servername: 'localhost' })).toBe('trusted');
    },
  );

  it('refuses what the certificate it shows has signed', async () => {
    const { cert, key } = await forged(['localhost']);
    const under = await issueLeaf({
      intermediatePem: cert,
      intermediateKey: (await import('node:crypto'))
        .createPrivateKey(key)
        .export({ format: 'der', type: 'pkcs8' }),
      ...{ names: ['localhost'], addresses: [] },
      fromMs: epochMs(today.wallMs() - DAY_MS),
      toMs: epochMs(today.wallMs() + DAY_MS),
    });
    const chain = { cert: under.certificatePem + cert, key: keyPem(under.key) };
    expect(await verdict(chain, { servername: 'localhost' })).toContain(
      'key usage does not include certificate signing',
    );
  });
});

describe.skipIf(!hasOpenssl)('openssl verify -x509_strict', () => {
  async function strictly(leaf: string): Promise<string> {
    const { intermediate } = await box.stolenAuthority();
    await writeFile(box.path('root.crt'), trusted);
    await writeFile(box.path('signer.crt'), intermediate.toString());
    await writeFile(box.path('leaf.crt'), leaf);
    const args = ['-CAfile', box.path('root.crt'), '-untrusted', box.path('signer.crt')];
    const purpose = ['-x509_strict', '-purpose', 'sslserver', '-check_ss_sig'];
    const { stdout, stderr } = spawnSync(
      'openssl',
      ['verify', ...purpose, ...args, box.path('leaf.crt')],
      { encoding: 'utf8' },
    );
    return stdout + stderr;
  }

  it('finds nothing wrong', async () => {
    const { cert } = await (await box.open()).provide();
    expect(await strictly(cert)).toMatch(/: OK\n$/);
  });

  it('refuses a foreign name', async () => {
    const { cert } = await forged(['evil.example']);
    expect(await strictly(cert)).toContain('permitted subtree violation');
  });

  it('reads the constraints as they are meant, and as critical', async () => {
    const { intermediate } = await box.stolenAuthority();
    const text = execFileSync('openssl', ['x509', '-noout', '-text'], {
      input: intermediate.toString(),
      encoding: 'utf8',
    });
    const found = /Name Constraints: critical\n\s+Permitted:\n([\s\S]*?)\n\s+Signature/.exec(text);
    expect(found?.[1]?.split('\n').map((line) => line.trim())).toEqual([
      ...['DNS:porch', 'DNS:porch.local', 'DNS:localhost'],
      'IP:10.0.0.0/255.0.0.0',
      'IP:172.16.0.0/255.240.0.0',
      'IP:192.168.0.0/255.255.0.0',
      'IP:169.254.0.0/255.255.0.0',
      'IP:127.0.0.0/255.0.0.0',
      'IP:FC00:0:0:0:0:0:0:0/FE00:0:0:0:0:0:0:0',
      'IP:FE80:0:0:0:0:0:0:0/FFC0:0:0:0:0:0:0:0',
      'IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF',
    ]);
    expect(text).toMatch(/Basic Constraints: critical\n\s+CA:TRUE, pathlen:0/);
    expect(text).toMatch(/Extended Key Usage: \n\s+TLS Web Server Authentication\n/);
  });
});
