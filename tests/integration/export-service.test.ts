/** Recorder, index, plan and copy together, on a real clip with sound. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../server/base/log.ts';
import { epochMs } from '../../server/base/time.ts';
import { ExportService, type ExportRequest } from '../../server/exports/export-service.ts';
import { removeCamera } from '../../server/storage/cameras.ts';
import { noteExportProgress, startNextExport } from '../../server/storage/export-jobs.ts';
import { FootageInUse } from '../../server/storage/footage-in-use.ts';
import { insertUser } from '../../server/storage/users.ts';
import { TestClock } from '../doubles/test-clock.ts';
import {
  ClipFolder,
  complaints,
  frameHashes,
  mediaOf,
  packetHashes,
  pictureAndTone,
} from '../fixtures/fmp4-clips.ts';
import type { RunMedia } from '../fixtures/fmp4-segments.ts';
import { recordClip } from '../fixtures/recorded-clip.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const CLIP_SECONDS = 8;

let clips: ClipFolder;
let clipPath: string;
let media: RunMedia;
let storage: TestStorage;
let clock: TestClock;
let userId: number;
let stop: AbortController;
let working: Promise<void> | undefined;

beforeAll(async () => {
  clips = await ClipFolder.create();
  clipPath = await clips.make(
    'clip.mp4',
    ...pictureAndTone(CLIP_SECONDS),
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-g', '30', '-bf', '2', '-c:a', 'aac'],
  );
  media = await mediaOf(clipPath);
});

afterAll(async () => {
  await clips.remove();
});

beforeEach(async () => {
  storage = await openTestStorage();
  clock = new TestClock(T0);
  stop = new AbortController();
  working = undefined;
  userId = insertUser(storage.db, {
    ...{ username: 'Ada', role: 'owner', passwordHash: 'x', createdMs: epochMs(1) },
  });
});

afterEach(async () => {
  stop.abort();
  await working;
  storage.remove();
});

function service(): ExportService {
  const { db, footage, folder, fileKeys } = storage;
  return new ExportService({
    ...{ db, footage, fileKeys, inUse: new FootageInUse(), exportsPath: folder.exportsPath },
    ...{ clock, log: silentLog },
  });
}

function start(exports: ExportService): void {
  working = exports.run(stop.signal);
}

const request = (fromMs: number, toMs: number): ExportRequest => ({
  userId,
  camera: CAMERA_ID,
  fromMs: epochMs(T0 + fromMs),
  toMs: epochMs(T0 + toMs),
});

async function finished(exports: ExportService, id: string) {
  for (;;) {
    const job = exports.get(id, userId);
    if (job.state !== 'queued' && job.state !== 'running') return job;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

function filePath(id: string): string {
  return join(storage.folder.exportsPath, `${id}.age`);
}

/** The export as its owner gets it, in a file of its own. */
async function opened(exports: ExportService, id: string): Promise<string> {
  const file = await exports.file(id, userId);
  const path = join(storage.folder.path, `${id}.mp4`);
  writeFileSync(path, await buffer(await file.open(undefined)));
  return path;
}

