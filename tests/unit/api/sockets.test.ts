import { request as httpsRequest } from 'node:https';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportFile } from '../../../server/api/services.ts';
import type { Problem } from '../../../server/contract/problem.ts';
import { lines, rawHttp } from '../../doubles/raw-http.ts';
import { OWNER, TestApi } from '../../doubles/test-api.ts';
import { TEST_CERTIFICATE } from '../../fixtures/test-certificate.ts';

let box: TestApi;
let port = 0;

async function listen(): Promise<void> {
  await box.api.listen({ host: '127.0.0.1', port: 0 });
  port = (box.api.server.address() as AddressInfo).port;
}

describe('over plain HTTP', () => {
  beforeEach(async () => {
    box = await TestApi.start();
    await box.setUp();
    await listen();
  });
  afterEach(() => box.close());

  const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x'];
  const own = (): string => `http://127.0.0.1:${String(port)}`;

  function upgradeWith(...fields: string[]): Promise<{ status: number }> {
    const request = [
      'GET /api/session HTTP/1.1',
      `Host: 127.0.0.1:${String(port)}`,
      `Cookie: ${box.cookie}`,
      'Connection: Upgrade',
      ...upgrade,
      ...fields,
    ];
    // A server that ignores Upgrade keeps the connection; half-closing ends it after the answer.
    return rawHttp(port, [...request, '', ''].join('\r\n'));
  }

  it.each(['http://evil.example', 'http://127.0.0.1:1', 'https://127.0.0.1', 'null'])(
    'refuses an upgrade from a page of %s',
    async (origin) => {
      expect((await upgradeWith(`Origin: ${origin}`)).status).toBe(403);
    },
  );

  it('refuses an upgrade that a browser calls foreign, whatever its Origin', async () => {
    const answer = await upgradeWith(`Origin: ${own()}`, 'Sec-Fetch-Site: cross-site');
    expect(answer.status).toBe(403);
  });

  it('lets an upgrade from our own page reach its route', async () => {
    expect((await upgradeWith(`Origin: ${own()}`)).status).toBe(200);
    expect((await upgradeWith()).status).toBe(200);
  });

  it.each([
    ['a foreign Host', ['Host: evil.example'], 403],
    ['no Host', [], 400],
    ['an empty Host', ['Host:'], 403],
    ['two Hosts', ['Host: evil.example', 'Host: localhost'], 403],
    ['a forwarded Host', ['Host: evil.example', 'X-Forwarded-Host: localhost'], 403],
  ])('refuses %s', async (_what, fields, status) => {
    const answer = await rawHttp(port, lines('GET /api/health HTTP/1.1', ...fields));
    expect(answer.status).toBe(status);
  });

  it.each([
    ['HTTP/1.0 without Host', 'GET /api/health HTTP/1.0', []],
    ['an absolute address', 'GET http://evil.example/api/cameras HTTP/1.1', ['Host: evil.example']],
    ['a proxy request', 'CONNECT evil.example:443 HTTP/1.1', ['Host: evil.example']],
    ['an asterisk', 'OPTIONS * HTTP/1.1', ['Host: localhost']],
    ['an unusual method', 'PROPFIND /api/cameras HTTP/1.1', ['Host: localhost']],
    ['an unknown method', 'BREW /api/health HTTP/1.1', ['Host: localhost']],
    ['TRACE', 'TRACE /api/health HTTP/1.1', ['Host: localhost']],
  ])('gives nothing for %s', async (_what, first, fields) => {
    const answer = await rawHttp(port, lines(first, ...fields));
    // 0: the connection was closed without a word, as node does for CONNECT.
    expect(answer.status === 0 || (answer.status >= 400 && answer.status < 500)).toBe(true);
  });

  it('answers bytes that are not HTTP, and headers without end, with a problem', async () => {
    const garbage = await rawHttp(port, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
    expect(garbage.status).toBe(400);
    expect(garbage.head).toContain('application/problem+json');
    expect((JSON.parse(garbage.body) as Problem).status).toBe(400);
    const huge = await rawHttp(
      port,
      lines('GET /api/health HTTP/1.1', 'Host: localhost', `X: ${'x'.repeat(20_000)}`),
    );
    expect(huge.status).toBe(431);
    expect(huge.head).toContain('no-store');
  });

  const PIECES = ['%2F', '%5C', '\\', '%00', '..', '%2e', ';', '%', '%zz', '%E0%A4%A', '//', '@'];
  const WIDE = ['%F0%9F%98%80', '%C3%A9', '%EF%BC%8F', '%E2%80%AE', 'a'.repeat(300), '*', '#', '?'];
  const PLACES = ['/api/cameras/X', '/api/X', '/X', '/api/exports/X/file', 'X', '/api/cameras?X=X'];
  it('never answers an odd address with a 5xx, and opens nothing by it', async () => {
    // A seed, so that a failure can be seen again; a linear congruential generator is enough.
    let state = 20_261_122;
    const pick = (list: readonly string[]): string => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return list[Math.floor((state / 2 ** 31) * list.length)] ?? '';
    };
    const all = [...PIECES, ...WIDE];
    for (let round = 0; round < 300; round += 1) {
      const part = Array.from({ length: 1 + (round % 5) }, () => pick(all)).join('');
      const path = pick(PLACES).replaceAll('X', part);
      const method = pick(['GET', 'POST', 'DELETE', 'PATCH']);
      const answer = await rawHttp(port, lines(`${method} ${path} HTTP/1.1`, 'Host: localhost'));
      expect([400, 401, 404, 405, 414], `${method} ${path}`).toContain(answer.status);
      expect(answer.head).toContain('application/problem+json');
    }
  });

  it('stops work with a camera when the client goes away', async () => {
    box.cameras.hangs = true;
    const body = JSON.stringify({ source: { type: 'rtsp', url: 'rtsp://10.0.0.9/' } });
    const sent = httpRequest({
      port,
      method: 'POST',
      path: '/api/cameras/test',
      headers: { host: 'localhost', cookie: box.cookie, 'content-type': 'application/json' },
    });
    sent.on('error', () => undefined);
    sent.end(body);
    // The limit, and that somebody is shown as looking at what comes.
    await expect.poll(() => box.clock.pendingTimers).toBe(2);
    sent.destroy();
    // Both are gone as soon as the work has ended.
    await expect.poll(() => box.clock.advance(0).then(() => box.clock.pendingTimers)).toBe(0);
  });

  it('closes the file when a download is broken off', async () => {
    const created = await box.asOwner({
      method: 'POST',
      url: '/api/exports',
      payload: {
        camera: '0123456789abcdef',
        from: '2026-01-01T00:00:00Z',
        to: '2026-01-01T01:00:00Z',
        password: OWNER.password,
      },
    });
    const { id } = created.json<{ id: string }>();
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
    const file: ExportFile = {
      sizeBytes: 2 ** 40,
      fileName: 'x.mp4',
      open: () => Promise.resolve(endless),
    };
    box.exports.file = () => Promise.resolve(file);
    const response = await new Promise<IncomingMessage>((resolve) => {
      const headers = { host: 'localhost', cookie: box.cookie };
      httpRequest({ port, path: `/api/exports/${id}/file`, headers }, resolve).end();
    });
    expect(response.headers['content-length']).toBe(String(2 ** 40));
    response.destroy();
    await expect.poll(() => endless.destroyed).toBe(true);
  });

  it('closes promptly with connections open', async () => {
    const held = rawHttp(port, 'GET /api/health HTTP/1.1\r\nHost: localh');
    await box.api.close();
    await held.catch(() => undefined);
    expect(box.api.server.listening).toBe(false);
  });
});

