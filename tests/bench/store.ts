/**
 * What the store costs: index bytes per camera-hour, the time of one durable append, what sealing
 * adds (the same hours with and without it, in turns, in one run), one seek from index to plaintext,
 * the two questions of the timeline over a million rows, how soon a server with those records, and what
 * making the index anew, a backup and its restore take.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { SystemClock } from '../../server/base/clock.ts';
import { silentLog } from '../../server/base/log.ts';
import { epochMs } from '../../server/base/time.ts';
import { Recorder } from '../../server/recorder/recorder.ts';
import type { SegmentMaker } from '../../server/recorder/recording-writer.ts';
import { partsBetween, recordedRanges } from '../../server/storage/recordings.ts';
import { recoverStorage } from '../../server/storage/recovery.ts';
import type { HubMessage } from '../../server/ingest/stream-run.ts';
import { PlainSegments } from '../doubles/plain-segments.ts';
import { h264Track } from '../fixtures/fmp4-samples.ts';
import { madeFrames, madeRun, messagesOf } from '../fixtures/made-media.ts';
import { coldStart } from './cold-start.ts';
import { percentile } from './percentile.ts';
import { backupMillion } from './store-backup.ts';
import { rebuildAll } from './store-rebuild.ts';
import { seek } from './store-seek.ts';
import { insertMillion, MILLION } from './million-rows.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../fixtures/test-storage.ts';

const HOUR_MS = 3_600_000;
/** A GOP of 2 s at 3 Mbit/s, in frames of 200 ms so that making them costs little. */
const FRAMES = { gopMs: 2_000, frameMs: 200, sizeBytes: 75_000 };
const HOURS = 2;
/** Where one thing alone is asked for. */
const SOME_HOURS = 0.25;
const BYTES_PER_HOUR_AT_MOST = 100_000;

/** Of a core, while one camera records; and of the bytes of its footage. */
const SEALING_CPU_AT_MOST = 0.001;
const SEALING_BYTES_AT_MOST = 0.001;

/** With and without, so often in turns: the machine is not the same from one minute to the next. */
const TURNS = 3;

const SEEK_P95_MS_AT_MOST = 5;

/** 3 s, and the group of pictures of 2 s that the camera is in the middle of. */
const FIRST_PART_MS_AT_MOST = 5_000;

/** See the head of this file. `seek`, `rebuild`, `backup` or `start`: that alone. */
export async function run(args: readonly string[] = []): Promise<object> {
  const clock = new SystemClock();
  // The clock's timers let a process end that waits for nothing else.
  const keepAlive = new MessageChannel();
  keepAlive.port1.ref();
  const storage = await openTestStorage();
  try {
    const [only] = args;
    if (only === 'backup') return { bench: 'store backup', ...(await backupMillion(clock)) };
    if (only === 'start') return { bench: 'store start', ...(await coldStart()) };
    if (only !== undefined) {
      await record(storage, clock, { hours: SOME_HOURS, maker: storage.footage });
      return only === 'rebuild'
        ? { bench: 'store rebuild', ...(await rebuildAll(storage, clock)) }
        : { bench: 'store seek', ...(await seek(storage, clock, SOME_HOURS * HOUR_MS - 60_000)) };
    }
    const sealing = await compareSealing(clock);
    const recorded = await recordHours(storage, clock);
    const seeks = await seek(storage, clock, HOURS * HOUR_MS - 60_000);
    const rebuild = await rebuildAll(storage, clock);
    const queries = queryMillion(storage, clock);
    const startedMs = clock.monotonicMs();
    await recoverStorage(storage);
    const recoveryMs = clock.monotonicMs() - startedMs;
    const backup = await backupMillion(clock);
    const cold = await coldStart();
    const held =
      recorded.indexBytesPerHour <= BYTES_PER_HOUR_AT_MOST &&
      sealing.addedCpuShare <= SEALING_CPU_AT_MOST &&
      sealing.addedBytesShare <= SEALING_BYTES_AT_MOST &&
      seeks.seekP95Ms <= SEEK_P95_MS_AT_MOST &&
      cold.firstPartMs <= FIRST_PART_MS_AT_MOST;
    return {
      bench: 'store',
      ...{ ...recorded, sealing, ...seeks, ...queries },
      ...{ recoveryMs, rebuild, backup },
      coldStart: cold,
      budgets: {
        indexBytesPerHour: BYTES_PER_HOUR_AT_MOST,
        addedCpuShare: SEALING_CPU_AT_MOST,
        addedBytesShare: SEALING_BYTES_AT_MOST,
        seekP95Ms: SEEK_P95_MS_AT_MOST,
        firstPartMs: FIRST_PART_MS_AT_MOST,
      },
      held,
    };
  } finally {
    keepAlive.port1.close();
    storage.remove();
  }
}

