/**
 * A wall screen stays open for a day, in moved time, with the real server and its key process: it
 * neither unlocks nor keeps anything unlocked.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type App } from '../../server/app.ts';
import { silentLog } from '../../server/base/log.ts';
import type { AuditPage } from '../../server/contract/audit.ts';
import { UNLOCK_IDLE_MS } from '../../server/keys/unlocks.ts';
import { OWNER, until } from '../doubles/doorkeep-server.ts';
import { TestClock } from '../doubles/test-clock.ts';
import { childrenOf } from '../fixtures/process-table.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Asked of the past; what it answers while it is open is for others to test. */
const PAST =
  '/api/playback/00000000000000c1.m3u8?from=2026-01-01T12:00:00Z&to=2026-01-01T13:00:00Z';

describe.skipIf(process.platform !== 'linux')('a wall screen', () => {
  let dataPath: string;
  let app: App;
  let clock: TestClock;

  beforeAll(async () => {
    dataPath = await mkdtemp(join(tmpdir(), 'doorkeep-screen-'));
    clock = new TestClock();
    app = await startApp({
      config: { dataPath, host: '127.0.0.1', port: 0, ffmpegPath: 'no-ffmpeg', version: '0.0.0' },
      ...{ clock, log: silentLog, print: () => undefined, onRestored: () => undefined },
      onDefect: (error) => {
        throw error;
      },
    });
  });

  afterAll(async () => {
    await app.stop();
    await rm(dataPath, { recursive: true });
  });

  async function ask(
    method: string,
    path: string,
    { cookie = '', body }: { cookie?: string; body?: object } = {},
  ): Promise<Response> {
    const headers = { cookie, ...(body && { 'content-type': 'application/json' }) };
    return fetch(app.address + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  async function signIn(): Promise<string> {
    const answer = await ask('POST', '/api/session', { body: OWNER });
    expect(await answer.json()).toMatchObject({ locked: false });
    return answer.headers.getSetCookie()[0]!.split(';')[0]!;
  }

  async function isLocked(cookie: string): Promise<boolean> {
    return ((await (await ask('GET', '/api/session', { cookie })).json()) as { locked: boolean })
      .locked;
  }

  /** Whose past locked by itself, as the record says. */
  async function leftOpen(cookie: string): Promise<string[]> {
    const answer = await ask('GET', '/api/audit?kind=unlock-ended', { cookie });
    return ((await answer.json()) as AuditPage).entries.map(({ who }) => who);
  }

  const keyProcesses = (): number =>
    childrenOf(process.pid).filter(({ argv }) =>
      argv.some((word) => word.endsWith('key-worker.js')),
    ).length;

  it('open for a day leaves the box locked', async () => {
    const setupToken = (await readFile(join(dataPath, 'setup-token'), 'utf8')).trim();
    await ask('POST', '/api/setup', { body: { setupToken, ...OWNER } });
    const [screen, person] = [await signIn(), await signIn()];
    expect((await ask('POST', '/api/session/live-only', { cookie: screen, body: {} })).status).toBe(
      204,
    );
    // What it had open itself is locked at once; the person's is not.
    expect(await isLocked(screen)).toBe(true);
    expect(await isLocked(person)).toBe(false);
    expect((await ask('GET', PAST, { cookie: person })).status).toBe(404);

    for (let minute = 1; minute <= DAY_MINUTES; minute += 1) {
      await clock.advance(MINUTE_MS);
      expect((await ask('GET', '/api/cameras', { cookie: screen })).status).toBe(200);
      if (minute === UNLOCK_IDLE_MS / MINUTE_MS - 1) {
        expect([await isLocked(person), keyProcesses()]).toEqual([false, 1]);
      }
      if (minute === UNLOCK_IDLE_MS / MINUTE_MS) {
        expect(await isLocked(person)).toBe(true);
        await until(() => keyProcesses() === 0, { withinMs: 5_000, what: 'no key process' });
        expect(await leftOpen(person)).toEqual([OWNER.username]);
      }
    }
    expect(keyProcesses()).toBe(0);
    expect(await (await ask('GET', '/api/session', { cookie: screen })).json()).toEqual({
      ...{ user: OWNER.username, role: 'owner', mayExport: true, locked: true, liveOnly: true },
    });
  });

  it('is refused everything but live, and the password opens nothing on it', async () => {
    const screen = await signIn();
    await ask('POST', '/api/session/live-only', { cookie: screen, body: {} });
    const refused = [
      ['GET', PAST],
      ['GET', '/api/exports'],
      ['GET', '/api/settings'],
      ['GET', '/api/keys'],
      [
        'GET',
        '/api/recordings?camera=0123456789abcdef&from=2026-01-01T12:00:00Z&to=2026-01-01T13:00:00Z',
      ],
      ['POST', '/api/unlock', { password: OWNER.password }],
      ['POST', '/api/unlock', { password: OWNER.password, keepAs: 'screen' }],
      ['POST', '/api/keys', { password: OWNER.password }],
      ['DELETE', '/api/cameras/0123456789abcdef'],
    ] as const;
    for (const [method, path, body] of refused) {
      const answer = await ask(method, path, { cookie: screen, ...(body && { body }) });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(await answer.json()).toMatchObject({ reason: 'live-only' });
    }
    expect(await isLocked(screen)).toBe(true);
    expect((await ask('POST', '/api/lock', { cookie: screen, body: {} })).status).toBe(204);
    expect((await ask('DELETE', '/api/session', { cookie: screen })).status).toBe(204);
  });
});
