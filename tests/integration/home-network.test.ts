/** The real server, opened to the home, seen from another machine: a network namespace over veth. */
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DoorkeepServer } from '../doubles/doorkeep-server.ts';
import { canMakeNetworks, NetworkNamespace } from '../fixtures/network-namespace.ts';

interface Seen {
  readonly error?: string;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** What a browser's network stack would do, as a script: one request, with or without trust. */
const REQUEST = `
  const [protocol, host, port, path, ca, method = 'GET', body = ''] = process.argv.slice(1);
  const { request } = await import('node:' + protocol);
  const headers = body === '' ? {} : { 'content-type': 'application/json' };
  const options = { host, port, path, method, headers, agent: false, ...(ca && { ca }) };
  const say = (seen) => console.log(JSON.stringify(seen));
  const sent = request(options, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => { text += part; });
    response.on('end', () => say({
      status: response.statusCode, headers: response.headers, body: text,
    }));
  });
  sent.on('error', (error) => say({ error: error.code ?? error.message }));
  sent.end(body);
`;

describe.skipIf(!canMakeNetworks)('opened to the home', () => {
  let phone: NetworkNamespace;
  let server: DoorkeepServer;
  let port: string;
  let authority: string;

  async function see(
    protocol: 'http' | 'https',
    path: string,
    options: { ca?: string; host?: string; method?: string; body?: string } = {},
  ): Promise<Seen> {
    const { ca = '', host = phone.boxAddress, method = 'GET', body = '' } = options;
    const args = [protocol, host, port, path, ca, method, body];
    const { stdout, stderr } = await phone.runScript(REQUEST, args);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Seen;
  }

  beforeAll(async () => {
    phone = await NetworkNamespace.create();
    server = await DoorkeepServer.start();
    port = new URL(server.baseUrl).port;
    await server.setUp();
  });
  afterAll(async () => {
    await server.dispose();
    await phone.remove();
  });

  it('is not there before its owner says so', async () => {
    expect(await see('https', '/api/health')).toEqual({ error: 'ECONNREFUSED' });
    expect((await server.api('GET', '/ca.crt')).status).toBe(404);
  });

  it('opens at once when the owner says so, and keeps the answer on its way', async () => {
    const answer = await server.api('PATCH', '/api/settings', { reach: 'home' });
    expect(answer).toMatchObject({
      status: 200,
      body: { reach: 'home', reachIsFixed: false, addresses: expect.any(Array) as unknown },
    });
    expect(answer.body['addresses']).toContain(`https://${phone.boxAddress}:${port}`);
    const file = await see('http', '/ca.crt');
    expect(file).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/x-x509-ca-cert' },
    });
    authority = file.body ?? '';
    const { fingerprint256, ca, subject } = new X509Certificate(authority);
    expect(answer.body['caFingerprint']).toBe(fingerprint256);
    expect(ca).toBe(true);
    expect(subject).toMatch(/^CN=Doorkeep at .+, \d{4}$/);
    expect((await server.api<string>('GET', '/ca.crt')).body).toBe(authority);
  });

  it('answers over HTTPS to whoever trusts it, and is not trusted by whoever does not', async () => {
    expect(await see('https', '/api/health', { ca: authority })).toMatchObject({ status: 200 });
    expect(await see('https', '/api/health')).toEqual({
      error: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) as string,
    });
  });

  it('signs in over HTTPS alone: the cookie is the secure one, without HSTS', async () => {
    const login = {
      method: 'POST',
      body: JSON.stringify({ username: 'sam', password: 'correct horse battery staple' }),
    };
    const inside = await see('https', '/api/session', { ...login, ca: authority });
    expect(inside.status).toBe(200);
    expect(String(inside.headers?.['set-cookie'])).toMatch(/^__Host-doorkeep=.*Secure/);
    expect(inside.headers?.['strict-transport-security']).toBeUndefined();
    const outside = await see('http', '/api/session', login);
    expect(outside).toMatchObject({ status: 404, body: '' });
    expect(outside.headers?.['set-cookie']).toBeUndefined();
  });

  it.each(['/', '/api/health', '/api/cameras', '/api/openapi.json', '/ca.crt?x', '/CA.CRT'])(
    'gives nothing of the app in plain HTTP: %s',
    async (path) => {
      const seen = await see('http', path);
      expect(seen).toMatchObject({ status: 308, body: '' });
      expect(seen.headers?.['location']).toBe(`https://${phone.boxAddress}:${port}${path}`);
    },
  );

  it('has a certificate for a new address soon, and shows it without a restart', async () => {
    const before = authority;
    const address = '10.199.77.1';
    await phone.addBoxAddress(address);
    await expect
      .poll(() => see('https', '/api/health', { ca: before, host: address }), {
        timeout: 30_000,
        interval: 3_000,
      })
      .toMatchObject({ status: 200 });
  });

  it('shows the same authority after a restart, and opens to the home by itself', async () => {
    const { dataPath } = server;
    await server.stop();
    server = await DoorkeepServer.start({ dataPath, env: { DOORKEEP_PORT: port } });
    expect(await see('https', '/api/health', { ca: authority })).toMatchObject({ status: 200 });
    expect(server.output).toContain(`https://${phone.boxAddress}:${port}`);
  });

  it('keeps no private key in the clear', async () => {
    const folder = join(server.dataPath, 'keys', 'tls');
    const files = await readdir(folder);
    expect(files.sort()).toEqual(['authority.pem', 'leaf.pem']);
    for (const name of files) {
      const text = await readFile(join(folder, name), 'latin1');
      expect(text).not.toMatch(/BEGIN (EC |RSA |ENCRYPTED )?PRIVATE KEY/);
    }
  });

  it('closes at once when the owner says so', async () => {
    await server.signIn();
    expect((await server.api('PATCH', '/api/settings', { reach: 'this-machine' })).body).toEqual({
      ...{
        reach: 'this-machine',
        reachIsFixed: false,
        addresses: [],
        caFingerprint: null,
        networks: [],
        learnedAddresses: [],
      },
    });
    expect(await see('https', '/api/health', { ca: authority })).toEqual({ error: 'ECONNREFUSED' });
    expect(await see('http', '/ca.crt')).toEqual({ error: 'ECONNREFUSED' });
  });
});
