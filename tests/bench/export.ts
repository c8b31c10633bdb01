/**
 * An export of one hour by copy: how much faster than real time, and how much memory. The hour is a
 * real clip (1080p15, 3 Mbit/s, sound) recorded again and again by the real recorder.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { silentLog } from '../../server/base/log.ts';
import { SystemClock } from '../../server/base/clock.ts';
import { epochMs } from '../../server/base/time.ts';
import { ExportService } from '../../server/exports/export-service.ts';
import { FootageInUse } from '../../server/storage/footage-in-use.ts';
import { insertUser } from '../../server/storage/users.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { mediaOf } from '../fixtures/fmp4-clips.ts';
import { recordClip } from '../fixtures/recorded-clip.ts';
import { CAMERA_ID, openTestStorage } from '../fixtures/test-storage.ts';

const HOUR_MS = 3_600_000;

/** Times as fast as the footage is long: the budget of architecture.md. */
const SPEED_AT_LEAST = 200;
const MORE_MEMORY_AT_MOST_BYTES = 50 * 1024 * 1024;

/** How often the memory is looked at while the export runs. */
const SAMPLE_MS = 20;

/** See the head of this file. */
export async function run(): Promise<object> {
  const clock = new SystemClock();
  const spec = { ...CLIPS.camera, sound: 'aac' } as const;
  const storage = await openTestStorage();
  const stop = new AbortController();
  // The clock's timers let a process end that waits for nothing else.
  const keepAlive = new MessageChannel();
  keepAlive.port1.ref();
  let working: Promise<void> | undefined;
  try {
    const { db, footage, folder, fileKeys } = storage;
    await recordHour(storage, clock, await makeClip(spec), spec.seconds);
    const userId = insertUser(db, {
      ...{ username: 'bench', role: 'owner', passwordHash: 'x', createdMs: epochMs(1) },
    });
    const exports = new ExportService({
      ...{ db, footage, fileKeys, inUse: new FootageInUse(), exportsPath: folder.exportsPath },
      ...{ clock, log: silentLog },
    });
    // What recording has left behind is not the export's.
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    resetPeak();
    const startedMs = clock.monotonicMs();
    const { id } = await exports.create({
      ...{ userId, camera: CAMERA_ID, fromMs: epochMs(0), toMs: epochMs(HOUR_MS) },
    });
    working = exports.run(stop.signal);
    let worstWaitMs = 0;
    let job = exports.get(id, userId);
    while (job.state === 'queued' || job.state === 'running') {
      const askedMs = clock.monotonicMs();
      await clock.sleep(SAMPLE_MS);
      worstWaitMs = Math.max(worstWaitMs, clock.monotonicMs() - askedMs - SAMPLE_MS);
      job = exports.get(id, userId);
    }
    const seconds = (clock.monotonicMs() - startedMs) / 1_000;
    const moreMemoryBytes = peakBytes() - before;
    const speed = HOUR_MS / 1_000 / seconds;
    return {
      bench: 'export',
      state: job.state,
      sizeBytes: job.sizeBytes ?? 0,
      seconds,
      speed,
      moreMemoryBytes,
      worstEventLoopWaitMs: worstWaitMs,
      budgets: { speed: SPEED_AT_LEAST, moreMemoryBytes: MORE_MEMORY_AT_MOST_BYTES },
      held:
        job.state === 'done' &&
        speed >= SPEED_AT_LEAST &&
        moreMemoryBytes <= MORE_MEMORY_AT_MOST_BYTES,
    };
  } finally {
    stop.abort();
    await working;
    keepAlive.port1.close();
    storage.remove();
  }
}

async function recordHour(
  storage: Awaited<ReturnType<typeof openTestStorage>>,
  clock: SystemClock,
  clip: string,
  clipSeconds: number,
): Promise<void> {
  const media = await mediaOf(clip);
  const times = Math.ceil(HOUR_MS / 1_000 / clipSeconds) + 1;
  // The clip begins at one second of media time.
  await recordClip(storage, clock, { media, times, anchorMs: -1_000 });
}

/** Linux: sets this process's peak (VmHWM) to what it holds now (proc(5), clear_refs 5). */
function resetPeak(): void {
  writeFileSync('/proc/self/clear_refs', '5');
}

/** Linux: the most memory this process held since then. */
function peakBytes(): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(match?.[1] ?? NaN) * 1_024;
}
