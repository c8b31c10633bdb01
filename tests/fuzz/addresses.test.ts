/**
 * Addresses that try to get out: %2F, backslashes, NUL, absolute paths, dots in every spelling, long
 * Unicode, names that every object has. As bytes over a connection, because no client would send them.
 * No answer is a 5xx, none has anything of the disk in it. 2,000 cases; FUZZ_ROUNDS=100000 by hand.
 */
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestApi } from '../doubles/test-api.ts';
import { addTwoCameras, PORCH } from '../fixtures/household-people.ts';
import { randomFrom } from '../fixtures/random-from.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 2_000);

vi.setConfig({ testTimeout: 60_000 + ROUNDS * 20, hookTimeout: 60_000 });

const PLACES = [
  ...['/', '/assets/', '/api/', '/api/cameras/', '/api/playback/', '/api/exports/', '/camera/'],
  ...['/api/doorstep/', '/api/backups/', '/api/people/', '/api/tokens/', '/api/invitations/'],
  ...['/api/protected/', '/api/keys/phones/', '/api/storage/keep/', '/ca.crt/', '//', '/api//'],
];

const PIECES = [
  ...['..', '.', '...', '%2e%2e', '%2E.', '%252e%252e', '..%00', '%c0%ae%c0%ae', '..;', '~'],
  ...[
    'etc/passwd',
    'keys/metrics-token',
    'setup-token',
    'doorkeep.db',
    'C:\\Windows',
    '\\\\host\\x',
  ],
  ...['%00', '\u0000', '%0d%0aX: y', '%7f', '%ff%fe', '%', '%2', '%zz', '%u002e', '\u202e', 'é'],
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '[object Object]'],
  ...[PORCH, '0'.repeat(32), '7/3.mp4', 'x.m3u8', 'file', 'snapshot', 'live', '-1', '1e9', 'NaN'],
  ...['A'.repeat(99), 'A'.repeat(101), '\u{1f6aa}'.repeat(60), '%f0%9f%9a%aa'.repeat(40)],
];

const JOINTS = ['/', '%2F', '%2f', '\\', '%5C', '//', '/./', ';', '?', '?x=', '#', '&', ''];

const METHODS = ['GET', 'GET', 'GET', 'DELETE', 'PATCH', 'POST', 'PUT', 'HEAD', 'OPTIONS'];

/** What lies on the disk and must be in no answer. */
let secrets: string[];
let box: TestApi;
let port: number;

beforeAll(async () => {
  box = await TestApi.start();
  await box.setUp();
  addTwoCameras(box);
  secrets = [box.base.metricsToken, box.base.folder, 'root:x:0', 'SQLite format 3'];
  await box.api.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = box.api.server.address() as AddressInfo);
});
afterAll(() => box.close());

const random = randomFrom(SEED);
const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;

function address(): string {
  let text = pick(PLACES);
  const pieces = 1 + random(5);
  for (let piece = 0; piece < pieces; piece += 1) text += pick(PIECES) + pick(JOINTS);
  // An absolute form now and then (RFC 9112 3.2.2).
  return random(50) === 0 ? `http://localhost${text}` : text;
}

/** Sends one request and reads its answer to the end; the connection is closed by it. */
function answerTo(request: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket: Socket = connect(port, '127.0.0.1', () => socket.end(request));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
  });
}

it('no address gets out, and none breaks anything', async () => {
  const statuses = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const method = pick(METHODS);
    const cookie = random(2) === 0 ? `Cookie: ${box.cookie}\r\n` : '';
    const fields = `Host: localhost\r\n${cookie}Connection: close\r\nContent-Length: 0\r\n`;
    const line = `${method} ${address()} HTTP/1.1`;
    const answer = await answerTo(`${line}\r\n${fields}\r\n`);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const where = `round ${String(round)}: ${JSON.stringify(line)}`;
    expect(status, where).toBeLessThan(500);
    for (const secret of secrets) expect(answer, where).not.toContain(secret);
    // What was sent stands in no answer: nothing to reflect (GHSA-w4hv-vmv9-hgcr).
    if (status !== 200) expect(answer, where).not.toMatch(/<script|passwd|X: y/i);
  }
  // They came through to the routes, and not only to the parser.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([400, 404]));
});
