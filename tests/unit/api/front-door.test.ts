import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import { Agent, get as httpsGet } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FrontDoor } from '../../../server/api/front-door.ts';
import { createHttpServer } from '../../../server/api/http-server.ts';
import { createLog } from '../../../server/base/log.ts';
import { Secret } from '../../../server/base/secret.ts';
import { readBoxNames } from '../../../server/certificates/box-names.ts';
import { NetworksIn } from '../../../server/egress/networks-in.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { TEST_CERTIFICATE } from '../../fixtures/test-certificate.ts';

const AUTHORITY = { pem: 'a certificate\n', fileName: 'doorkeep-porch.crt', fingerprint: 'AA:BB' };

/** An address of this machine that others could reach it by; without one those tests are skipped. */
const [homeAddress] = readBoxNames().addresses;

let clock: TestClock;
let door: FrontDoor;
let server: Server;
let port: number;
let logged: string[];
let sockets: Socket[];
let authority: typeof AUTHORITY | undefined;
/** By which hosts somebody came, over plain HTTP. */
let came: string[];
/** What is done about it takes as long as a test says. */
let learning: Promise<void>;
/** Answers wait for it when a test sets it. */
let held: Promise<void> | undefined;

beforeEach(async () => {
  [clock, logged, sockets, authority, held] = [new TestClock(), [], [], AUTHORITY, undefined];
  [came, learning] = [[], Promise.resolve()];
  door = new FrontDoor({
    ...{
      clock,
      hostNames: new Set(['porch.local']),
      networks: new NetworksIn(),
      authority: () => authority,
      cameBy: (host: string) => {
        came.push(host);
        return learning;
      },
    },
    log: createLog((line) => logged.push(line)),
  });
  server = createHttpServer((request, response) => {
    void (async () => {
      await held;
      const encrypted = 'encrypted' in request.socket;
      response.end(`the app, ${encrypted ? 'https' : 'http'} ${request.url ?? ''}`);
    })();
  }, door);
  server.listen(0, '::');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  door.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function useIdentity(): void {
  door.useIdentity({ cert: TEST_CERTIFICATE.cert, key: new Secret(TEST_CERTIFICATE.key) });
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function read(response: IncomingMessage): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => (body += text));
    response.on('error', reject).on('end', () => {
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
  });
}

/** A plain request; `host` is where to connect to, `as` what Host says. */
async function plain(
  path: string,
  options: { host?: string; as?: string; method?: string } = {},
): Promise<Answer> {
  const { host = '127.0.0.1', as = 'porch.local', method = 'GET' } = options;
  const sent = get({ host, port, path, method, headers: { host: as }, agent: false });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return read(response);
}

async function secure(path: string, host = '127.0.0.1'): Promise<Answer> {
  const { cert: ca } = TEST_CERTIFICATE;
  const sent = httpsGet({ host, port, path, ca, agent: false, servername: 'localhost' });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return read(response);
}

/** A connection that says what a test makes it say. */
async function dial(host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** How the other end ends a connection; a reset is an end, too. */
function ended(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.on('end', () => {
      resolve(text);
    });
    socket.on('close', () => {
      resolve(text);
    });
  });
}

/** Until the server knows of what was just sent: a timer is what every opening connection has. */
async function opening(count: number): Promise<void> {
  await expect.poll(() => clock.pendingTimers).toBe(count);
}