/** Processor time of all threads for an hour of one camera, as a share of that hour. */
async function compareSealing(clock: SystemClock) {
  const shares: { sealed: number[]; plain: number[] } = { sealed: [], plain: [] };
  let addedBytesShare = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const kind of ['plain', 'sealed'] as const) {
      const storage = await openTestStorage();
      try {
        const { footagePath } = storage.folder;
        const maker = kind === 'plain' ? new PlainSegments(footagePath) : storage.footage;
        // What is counted must not be the waiting.
        const before = process.cpuUsage();
        const { stats } = await record(storage, clock, { hours: 1, maker, turn: aMoment });
        const { user, system } = process.cpuUsage(before);
        shares[kind].push((user + system) / 1_000 / HOUR_MS);
        if (kind === 'sealed') addedBytesShare = bytesBelow(footagePath) / stats.bytesTotal - 1;
      } finally {
        storage.remove();
      }
    }
  }
  const [plain, sealed] = [median(shares.plain), median(shares.sealed)];
  return {
    plainCpuShare: plain,
    sealedCpuShare: sealed,
    addedCpuShare: sealed - plain,
    addedBytesShare,
  };
}

async function recordHours(storage: TestStorage, clock: SystemClock) {
  const before = databaseBytes(storage);
  const { appendMs } = await record(storage, clock, { hours: HOURS, maker: storage.footage });
  appendMs.sort((a, b) => a - b);
  return {
    indexBytesPerHour: Math.round((databaseBytes(storage) - before) / HOURS),
    appends: appendMs.length,
    appendP50Ms: percentile(appendMs, 0.5),
    appendP99Ms: percentile(appendMs, 0.99),
  };
}

/** Spends nothing. */
function aMoment(): Promise<void> {
  return new SystemClock().sleep(2);
}

interface RecordOptions {
  readonly hours: number;
  readonly maker: SegmentMaker;
  /** Between two looks whether a part is durable. */
  readonly turn?: () => Promise<void>;
}

/** Notices at once, and spends the processor on it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function record(
  { db }: TestStorage,
  clock: SystemClock,
  { hours, maker, turn = nextTurn }: RecordOptions,
) {
  const recorder = new Recorder({
    ...{ cameraId: CAMERA_ID, db, footage: maker, clock, log: silentLog, random: () => 0.5 },
  });
  const appendMs: number[] = [];
  // A minute at a time, because making hours of frames at once is not what is measured.
  async function* camera(): AsyncGenerator<HubMessage> {
    for (let fromMs = 0; fromMs < hours * HOUR_MS; fromMs += 60_000) {
      const frames = madeFrames({ ...FRAMES, fromMs, lengthMs: 60_000 });
      const messages = [...messagesOf({ ...madeRun(0), video: h264Track() }, frames)];
      for (const message of fromMs === 0 ? messages : messages.slice(1)) {
        const parts = recorder.stats.partsTotal;
        const startedMs = clock.monotonicMs();
        yield message;
        if (recorder.stats.queuedBytes === 0) continue;
        while (recorder.stats.partsTotal === parts) await turn();
        appendMs.push(clock.monotonicMs() - startedMs);
      }
    }
    yield { type: 'end', reason: 'stalled', error: undefined };
  }
  await recorder.run(camera(), new AbortController().signal);
  return { appendMs, stats: recorder.stats };
}

/** The rows of two years of one camera beside what was recorded; the questions are about its middle. */
function queryMillion(storage: TestStorage, clock: SystemClock) {
  const { db } = storage;
  const startMs = epochMs(Date.UTC(2026, 0, 1));
  insertMillion(db, startMs);
  const middleMs = startMs + (MILLION / 2) * 58_000;
  const time = (work: () => unknown): number => {
    const startedMs = clock.monotonicMs();
    work();
    return clock.monotonicMs() - startedMs;
  };
  const day = {
    cameraId: CAMERA_ID,
    fromMs: epochMs(middleMs),
    toMs: epochMs(middleMs + 24 * HOUR_MS),
  };
  const nowMs = epochMs(middleMs + 48 * HOUR_MS);
  const month = { ...day, toMs: epochMs(middleMs + 32 * 24 * HOUR_MS) };
  const moment = { ...day, toMs: epochMs(middleMs + 1) };
  return {
    rows: MILLION,
    dayMs: time(() => recordedRanges(db, { ...day, nowMs })),
    monthMs: time(() => recordedRanges(db, { ...month, nowMs })),
    indexSeekMs: time(() => partsBetween(db, moment)),
    dayOfPartsMs: time(() => partsBetween(db, day)),
  };
}

function databaseBytes(storage: TestStorage): number {
  storage.db.checkpoint();
  return statSync(storage.folder.databasePath).size;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}