describe('over HTTPS', () => {
  beforeEach(async () => {
    box = await TestApi.start({ tls: TEST_CERTIFICATE });
    await listen();
  });
  afterEach(() => box.close());

  function send(
    path: string,
    options: { method?: string; headers?: Record<string, string> } = {},
    body = '',
  ): Promise<{ status: number | undefined; headers: IncomingMessage['headers'] }> {
    return new Promise((resolve, reject) => {
      const headers = { host: `localhost:${String(port)}`, ...options.headers };
      const sent = httpsRequest(
        { port, path, ca: TEST_CERTIFICATE.cert, agent: false, ...options, headers },
        (response) => {
          response.resume();
          response.on('end', () => {
            resolve({ status: response.statusCode, headers: response.headers });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  it('sets a __Host- cookie but no HSTS, and takes no cookie of plain HTTP', async () => {
    const json = {
      'content-type': 'application/json',
      origin: `https://localhost:${String(port)}`,
    };
    const post = { method: 'POST', headers: json };
    const setup = { setupToken: box.base.setupToken, ...OWNER };
    expect((await send('/api/setup', post, JSON.stringify(setup))).status).toBe(201);
    const { status, headers } = await send('/api/session', post, JSON.stringify(OWNER));
    expect(status).toBe(200);
    expect(headers['strict-transport-security']).toBeUndefined();
    const cookie = headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(
      /^__Host-doorkeep=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const value = cookie.split(/[=;]/)[1] ?? '';
    const signedIn = async (name: string): Promise<number | undefined> =>
      (await send('/api/session', { headers: { cookie: `${name}=${value}` } })).status;
    expect(await signedIn('__Host-doorkeep')).toBe(200);
    expect(await signedIn('doorkeep')).toBe(401);
  });

  it('knows its own origin by the scheme, too', async () => {
    const headers = { origin: `http://localhost:${String(port)}` };
    expect((await send('/api/session', { method: 'POST', headers })).status).toBe(403);
  });
});