describe('an export', () => {
  it('has every frame of the camera, in order, with its sound', async () => {
    await recordClip(storage, clock, { media, times: 1, anchorMs: T0 });
    const exports = service();
    start(exports);
    const { id } = await exports.create(request(0, 60_000));
    const job = await finished(exports, id);
    expect(job.failure).toBeUndefined();
    expect(job).toMatchObject({ state: 'done', progress: 1 });
    expect(await complaints(await opened(exports, id))).toBe('');
    expect(await packetHashes(await opened(exports, id), 'v')).toEqual(
      await packetHashes(clipPath, 'v'),
    );
    const sound = await packetHashes(clipPath, 'a');
    const found = await packetHashes(await opened(exports, id), 'a');
    expect(found.length).toBeGreaterThan(sound.length - 3);
    expect(sound.join()).toContain(found.join());
    const file = await exports.file(id, userId);
    const whole = readFileSync(await opened(exports, id));
    expect(file.sizeBytes).toBe(whole.length);
    expect(job.sizeBytes).toBe(file.sizeBytes);
    const tail = await file.open({ first: file.sizeBytes - 4, last: file.sizeBytes - 1 });
    expect(await buffer(tail)).toEqual(whole.subarray(-4));
  });

  it('has the sound of its last picture, also where a busy box wrote that seconds later', async () => {
    const late = { soundBehindSeconds: 3.5 };
    await recordClip(storage, clock, { media, times: 1, anchorMs: T0, ...late });
    const exports = service();
    start(exports);
    const { id } = await exports.create(request(0, 5_000));
    expect(await finished(exports, id)).toMatchObject({ state: 'done' });
    const sound = await packetHashes(clipPath, 'a');
    const found = await packetHashes(await opened(exports, id), 'a');
    expect(sound.join()).toContain(found.join());
    // Media time begins at 1 s: 4 s in packets of 1,024 samples at 48 kHz.
    expect(found.length).toBeGreaterThan((4 * 48_000) / 1_024 - 3);
  });

  it('spans segments and runs, begins at a key frame and says what is missing', async () => {
    await recordClip(storage, clock, { media, times: 10, anchorMs: T0 });
    await recordClip(storage, clock, { media, times: 1, anchorMs: T0 + 100_000 });
    const exports = service();
    start(exports);
    const { id } = await exports.create(request(52_300, 105_000));
    const job = await finished(exports, id);
    expect(job.failure).toBeUndefined();
    expect(job.notes).toEqual([
      expect.stringMatching(/early/),
      expect.stringMatching(/missing in one place/),
    ]);
    expect(Date.parse(job.actualFrom!)).toBeGreaterThanOrEqual(T0 + 52_300 - 2_000);
    expect(Date.parse(job.actualFrom!)).toBeLessThanOrEqual(T0 + 52_300);
    expect(await complaints(await opened(exports, id))).toBe('');
    // ffmpeg's outputs begin at 1 s of media time: the range ends 4 s into the clip.
    const clip = await frameHashes(clipPath);
    const shown = await frameHashes(await opened(exports, id));
    expect(shown.slice(-30)).toEqual(clip.slice(30, 60));
  });

  it('begins anew after a restart, with another key, and leaves no half file', async () => {
    await recordClip(storage, clock, { media, times: 2, anchorMs: T0 });
    const exports = service();
    const { id } = await exports.create(request(0, 60_000));
    // As a killed server leaves it.
    writeFileSync(`${filePath(id)}.part`, Buffer.alloc(5_000_000, 1));
    startNextExport(storage.db);
    noteExportProgress(storage.db, id, 4_000_000);
    start(exports);
    expect(await finished(exports, id)).toMatchObject({ state: 'done', progress: 1 });
    expect(await complaints(await opened(exports, id))).toBe('');
    expect(readdirSync(storage.folder.exportsPath)).toEqual([`${id}.age`]);
  });

  it('lies sealed, waits while the box is locked, and goes on when somebody unlocks', async () => {
    await recordClip(storage, clock, { media, times: 1, anchorMs: T0 });
    storage.keys.isOpen = false;
    const exports = service();
    start(exports);
    const { id } = await exports.create(request(0, 60_000));
    while (storage.keys.refused === 0 || exports.get(id, userId).state !== 'queued') {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect(readdirSync(storage.folder.exportsPath)).toEqual([]);
    storage.keys.isOpen = true;
    exports.onUnlocked();
    expect(await finished(exports, id)).toMatchObject({ state: 'done' });
    expect(readFileSync(filePath(id)).includes('moov')).toBe(false);
    storage.keys.isOpen = false;
    const file = await exports.file(id, userId);
    await expect(file.open(undefined)).rejects.toMatchObject({ kind: 'locked' });
  });

  it('leaves out a segment whose file is gone, and says so', async () => {
    await recordClip(storage, clock, { media, times: 20, anchorMs: T0 });
    await storage.footage.delete({ cameraId: CAMERA_ID, runId: 1, sequence: 1 });
    const exports = service();
    start(exports);
    const { id } = await exports.create(request(0, 160_000));
    const job = await finished(exports, id);
    expect(job).toMatchObject({ state: 'done' });
    expect(job.notes.join()).toMatch(/missing in one place/);
    expect(await complaints(await opened(exports, id))).toBe('');
  });
});

describe('jobs', () => {
  it('refuse what cannot be exported, with a sentence', async () => {
    await recordClip(storage, clock, { media, times: 1, anchorMs: T0 });
    const exports = service();
    for (const [asked, reason] of [
      [request(10_000, 10_000), 'range-empty'],
      [request(0, 25 * 3_600_000), 'range-too-long'],
      [request(60_000, 90_000), 'nothing-recorded'],
    ] as const) {
      await expect(exports.create(asked)).rejects.toMatchObject({ kind: 'unprocessable', reason });
    }
    await expect(
      exports.create({ ...request(0, 1_000), camera: 'ffffffffffffffff' }),
    ).rejects.toMatchObject({ kind: 'not-found' });
    for (let i = 0; i < 20; i += 1) await exports.create(request(0, 1_000));
    await expect(exports.create(request(0, 1_000))).rejects.toMatchObject({ kind: 'exhausted' });
    expect(exports.list(userId)).toHaveLength(20);
  });

  it('are those of the person who asked', async () => {
    await recordClip(storage, clock, { media, times: 1, anchorMs: T0 });
    const exports = service();
    const { id } = await exports.create(request(0, 5_000));
    expect(() => exports.get(id, userId + 1)).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
    await expect(exports.remove(id, userId + 1)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(exports.file(id, userId + 1)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(exports.file(id, userId)).rejects.toMatchObject({ kind: 'conflict' });
    expect(exports.list(userId + 1)).toEqual([]);
  });

  it('are cancelled while they wait and while they run, and then forgotten', async () => {
    await recordClip(storage, clock, { media, times: 10, anchorMs: T0 });
    const exports = service();
    const running = await exports.create(request(0, 80_000));
    const waiting = await exports.create(request(0, 80_000));
    start(exports);
    await exports.remove(waiting.id, userId);
    await exports.remove(running.id, userId);
    for (const { id } of [running, waiting]) {
      expect(exports.get(id, userId)).toMatchObject({ state: 'cancelled' });
      expect(existsSync(filePath(id))).toBe(false);
      await exports.remove(id, userId);
      expect(() => exports.get(id, userId)).toThrow(/no such export/);
    }
    expect(readdirSync(storage.folder.exportsPath)).toEqual([]);
  });

  it('that are done are deleted with their file, which outlives the camera', async () => {
    await recordClip(storage, clock, { media, times: 1, anchorMs: T0 });
    const exports = service();
    start(exports);
    const { id } = await exports.create(request(0, 5_000));
    await finished(exports, id);
    removeCamera(storage.db, CAMERA_ID, epochMs(T0));
    expect((await exports.file(id, userId)).fileName).toMatch(/^Front door 2026/);
    await exports.remove(id, userId);
    expect(readdirSync(storage.folder.exportsPath)).toEqual([]);
  });

  it('fail with a sentence when the camera was removed before they began', async () => {
    await recordClip(storage, clock, { media, times: 1, anchorMs: T0 });
    const exports = service();
    const { id } = await exports.create(request(0, 5_000));
    removeCamera(storage.db, CAMERA_ID, epochMs(T0));
    start(exports);
    expect(await finished(exports, id)).toMatchObject({
      state: 'failed',
      failure: 'The camera was removed, and its footage with it.',
    });
  });

  it('leave no file behind that nobody knows', async () => {
    const exports = service();
    const name = `${'cd'.repeat(16)}.age`;
    for (const left of [name, `${name}.part`, 'notes.txt']) {
      writeFileSync(join(storage.folder.exportsPath, left), '');
    }
    start(exports);
    stop.abort();
    await working;
    expect(readdirSync(storage.folder.exportsPath)).toEqual(['notes.txt']);
  });
});
