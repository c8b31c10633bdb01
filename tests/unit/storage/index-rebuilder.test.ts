import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { epochMs, monotonicMs } from '../../../server/base/time.ts';
import { PlaybackService } from '../../../server/playback/playback-service.ts';
import { Recorder } from '../../../server/recorder/recorder.ts';
import { insertCamera, listCameras, removeCamera } from '../../../server/storage/cameras.ts';
import { checkStorage } from '../../../server/storage/check.ts';
import type { Database } from '../../../server/storage/database.ts';
import { FileKeys } from '../../../server/storage/file-keys.ts';
import { finishSegments } from '../../../server/storage/finish-segments.ts';
import { FootageInUse } from '../../../server/storage/footage-in-use.ts';
import { segmentPath } from '../../../server/storage/footage-names.ts';
import { FootageStore } from '../../../server/storage/footage.ts';
import { Forgetter } from '../../../server/storage/forget.ts';
import { gapsBetween, insertGap, openGapOf } from '../../../server/storage/gaps.ts';
import { isIndexPending } from '../../../server/storage/index-state.ts';
import { damagedDatabases, openDatabase } from '../../../server/storage/open-database.ts';
import {
  noProgress,
  rebuildIndex,
  type RebuildProgress,
} from '../../../server/storage/index-rebuilder.ts';
import { recordedRanges } from '../../../server/storage/recordings.ts';
import { recoverStorage } from '../../../server/storage/recovery.ts';
import type { Row } from '../../../server/storage/row.ts';
import { SpareKeeper } from '../../../server/storage/spare.ts';
import { FaultyFileSystem } from '../../doubles/faulty-file-system.ts';
import { TestFootageKeys } from '../../doubles/test-footage-keys.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { h264Track } from '../../fixtures/fmp4-samples.ts';
import { madeFrames, messagesOf } from '../../fixtures/made-media.ts';
import {
  CAMERA_ID,
  openTestStorage,
  testCamera,
  type TestStorage,
} from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const never = new AbortController().signal;

let storage: TestStorage;
/** Closes what a recorder that is left behind has open. */
let files: FaultyFileSystem;
let clock: TestClock;
let opened: Database[];

beforeEach(async () => {
  files = new FaultyFileSystem(Infinity, { kind: 'death' });
  storage = await openTestStorage(files);
  clock = new TestClock(T0);
  opened = [];
});

afterEach(async () => {
  await files.closeLeftOpen();
  for (const db of opened) db.close();
  storage.remove();
});

/** Records so much of a camera from `atMs` on, as far as the disk is concerned. */
async function record(
  db: Database,
  stretch: { atMs: number; lengthMs: number; cameraId?: string; dies?: boolean },
): Promise<void> {
  const { atMs, lengthMs, cameraId = CAMERA_ID, dies = false } = stretch;
  const { footage } = storage;
  const recorder = new Recorder({
    ...{ cameraId, db, footage, clock, log: silentLog, random: () => 0.5 },
  });
  const frames = madeFrames({ lengthMs, gopMs: 1_000, frameMs: 500, sizeBytes: 5_000 });
  const anchor = { anchorMs: epochMs(atMs), anchorMonotonicMs: monotonicMs(0) };
  const run = { video: h264Track(), audio: undefined, ...anchor };
  const messages = messagesOf(run, frames, dies ? undefined : 'stalled');
  if (!dies) {
    await recorder.run(slowly(messages, recorder), never);
    return;
  }
  // Left behind as a killed process leaves its files: nothing is closed.
  void recorder.run(slowly(messages, recorder, true), never);
  // The last group of pictures waits for the next key frame.
  await expect.poll(() => recorder.stats.durableToMs).toBe(atMs + lengthMs - 1_000);
}

/** A camera is slower than the disk. */
async function* slowly<T>(
  messages: Iterable<T>,
  recorder: Recorder,
  forEver = false,
): AsyncGenerator<T> {
  for (const message of messages) {
    yield message;
    do {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    } while (recorder.stats.queuedBytes > 0);
  }
  if (forEver) await new Promise(() => undefined);
}

