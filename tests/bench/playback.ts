/**
 * Playback from the disk: seeks in headless Chromium with the real player and server, among seven
 * days of index rows; what the server does for them; what `GET /api/storage` costs over a million.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { SystemClock } from '../../server/base/clock.ts';
import { silentLog } from '../../server/base/log.ts';
import { epochMs } from '../../server/base/time.ts';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { PlaybackService } from '../../server/playback/playback-service.ts';
import type { Database } from '../../server/storage/database.ts';
import { FootageUse } from '../../server/storage/footage-use.ts';
import { encodePartTable } from '../../server/storage/part-table.ts';
import { insertRun } from '../../server/storage/runs.ts';
import { StorageReport } from '../../server/storage/storage-report.ts';
import { DoorkeepServer } from '../doubles/doorkeep-server.ts';
import { startBrowser } from '../fixtures/browser.ts';
import { CLIPS, type ClipSpec, makeClip } from '../fixtures/clips.ts';
import { mediaOf } from '../fixtures/fmp4-clips.ts';
import { recordClip } from '../fixtures/recorded-clip.ts';
import { CAMERA_ID, openTestStorage } from '../fixtures/test-storage.ts';
import type { PlaybackPage, Seen } from './playback-page.ts';

/** 1080p15 at 3 Mbit/s with sound, each frame numbered. */
const clip: ClipSpec = { ...CLIPS.camera, picture: 'numbered', sound: 'aac' };
/** Five minutes of it lie on the disk; around them the index goes on for days without files. */
const LAPS = 10;
const LAP_MS = clip.seconds * 1_000;
/** Clips as ffmpeg hands them over begin at one second. */
const CLIP_BEGINS_MS = 1_000;

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const DAYS = 7;
const DAYS_OF_MILLION = 1_000_000 / 1_440;
const SEEKS = 40;
const OPENINGS = 10;
const BUILDS = 10;
/** A prime, so that the moments looked for have no order. */
const STEP = 17;

const BUDGETS = { seekP95Ms: 300, serverP95Ms: 30 };

const clock = new SystemClock();

/** What the command prints. */
export async function run(): Promise<object> {
  const seen = await seeks();
  const index = await million();
  const held = seen.seek.p95Ms <= BUDGETS.seekP95Ms && seen.server.p95Ms <= BUDGETS.serverP95Ms;
  return { bench: 'playback', ...seen, ...index, budgets: BUDGETS, held: held && seen.wrong === 0 };
}

