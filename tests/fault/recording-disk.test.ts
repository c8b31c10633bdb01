/** Every single file system call of a recording fails once; nothing but that part may be lost. */
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../server/base/log.ts';
import { epochMs } from '../../server/base/time.ts';
import type { HubMessage } from '../../server/ingest/stream-run.ts';
import { Recorder } from '../../server/recorder/recorder.ts';
import type { Room } from '../../server/recorder/recording-writer.ts';
import { checkStorage } from '../../server/storage/check.ts';
import { finishSegments } from '../../server/storage/finish-segments.ts';
import { recordedRanges } from '../../server/storage/recordings.ts';
import { FaultyFileSystem } from '../doubles/faulty-file-system.ts';
import { TestClock } from '../doubles/test-clock.ts';
import { callsToFail } from '../fixtures/calls-to-fail.ts';
import { madeFrames, madeRun, messagesOf } from '../fixtures/made-media.ts';
import { CAMERA_ID, openTestStorage } from '../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const FRAME_MS = 500;
const LENGTH_MS = 70_000;

async function recordWith(
  system: FaultyFileSystem,
  { gopMs = 1_000, room }: { readonly gopMs?: number; readonly room?: Room } = {},
) {
  const storage = await openTestStorage();
  try {
    const clock = new TestClock(T0);
    const recorder = new Recorder({
      cameraId: CAMERA_ID,
      db: storage.db,
      footage: storage.footageOn(system),
      ...(room === undefined ? {} : { room }),
      clock,
      log: silentLog,
      random: () => 0.5,
    });
    async function* camera(): AsyncGenerator<HubMessage> {
      const frames = madeFrames({ lengthMs: LENGTH_MS, gopMs, frameMs: FRAME_MS });
      for (const message of messagesOf(madeRun(T0), frames, 'stalled')) {
        yield message;
        if (message.type === 'fragment') await clock.advance(FRAME_MS);
        await system.idle();
      }
    }
    await recorder.run(camera(), new AbortController().signal);
    const query = { cameraId: CAMERA_ID, fromMs: epochMs(T0), toMs: epochMs(T0 + 1e9) };
    await finishSegments(storage, new AbortController().signal);
    return {
      findings: await checkStorage(storage),
      unfinished: await storage.footage.unfinished(),
      stats: recorder.stats,
      ...recordedRanges(storage.db, { ...query, nowMs: epochMs(T0 + 1e9) }),
    };
  } finally {
    await system.closeLeftOpen();
    storage.remove();
  }
}

describe('a call that fails', () => {
  it.each([
    ['EIO', 'write-failed'],
    ['ENOSPC', 'disk-full'],
  ])('with %s costs at most a few seconds, at every step', async (code, reason) => {
    const untouched = new FaultyFileSystem(Infinity, { kind: 'death' });
    const whole = await recordWith(untouched);
    expect(whole.findings).toEqual([]);
    expect(whole.ranges).toHaveLength(1);
    const steps = callsToFail(untouched.calls, { first: 20, last: 50, each: 13 });
    for (const call of steps) {
      const system = new FaultyFileSystem(call, { kind: 'error', code, times: 1 });
      const { findings, unfinished, stats, ranges, gaps } = await recordWith(system);
      const at = `call ${call}`;
      expect([at, findings]).toEqual([at, []]);
      expect([at, unfinished]).toEqual([at, []]);
      const recordedMs = ranges.reduce((sum, range) => sum + range.toMs - range.fromMs, 0);
      // The part that failed, the pause of at most 1 s, and the way to the next key frame.
      expect([at, recordedMs >= LENGTH_MS - 4_000]).toEqual([at, true]);
      const lostMs = stats.lostFramesTotal * FRAME_MS;
      expect([at, recordedMs + lostMs]).toEqual([at, LENGTH_MS]);
      if (lostMs > 0 && ranges.length > 1) expect([at, gaps[0]?.reason]).toEqual([at, reason]);
    }
  });
});

/** Old footage can always go. */
const room: Room = {
  makeRoom: () => Promise.resolve(true),
  onDiskFull: () => Promise.resolve(true),
};

describe('a disk that is full once, and has old footage to give', () => {
  // One key frame in 20 s: nine of ten parts do not begin with one.
  const gopMs = 20_000;

  it('takes every write again: the same part, in the same file, whatever it begins with', async () => {
    const untouched = new FaultyFileSystem(Infinity, { kind: 'death' });
    const whole = await recordWith(untouched, { gopMs, room });
    expect(whole.ranges).toEqual([expect.objectContaining({ toMs: T0 + LENGTH_MS })]);
    let writes = 0;
    // Writes and syncs alternate: every third call is one, then the other.
    for (const call of callsToFail(untouched.calls, { first: 0, last: 0, each: 3 })) {
      const system = new FaultyFileSystem(call, { kind: 'error', code: 'ENOSPC', times: 1 });
      const { findings, unfinished, stats, ranges, gaps } = await recordWith(system, {
        ...{ gopMs, room },
      });
      const at = `call ${call}: ${system.failed ?? ''}`;
      expect([at, findings, unfinished]).toEqual([at, [], []]);
      const recordedMs = ranges.reduce((sum, range) => sum + range.toMs - range.fromMs, 0);
      expect([at, recordedMs + stats.lostFramesTotal * FRAME_MS]).toEqual([at, LENGTH_MS]);
      if (system.failed === 'datasync') {
        // What was not synced is not trusted again: at worst the rest of the GOP is lost.
        expect([at, recordedMs >= LENGTH_MS - gopMs - 2_000]).toEqual([at, true]);
        continue;
      }
      writes += system.failed === 'writev' ? 1 : 0;
      expect([at, ranges.length, gaps, recordedMs]).toEqual([at, 1, whole.gaps, LENGTH_MS]);
    }
    expect(writes).toBeGreaterThan(10);
  });
});