async function writeSpare(db: Database): Promise<void> {
  const path = join(storage.folder.keysPath, 'spare.json');
  await new SpareKeeper({ db, path, clock, log: silentLog }).write();
}

function open(): Promise<Database> {
  const parts = { paths: storage.folder, log: silentLog, nowMs: clock.wallMs(), boxId: undefined };
  return openDatabase(parts).then((db) => {
    opened.push(db);
    return db;
  });
}

/** The database is gone; the box starts again. */
async function lose(): Promise<Database> {
  storage.db.close();
  const { databasePath } = storage.folder;
  for (const end of ['', '-wal', '-shm']) rmSync(`${databasePath}${end}`, { force: true });
  // Nobody remembers what the one that died was writing.
  storage = { ...storage, footage: storage.footageOn() };
  const db = await open();
  await recoverStorage({ db, footage: storage.footage });
  return db;
}

async function rebuild(db: Database, signal = never): Promise<RebuildProgress> {
  const progress = noProgress(false);
  await rebuildIndex({ ...storage, db, log: silentLog }, progress, signal);
  return progress;
}

function ranges(db: Database, cameraId = CAMERA_ID) {
  const query = { cameraId, fromMs: epochMs(T0 - 1e6), toMs: epochMs(T0 + 1e7) };
  return recordedRanges(db, { ...query, nowMs: epochMs(T0 + 1e7) });
}

/** Every segment row but its internal id, parts and all. */
function rows(db: Database): unknown[] {
  const text = (row: Row): string => row.text('line');
  const sql = `SELECT printf('%s %d %d %d %d %d %s', camera_id, run_id, sequence, start_ms,
      duration_ms, size_bytes, hex(parts)) AS line FROM segment ORDER BY run_id, sequence`;
  const runs = `SELECT printf('%d %s %d %s %d %d', id, camera_id, anchor_ms, codecs, width, height)
      AS line FROM run ORDER BY id`;
  return [...db.all({ sql, read: text }), ...db.all({ sql: runs, read: text })];
}