describe('from this machine', () => {
  it('plain HTTP reaches the app', async () => {
    expect((await plain('/x')).body).toBe('the app, http /x');
    expect(clock.pendingTimers).toBe(0);
  });

  it('HTTPS reaches the app on the same port', async () => {
    useIdentity();
    expect((await secure('/x')).body).toBe('the app, https /x');
    expect((await plain('/x')).body).toBe('the app, http /x');
    expect(clock.pendingTimers).toBe(0);
  });

  it('a request in single bytes arrives whole', async () => {
    const socket = await dial();
    const answer = ended(socket);
    for (const byte of 'GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n') {
      socket.write(byte);
      await new Promise(setImmediate);
    }
    expect(await answer).toContain('the app, http /slow');
  });

  it('a handshake in single bytes succeeds', async () => {
    useIdentity();
    const hello = await clientHello();
    const socket = await dial();
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
    for (const byte of hello) {
      socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    // The ServerHello and the certificate.
    await expect.poll(() => bytes).toBeGreaterThan(500);
  });

  it('a handshake without a certificate to show is answered as what it is: not HTTP', async () => {
    const socket = await dial();
    const answer = ended(socket);
    socket.write(Buffer.from([0x16, 3, 1, 0, 1, 1]));
    expect(await answer).toMatch(/^HTTP\/1\.1 400/);
  });

  it('garbage after a handshake’s first byte ends the connection', async () => {
    useIdentity();
    const socket = await dial();
    const answer = ended(socket);
    socket.write(Buffer.concat([Buffer.from([0x16]), Buffer.alloc(300, 0x41)]));
    // At most a TLS alert.
    expect((await answer).length).toBeLessThan(16);
    await opening(0);
  });

  it('one that speaks TLS 1.1 or another protocol is refused', async () => {
    useIdentity();
    const { cert: ca } = TEST_CERTIFICATE;
    const old = {
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1.1',
      ciphers: 'ALL@SECLEVEL=0',
    } as const;
    const other = { ALPNProtocols: ['h2'] };
    for (const options of [old, other]) {
      const socket = tlsConnect({
        host: '127.0.0.1',
        port,
        ca,
        servername: 'localhost',
        ...options,
      });
      await expect(once(socket, 'secureConnect')).rejects.toThrow();
    }
  });

  it('another certificate is shown from the next handshake on', async () => {
    useIdentity();
    const first = tlsConnect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    sockets.push(first);
    await once(first, 'secureConnect');
    useIdentity();
    expect((await secure('/y')).body).toBe('the app, https /y');
    expect(first.destroyed).toBe(false);
    const wrong = { cert: TEST_CERTIFICATE.cert, key: new Secret('nonsense') };
    expect(() => {
      door.useIdentity(wrong);
    }).toThrow(expect.objectContaining({ kind: 'invalid' }));
    expect((await secure('/y')).body).toBe('the app, https /y');
  });
});

describe('what node:http does behind the door', () => {
  it('ends requests that do not arrive in time, plain and over TLS', async () => {
    useIdentity();
    server.headersTimeout = 100;
    const { cert: ca } = TEST_CERTIFICATE;
    const secured = tlsConnect({ host: '127.0.0.1', port, ca, servername: 'localhost' });
    sockets.push(secured);
    const both = [await dial(), secured].map((socket) => {
      const answer = ended(socket);
      socket.write('GET / HTTP/1.1\r\nHost: loc');
      return answer;
    });
    // Node looks every five seconds.
    for (const answer of await Promise.all(both)) expect(answer).toMatch(/^HTTP\/1\.1 408/);
  });

  it('keeps connections alive, and answers what is sent in a row', async () => {
    useIdentity();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const options = { host: '127.0.0.1', port, agent, ca: TEST_CERTIFICATE.cert };
    const ports = new Set<number | undefined>();
    for (const path of ['/1', '/2', '/3']) {
      const sent = httpsGet({ ...options, path, servername: 'localhost' });
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      ports.add(response.socket.localPort);
      expect((await read(response)).body).toBe(`the app, https ${path}`);
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });

  it('changes the protocol over TLS, with what was sent too early', async () => {
    useIdentity();
    server.on('upgrade', (_request, socket, head) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
      socket.write(`echo ${head.toString()}`);
      socket.on('data', (bytes: Buffer) => socket.write(`echo ${bytes.toString()}`));
    });
    const { cert: ca } = TEST_CERTIFICATE;
    const host = homeAddress ?? '127.0.0.1';
    const client = tlsConnect({ host, port, ca, servername: 'localhost' });
    sockets.push(client);
    let text = '';
    client.on('data', (bytes: Buffer) => (text += bytes.toString()));
    client.write('GET /w HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly');
    await expect.poll(() => text).toContain('echo early');
    client.write('later');
    await expect.poll(() => text).toContain('echo later');
    // A live view of another machine ends when the box is closed to it.
    if (homeAddress === undefined) return;
    const closed = once(client, 'close');
    door.dismissOthers();
    await closed;
  });
});

describe('who says nothing', () => {
  it('is hung up on after 10 s, before the first byte and during the handshake', async () => {
    useIdentity();
    const silent = await dial();
    const halfway = await dial();
    halfway.write((await clientHello()).subarray(0, 40));
    await opening(2);
    const both = [ended(silent), ended(halfway)];
    await clock.advance(9_999);
    expect([silent.destroyed, halfway.destroyed]).toEqual([false, false]);
    await clock.advance(1);
    await Promise.all(both);
    expect(clock.pendingTimers).toBe(0);
  });

  it('who hangs up first leaves nothing behind', async () => {
    const [first, second] = [await dial(), await dial()];
    await opening(2);
    first.end();
    second.destroy();
    await opening(0);
  });

  it('does not keep others out: one address has room for 24', async () => {
    useIdentity();
    for (let count = 0; count < 24; count += 1) await dial();
    await opening(24);
    const refused = await dial();
    await ended(refused);
    expect(door.refused).toBe(1);
    expect((await secure('/', '::1')).status).toBe(200);
    await ended(await dial());
    expect(door.refused).toBe(2);
    // A flood is a line a minute.
    expect(logged.filter((line) => line.includes('say nothing'))).toHaveLength(1);
  });

  it('closing the door ends them', async () => {
    const socket = await dial();
    await opening(1);
    door.close();
    await ended(socket);
    await opening(0);
  });
});

describe.skipIf(homeAddress === undefined)('over an address of the home network', () => {
  const host = homeAddress ?? '';

  it('HTTPS reaches the app', async () => {
    useIdentity();
    expect((await secure('/x', host)).body).toBe('the app, https /x');
  });

  it('plain HTTP gives the authority, and the way to HTTPS', async () => {
    useIdentity();
    const file = await plain('/ca.crt', { host });
    expect(file).toMatchObject({ status: 200, body: AUTHORITY.pem });
    expect(file.headers).toMatchObject({
      'content-type': 'application/x-x509-ca-cert',
      'content-disposition': 'inline; filename="doorkeep-porch.crt"',
      ...{ 'cache-control': 'no-store', connection: 'close' },
    });
    const there = await plain('/cameras?x=1', { host });
    expect(there).toMatchObject({ status: 308, body: '' });
    expect(there.headers).toMatchObject({ location: 'https://porch.local/cameras?x=1' });
    expect(there.headers['set-cookie']).toBeUndefined();
    await opening(0);
  });

  it.each([
    ['a foreign name', '/', { as: 'evil.example' }],
    ['the authority under a foreign name', '/ca.crt', { as: 'evil.example' }],
    ['a change', '/api/session', { method: 'POST' }],
    ['an absolute address', 'http://porch.local/', {}],
  ])('plain HTTP gives nothing for %s', async (_what, path, options) => {
    expect(await plain(path, { host, ...options })).toMatchObject({ status: 404, body: '' });
  });

  it('plain HTTP tells who came by which host before it answers, and nothing of refused ones', async () => {
    useIdentity();
    let learned = (): void => undefined;
    learning = new Promise((resolve) => (learned = resolve));
    let isAnswered = false;
    const answer = plain('/', { host, as: '192.168.7.7:8080' }).then((seen) => {
      isAnswered = true;
      return seen;
    });
    await expect.poll(() => came).toEqual(['192.168.7.7:8080']);
    expect(isAnswered).toBe(false);
    learned();
    expect((await answer).headers['location']).toBe('https://192.168.7.7:8080/');
    await plain('/ca.crt', { host, as: '10.1.2.3' });
    expect(came).toEqual(['192.168.7.7:8080', '10.1.2.3']);
    for (const as of ['evil.example', '93.184.216.34', '169.254.169.254']) {
      expect((await plain('/', { host, as })).status).toBe(404);
    }
    await plain('/api/session', { host, as: '10.1.2.4', method: 'POST' });
    expect(came).toHaveLength(2);
  });

  it('plain HTTP gives nothing to an upgrade, a proxy request and bytes that are none', async () => {
    for (const text of [
      'GET /api/x HTTP/1.1\r\nHost: porch.local\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'CONNECT porch.local:443 HTTP/1.1\r\nHost: porch.local\r\n\r\n',
      'what?\r\n\r\n',
    ]) {
      const socket = await dial(host);
      const answer = ended(socket);
      socket.write(text);
      expect(await answer).not.toContain('the app');
    }
  });

  it('a header that never ends is hung up on', async () => {
    const socket = await dial(host);
    socket.write('GET / HTTP/1.1\r\nHost: porch');
    await opening(1);
    const answer = ended(socket);
    await clock.advance(10_000);
    expect(await answer).toBe('');
  });

  it('a handshake is hung up on while there is no certificate', async () => {
    const socket = await dial(host);
    const answer = ended(socket);
    socket.write(await Promise.resolve(Buffer.from([0x16, 3, 1])));
    expect(await answer).toBe('');
  });

  it('without an authority of our own there is nothing to trust', async () => {
    authority = undefined;
    expect(await plain('/ca.crt', { host })).toMatchObject({ status: 404 });
  });

  it('who is dismissed gets the answer that is under way, and nothing more', async () => {
    useIdentity();
    const { cert: ca } = TEST_CERTIFICATE;
    const idle = tlsConnect({ host, port, ca, servername: 'localhost' });
    sockets.push(idle);
    await once(idle, 'secureConnect');
    let release = (): void => undefined;
    held = new Promise((resolve) => (release = resolve));
    const reached = once(server, 'request');
    const answer = secure('/last', host);
    await reached;
    const local = await dial();
    door.dismissOthers();
    await once(idle, 'close');
    release();
    expect((await answer).body).toBe('the app, https /last');
    expect(local.destroyed).toBe(false);
  });
});

/** The first message of a real handshake. */
async function clientHello(): Promise<Buffer> {
  const trap = (await import('node:net')).createServer();
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
  const client = tlsConnect({ port: (trap.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  const [caught] = (await once(trap, 'connection')) as [Socket];
  const [hello] = (await once(caught, 'data')) as [Buffer];
  caught.destroy();
  client.destroy();
  trap.close();
  return hello;
}