/** From a moment to its picture, in a page that has nothing but the player. */
async function seeks() {
  const startMs = Math.floor(clock.wallMs() / DAY_MS) * DAY_MS - DAY_MS;
  const dataPath = await recordDays(startMs);
  const folder = await mkdtemp(join(tmpdir(), 'doorkeep-bench-'));
  const browser = await startBrowser();
  try {
    const server = await DoorkeepServer.start({ dataPath });
    await server.setUp();
    try {
      const page = await (await browser.newContext()).newPage();
      await openPage(page, server, folder);
      const moments = Array.from(
        { length: SEEKS },
        (_, n) => startMs + (((n * STEP) % SEEKS) / SEEKS) * LAPS * LAP_MS + n * 7,
      );
      const openings: number[] = [];
      const within: number[] = [];
      let wrong = 0;
      for (const [n, atMs] of moments.entries()) {
        const isOpening = n % (SEEKS / OPENINGS) === 0;
        if (isOpening) await page.evaluate(openPlayer, CAMERA_ID);
        const { tookMs, number } = await page.evaluate(seekTo, Math.round(atMs));
        (isOpening ? openings : within).push(tookMs);
        if (number !== frameAt(Math.round(atMs) - startMs)) wrong += 1;
      }
      return {
        seek: percentiles([...within, ...openings]),
        ...{ within: percentiles(within), opening: percentiles(openings), wrong },
        server: await serverPart(server, startMs),
      };
    } finally {
      await server.dispose();
    }
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
}

/** A data folder with a week of rows, of which some minutes have files. */
async function recordDays(startMs: number): Promise<string> {
  const storage = await openTestStorage();
  const { db, folder } = storage;
  const place = { tls: false, host: '127.0.0.1', address: '127.0.0.1', port: 9, path: '/' };
  const source = JSON.stringify({ type: 'rtsp', main: place, authentication: 'unknown' });
  db.run('UPDATE camera SET source_json = :source, enabled = 0', { source });
  const media = await mediaOf(await makeClip(clip));
  const codecs = `${media.video.codecString},${media.audio?.codecString ?? ''}`;
  const endMs = startMs + LAPS * LAP_MS;
  insertRows(db, { codecs, fromMs: startMs - (DAYS - 1) * DAY_MS, toMs: startMs });
  await recordClip(storage, clock, { media, times: LAPS, anchorMs: startMs - CLIP_BEGINS_MS });
  insertRows(db, { codecs, fromMs: endMs, toMs: endMs + DAY_MS });
  db.close();
  folder.release();
  return folder.path;
}

/** A run of closed segments of a minute, each with 30 parts, of which no file exists. */
function insertRows(db: Database, span: { codecs: string; fromMs: number; toMs: number }): void {
  const { codecs, fromMs } = span;
  const anchorMs = epochMs(fromMs);
  const runId = insertRun(db, {
    ...{ cameraId: CAMERA_ID, anchorMs, codecs, width: clip.width, height: clip.height },
  });
  const partBytes = (clip.bitrateKbps * 1_000 * 2) / 8;
  const parts = Array.from({ length: 30 }, (_, index) => ({
    ...{ offsetBytes: 1_160 + index * partBytes, sizeBytes: partBytes },
    ...{ startMs: index * 2_000, durationMs: 2_000, key: true },
  }));
  db.run(
    `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
     INSERT INTO segment
       (camera_id, run_id, sequence, start_ms, duration_ms, size_bytes, parts, state)
     SELECT :cameraId, :runId, i, :fromMs + i * 60000, 60000, :sizeBytes, :parts, 'closed' FROM n`,
    {
      ...{ rows: Math.floor((span.toMs - fromMs) / MINUTE_MS), cameraId: CAMERA_ID, runId, fromMs },
      ...{ sizeBytes: 1_160 + 30 * partBytes, parts: encodePartTable(parts) },
    },
  );
}

/** The player alone, from the server's own origin. */
async function openPage(page: Page, server: DoorkeepServer, folder: string): Promise<void> {
  await build({
    ...{ configFile: false, logLevel: 'silent', root: PACKAGE_ROOT },
    build: {
      ...{ outDir: folder, emptyOutDir: true, modulePreload: false },
      rolldownOptions: {
        input: join(PACKAGE_ROOT, 'tests', 'bench', 'playback-page.ts'),
        output: { entryFileNames: 'page.js', chunkFileNames: '[name].js' },
      },
    },
  });
  const at = `${server.baseUrl}/bench/`;
  await page.route(`${at}**`, async (route) => {
    const name = route.request().url().slice(at.length);
    if (name === '') {
      const body = '<!doctype html><video muted></video><script type=module src=page.js></script>';
      await route.fulfill({ contentType: 'text/html', body });
      return;
    }
    const body = await readFile(join(folder, name));
    await route.fulfill({ contentType: 'text/javascript', body });
  });
  const [name = '', value = ''] = (server.cookie ?? '').split(/=(.*)/s);
  await page.context().addCookies([{ name, value, url: server.baseUrl }]);
  await page.goto(at);
  await page.waitForFunction(() => 'doorkeepSeek' in window);
}

function openPlayer(cameraId: string): void {
  (window as unknown as PlaybackPage).doorkeepOpen?.(cameraId);
}

function seekTo(atMs: number): Promise<Seen> {
  const seek = (window as unknown as PlaybackPage).doorkeepSeek;
  return seek === undefined ? Promise.reject(new Error('no player')) : seek(atMs);
}

function frameAt(offsetMs: number): number {
  return Math.floor(((offsetMs % LAP_MS) * clip.fps) / 1_000 + 1e-6);
}

/** What the server does for a seek beyond the window: the playlist, then the first entry. */
async function serverPart(server: DoorkeepServer, startMs: number) {
  const [from, to] = [startMs - 30 * MINUTE_MS, startMs + 90 * MINUTE_MS].map((ms) =>
    new Date(ms).toISOString(),
  );
  const path = `/api/playback/${CAMERA_ID}.m3u8?from=${from ?? ''}&to=${to ?? ''}`;
  const media = `/api/playback/${CAMERA_ID}/2/1.mp4`;
  const tookMs: number[] = [];
  for (let n = 0; n < SEEKS; n += 1) {
    const beganMs = clock.monotonicMs();
    await (await server.fetch('GET', path)).text();
    const range = { range: 'bytes=1160-751159' };
    await (await server.fetch('GET', media, undefined, range)).arrayBuffer();
    tookMs.push(clock.monotonicMs() - beganMs);
  }
  return percentiles(tookMs);
}

/** The longest playlist, and the counting, among a million rows. */
async function million() {
  const storage = await openTestStorage();
  try {
    const { db, footage, folder } = storage;
    const fromMs = Date.UTC(2025, 0, 1);
    const toMs = fromMs + DAYS_OF_MILLION * DAY_MS;
    insertRows(db, { codecs: 'avc1.640028', fromMs, toMs });
    const playback = new PlaybackService({ db, footage, log: silentLog });
    const dayMs: number[] = [];
    let text = '';
    for (let n = 0; n < BUILDS; n += 1) {
      const dayFromMs = epochMs(fromMs + (n * STEP + 1) * DAY_MS);
      const beganMs = clock.monotonicMs();
      text = playback.playlist(CAMERA_ID, dayFromMs, epochMs(dayFromMs + DAY_MS));
      dayMs.push(clock.monotonicMs() - beganMs);
    }
    const use = new FootageUse(db);
    const { footagePath } = folder;
    const report = new StorageReport({ db, use, clock, footagePath, isFull: () => false });
    const useMs: number[] = [];
    for (let n = 0; n < 2; n += 1) {
      const beganMs = clock.monotonicMs();
      await report.use();
      useMs.push(clock.monotonicMs() - beganMs);
    }
    const daysBeganMs = clock.monotonicMs();
    await report.days('Europe/Berlin', 30);
    const daysMs = clock.monotonicMs() - daysBeganMs;
    const previewBeganMs = clock.monotonicMs();
    await report.preview(CAMERA_ID, { days: 1, bytes: null });
    const previewMs = clock.monotonicMs() - previewBeganMs;
    const [firstMs, nextMs] = useMs;
    const entries = text.split('#EXTINF').length - 1;
    return {
      dayPlaylist: { entries, bytes: text.length, ...percentiles(dayMs) },
      storageUse: { rows: 1_000_000, firstMs, nextMs, daysMs, previewMs },
    };
  } finally {
    storage.remove();
  }
}

function percentiles(values: readonly number[]): { p50Ms: number; p95Ms: number; maxMs: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => {
    const index = Math.min(Math.ceil(sorted.length * part) - 1, sorted.length - 1);
    return Math.round((sorted[Math.max(index, 0)] ?? NaN) * 10) / 10;
  };
  return { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
}