describe('a lost database', () => {
  it('is made anew from the files, the same rows and the same times', async () => {
    const other = '00000000000000c2';
    insertCamera(storage.db, testCamera({ id: other, name: 'Yard', position: 1 }));
    await record(storage.db, { atMs: T0, lengthMs: 130_000 });
    await record(storage.db, { atMs: T0 + 200_000, lengthMs: 3_000 });
    await record(storage.db, { atMs: T0 + 1_000, lengthMs: 5_000, cameraId: other });
    await writeSpare(storage.db);
    const before = {
      rows: rows(storage.db),
      ranges: [CAMERA_ID, other].map((id) => ranges(storage.db, id)),
    };
    const [cameras, boxId] = [listCameras(storage.db), storage.db.boxId];
    const db = await lose();
    expect([listCameras(db), db.boxId]).toEqual([cameras, boxId]);
    expect(isIndexPending(db)).toBe(true);
    // Locked, nothing is known of the old footage but where it ended; recording goes on.
    expect(openGapOf(db, CAMERA_ID)).toMatchObject({ reason: 'index-lost', toMs: undefined });
    expect(await rebuild(db)).toMatchObject({
      complete: true,
      indexed: 5,
      damaged: 0,
      filesTotal: 5,
    });
    expect(rows(db)).toEqual(before.rows);
    expect([CAMERA_ID, other].map((id) => ranges(db, id).ranges)).toEqual(
      before.ranges.map((one) => one.ranges),
    );
    expect(ranges(db).gaps[0]).toMatchObject({ fromMs: T0 + 130_000, toMs: T0 + 200_000 });
    expect(await checkStorage({ ...storage, db })).toEqual([]);
    expect(isIndexPending(db)).toBe(false);
    // It plays: the first part of the first file.
    const playback = new PlaybackService({ db, footage: storage.footage, log: silentLog });
    const list = playback.playlist(CAMERA_ID, epochMs(T0), epochMs(T0 + 10_000));
    expect(list).toContain('#EXTINF');
  });

  it('goes on recording at once, in folders of its own, and ends the gap', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 5_000 });
    await writeSpare(storage.db);
    const { footagePath } = storage.folder;
    const writtenS = (T0 + 6_000) / 1_000;
    utimesSync(
      segmentPath(footagePath, { cameraId: CAMERA_ID, runId: 1, sequence: 0 }),
      ...([writtenS, writtenS] as const),
    );
    const db = await lose();
    expect(ranges(db).gaps).toMatchObject([
      { fromMs: T0 + 6_000, reason: 'index-lost', open: true },
    ]);
    storage.keys.isOpen = false;
    // The clock begins in 1970: what is new is labelled behind what lies there all the same.
    await record(db, { atMs: 0, lengthMs: 4_000 });
    storage.keys.isOpen = true;
    const runs = readdirSync(join(storage.folder.footagePath, CAMERA_ID)).sort();
    expect(runs).toEqual(['1', '2']);
    expect(await rebuild(db)).toMatchObject({ indexed: 1, damaged: 0 });
    expect(await checkStorage({ ...storage, db })).toEqual([]);
    expect(ranges(db).ranges).toEqual([
      { fromMs: T0, toMs: T0 + 5_000 },
      { fromMs: T0 + 6_000, toMs: T0 + 10_000 },
    ]);
    expect(ranges(db).gaps[0]).toMatchObject({ fromMs: T0 + 5_000, toMs: T0 + 6_000 });
  });

  it('keeps torn files and what is in them, whatever was under way', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 64_000, dies: true });
    await writeSpare(storage.db);
    const countedMs = ranges(storage.db).ranges[0]!.toMs;
    const db = await lose();
    // Neither the start nor the finisher takes it for a file that never counted.
    expect(await finishSegments({ ...storage, db }, never)).toEqual({
      ...{ finished: 0, strays: 0, damaged: [] },
    });
    expect(await rebuild(db)).toMatchObject({ indexed: 2, damaged: 0 });
    expect(ranges(db).ranges).toEqual([{ fromMs: T0, toMs: countedMs }]);
    expect(await storage.footage.unfinished()).toEqual([]);
    expect(await checkStorage({ ...storage, db })).toEqual([]);
  });

  it('is made again in as many unlocks as it takes', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 130_000 });
    await writeSpare(storage.db);
    const before = rows(storage.db);
    const db = await lose();
    storage.keys.isOpen = false;
    await expect(rebuild(db)).rejects.toMatchObject({ kind: 'locked' });
    expect([rows(db), isIndexPending(db)]).toEqual([[], true]);
    storage.keys.isOpen = true;
    const stop = new AbortController();
    const first = rebuildIndex({ ...storage, db, log: silentLog }, noProgress(false), stop.signal);
    while (rows(db).length === 0) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    stop.abort();
    await expect(first).rejects.toThrow();
    // Killed as well: the next server knows that files are missing.
    db.close();
    const again = await open();
    await recoverStorage({ db: again, footage: storage.footage });
    expect(isIndexPending(again)).toBe(true);
    await rebuild(again);
    expect(rows(again)).toEqual(before);
    expect(await rebuild(again)).toMatchObject({ complete: false, filesTotal: 0 });
  });

  it('puts damaged files into the quarantine', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 190_000 });
    await writeSpare(storage.db);
    const { footagePath } = storage.folder;
    const place = (sequence: number) => ({ cameraId: CAMERA_ID, runId: 1, sequence });
    const [cut, exchanged] = [0, 2].map((sequence) => segmentPath(footagePath, place(sequence)));
    const bytes = statSync(cut!).size;
    cpSync(segmentPath(footagePath, place(1)), exchanged!);
    writeFileSync(cut!, Buffer.alloc(bytes, 7));
    const db = await lose();
    expect(await rebuild(db)).toMatchObject({ complete: true, indexed: 2, damaged: 2 });
    expect(await storage.quarantine.list()).toEqual([place(0), place(2)]);
    expect(existsSync(cut!)).toBe(false);
    expect(await checkStorage({ ...storage, db })).toEqual([]);
    expect(ranges(db).ranges.length).toBe(2);
  });

  it('leaves files of another household where they are, and is complete without them', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 3_000 });
    await writeSpare(storage.db);
    const db = await lose();
    const fileKeys = new FileKeys(await TestFootageKeys.create());
    const footage = new FootageStore({ ...storage.folder, fileKeys });
    const progress = noProgress(false);
    await rebuildIndex({ ...storage, footage, db, log: silentLog }, progress, never);
    expect(progress).toMatchObject({ complete: true, indexed: 0, damaged: 0, unopened: 1 });
    const [place] = await storage.listing.segments(CAMERA_ID, 1);
    expect(existsSync(segmentPath(storage.folder.footagePath, place!))).toBe(true);
  });

  it('leaves alone what other footage of the camera has the time of', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 3_000 });
    await writeSpare(storage.db);
    const db = await lose();
    const { footagePath } = storage.folder;
    const file = segmentPath(footagePath, { cameraId: CAMERA_ID, runId: 1, sequence: 0 });
    // Nothing says when recording ended, and the clock was set back.
    db.run('DELETE FROM gap');
    await record(db, { atMs: T0 + 1_000, lengthMs: 3_000 });
    expect(await rebuild(db)).toMatchObject({ complete: true, indexed: 0, damaged: 1 });
    expect(existsSync(file)).toBe(false);
    expect(await storage.quarantine.list()).toHaveLength(1);
    expect(await checkStorage({ ...storage, db })).toEqual([]);
  });

  it('lets a camera that was being removed go, files without rows and all', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 3_000 });
    removeCamera(storage.db, CAMERA_ID, epochMs(T0));
    await writeSpare(storage.db);
    const db = await lose();
    expect(listCameras(db)).toEqual([]);
    expect(await rebuild(db)).toMatchObject({ complete: true, indexed: 0, filesTotal: 0 });
    const forgetter = new Forgetter({
      ...{ ...storage, db, clock, log: silentLog, random: () => 0, inUse: new FootageInUse() },
    });
    const stop = new AbortController();
    const running = forgetter.run(stop.signal);
    await expect.poll(() => existsSync(join(storage.folder.footagePath, CAMERA_ID))).toBe(false);
    stop.abort();
    await running;
  });

  it('keeps a spare that cannot be read, and begins without cameras', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 3_000 });
    const { keysPath } = storage.folder;
    writeFileSync(join(keysPath, 'spare.json'), '{"version":1}', { mode: 0o600 });
    const db = await lose();
    expect([listCameras(db), isIndexPending(db)]).toEqual([[], true]);
    expect(readdirSync(keysPath)).toEqual(['spare.json.damaged-2026-01-01T12-00-00.000Z']);
  });

  it('keeps cameras through a kill before the new database had its tables', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 3_000 });
    await writeSpare(storage.db);
    storage.db.close();
    const { databasePath } = storage.folder;
    for (const end of ['', '-wal', '-shm']) rmSync(`${databasePath}${end}`, { force: true });
    // What a kill leaves that comes between the first page and the commit with the tables.
    const raw = new SQLite(databasePath);
    raw.pragma('journal_mode = WAL');
    raw.close();
    expect(statSync(databasePath).size).toBeGreaterThan(0);
    const db = await open();
    expect([listCameras(db), isIndexPending(db)]).toEqual([[testCamera()], true]);
  });

  it('is set aside when it is malformed, log and all, and never deleted', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 3_000 });
    await writeSpare(storage.db);
    storage.db.close();
    const { databasePath, path } = storage.folder;
    writeFileSync(databasePath, 'no database at all'.repeat(500));
    writeFileSync(`${databasePath}-wal`, 'its log');
    const db = await open();
    const [name] = damagedDatabases(databasePath);
    expect(name).toBe('doorkeep.db.damaged-2026-01-01T12-00-00.000Z');
    expect(readdirSync(path)).toContain(`${name!}-wal`);
    expect(listCameras(db)).toEqual([testCamera()]);
    expect(await rebuild(db)).toMatchObject({ indexed: 1 });
  });

  it('is set aside when a page turns out to be damaged while it is used', async () => {
    await record(storage.db, { atMs: T0, lengthMs: 3_000 });
    await writeSpare(storage.db);
    storage.db.transaction(() => {
      for (let atMs = 0; atMs < 20_000; atMs += 1) {
        const gap = {
          cameraId: CAMERA_ID,
          fromMs: epochMs(atMs * 1e3),
          reason: 'stalled' as const,
        };
        insertGap(storage.db, { ...gap, toMs: epochMs(atMs * 1e3 + 500) });
      }
    });
    storage.db.close();
    const { databasePath, path } = storage.folder;
    const bytes = readFileSync(databasePath);
    writeFileSync(databasePath, bytes.fill(0xaa, bytes.length / 2, bytes.length - 4_096));
    const db = await open();
    expect(damagedDatabases(databasePath)).toEqual([]);
    const query = { cameraId: CAMERA_ID, fromMs: epochMs(0), toMs: epochMs(T0) };
    expect(() => gapsBetween(db, query)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
    db.close();
    expect(readdirSync(path)).toContain('doorkeep.db-suspect');
    expect(listCameras(await open())).toEqual([testCamera()]);
    expect(damagedDatabases(databasePath)).toHaveLength(1);
    expect(readdirSync(path)).not.toContain('doorkeep.db-suspect');
  });

  it('is kept where the damage is gone: a disk that read badly once', async () => {
    const { databasePath, path } = storage.folder;
    storage.db.close();
    writeFileSync(`${databasePath}-suspect`, '');
    await open();
    expect(damagedDatabases(databasePath)).toEqual([]);
    expect(readdirSync(path)).not.toContain('doorkeep.db-suspect');
  });

  it('takes a log that was left without its database for the one that was set aside', async () => {
    storage.db.close();
    const { databasePath, path } = storage.folder;
    cpSync(databasePath, `${databasePath}.damaged-2026-01-01T11-00-00.000Z`);
    rmSync(databasePath);
    writeFileSync(`${databasePath}-wal`, 'its log');
    await open();
    expect(readdirSync(path)).toContain('doorkeep.db.damaged-2026-01-01T11-00-00.000Z-wal');
  });

  it('begins a new box where there is neither footage nor a spare', async () => {
    rmSync(storage.folder.keysPath, { recursive: true });
    mkdirSync(storage.folder.keysPath);
    const db = await lose();
    expect([listCameras(db), isIndexPending(db)]).toEqual([[], false]);
  });
});

describe('a database from a copy', () => {
  it('never gives a folder of later runs to a new one, and learns what it missed', async () => {
    const { db: first, folder } = storage;
    await record(first, { atMs: T0, lengthMs: 61_000, dies: true });
    first.checkpoint();
    const copy = `${folder.databasePath}.copy`;
    cpSync(folder.databasePath, copy);
    await record(first, { atMs: T0 + 100_000, lengthMs: 3_000 });
    await writeSpare(first);
    first.close();
    for (const end of ['-wal', '-shm']) rmSync(`${folder.databasePath}${end}`, { force: true });
    cpSync(copy, folder.databasePath);
    storage = { ...storage, footage: storage.footageOn() };
    const db = await open();
    await recoverStorage({ db, footage: storage.footage });
    await record(db, { atMs: T0 + 200_000, lengthMs: 2_000 });
    expect(readdirSync(join(folder.footagePath, CAMERA_ID)).sort()).toEqual(['1', '2', '3']);
    expect(isIndexPending(db)).toBe(true);
    await rebuild(db);
    expect(ranges(db).ranges.map(({ fromMs }) => fromMs)).toEqual([T0, T0 + 100_000, T0 + 200_000]);
    expect(await checkStorage({ ...storage, db })).toEqual([]);
  });
});
