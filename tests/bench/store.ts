/**
 * What the index costs: bytes per camera-hour, the time of one durable append, and the two questions
 * of the timeline over a million rows.
 */
import { statSync } from 'node:fs';
import { SystemClock } from '../../server/base/clock.ts';
import { silentLog } from '../../server/base/log.ts';
import { epochMs } from '../../server/base/time.ts';
import { Recorder } from '../../server/recorder/recorder.ts';
import { partsBetween, recordedRanges } from '../../server/storage/recordings.ts';
import { recoverStorage } from '../../server/storage/recovery.ts';
import type { HubMessage } from '../../server/ingest/stream-run.ts';
import { madeFrames, madeRun, messagesOf } from '../fixtures/made-media.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../fixtures/test-storage.ts';

const HOUR_MS = 3_600_000;
/** A GOP of 2 s at 3 Mbit/s, in frames of 200 ms so that making them costs little. */
const FRAMES = { gopMs: 2_000, frameMs: 200, sizeBytes: 75_000 };
const HOURS = 2;
const ROWS = 1_000_000;
const BYTES_PER_HOUR_AT_MOST = 100_000;

/** See the head of this file. */
export async function run(): Promise<object> {
  const storage = await openTestStorage();
  try {
    const clock = new SystemClock();
    const recorded = await recordHours(storage, clock);
    const queries = queryMillion(storage, clock);
    const startedMs = clock.monotonicMs();
    await recoverStorage(storage);
    return {
      bench: 'store',
      ...recorded,
      ...queries,
      recoveryMs: clock.monotonicMs() - startedMs,
      budgets: { indexBytesPerHour: BYTES_PER_HOUR_AT_MOST },
      held: recorded.indexBytesPerHour <= BYTES_PER_HOUR_AT_MOST,
    };
  } finally {
    storage.remove();
  }
}

async function recordHours(storage: TestStorage, clock: SystemClock) {
  const { db, footage } = storage;
  const recorder = new Recorder({
    ...{ cameraId: CAMERA_ID, db, footage, clock, log: silentLog, random: () => 0.5 },
  });
  const before = databaseBytes(storage);
  const appendMs: number[] = [];
  // A minute at a time, because making hours of frames at once is not what is measured.
  async function* camera(): AsyncGenerator<HubMessage> {
    for (let fromMs = 0; fromMs < HOURS * HOUR_MS; fromMs += 60_000) {
      const frames = madeFrames({ ...FRAMES, fromMs, lengthMs: 60_000 });
      const messages = [...messagesOf(madeRun(0), frames)];
      for (const message of fromMs === 0 ? messages : messages.slice(1)) {
        const parts = recorder.stats.partsTotal;
        const startedMs = clock.monotonicMs();
        yield message;
        if (recorder.stats.queuedBytes === 0) continue;
        while (recorder.stats.partsTotal === parts) {
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
        }
        appendMs.push(clock.monotonicMs() - startedMs);
      }
    }
    yield { type: 'end', reason: 'stalled', error: undefined };
  }
  await recorder.run(camera(), new AbortController().signal);
  appendMs.sort((a, b) => a - b);
  return {
    indexBytesPerHour: Math.round((databaseBytes(storage) - before) / HOURS),
    appends: appendMs.length,
    appendP50Ms: percentile(appendMs, 0.5),
    appendP99Ms: percentile(appendMs, 0.99),
  };
}

/** The rows of two years of one camera beside what was recorded; the questions are about its middle. */
function queryMillion(storage: TestStorage, clock: SystemClock) {
  const { db } = storage;
  const startMs = Date.UTC(2026, 0, 1);
  db.transaction(() => {
    db.run(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
       INSERT INTO segment
         (camera_id, run_id, sequence, start_ms, duration_ms, size_bytes, parts, state)
       SELECT camera_id, run_id, 1000000 + i, :startMs + i * 58000, 58000, size_bytes, parts, state
       FROM n, (SELECT * FROM segment ORDER BY id LIMIT 1)`,
      { rows: ROWS, startMs },
    );
  });
  const middleMs = startMs + (ROWS / 2) * 58_000;
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
  const seek = { ...day, toMs: epochMs(middleMs + 1) };
  return {
    rows: ROWS,
    dayMs: time(() => recordedRanges(db, { ...day, nowMs })),
    monthMs: time(() => recordedRanges(db, { ...month, nowMs })),
    seekMs: time(() => partsBetween(db, seek)),
    dayOfPartsMs: time(() => partsBetween(db, day)),
  };
}

function databaseBytes(storage: TestStorage): number {
  storage.db.checkpoint();
  return statSync(storage.folder.databasePath).size;
}

function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.floor(sorted.length * fraction)] ?? NaN;
}
