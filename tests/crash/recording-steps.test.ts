/** The server dies at every single step of the durable order; docs/design/storage.md, "Start-up". */
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../server/base/log.ts';
import { epochMs } from '../../server/base/time.ts';
import type { HubMessage } from '../../server/ingest/stream-run.ts';
import { Recorder } from '../../server/recorder/recorder.ts';
import { checkStorage } from '../../server/storage/check.ts';
import { Database } from '../../server/storage/database.ts';
import { finishSegments } from '../../server/storage/finish-segments.ts';
import { recordedRanges } from '../../server/storage/recordings.ts';
import { recoverStorage } from '../../server/storage/recovery.ts';
import { FaultyFileSystem, type Fault } from '../doubles/faulty-file-system.ts';
import { TestClock } from '../doubles/test-clock.ts';
import { callsToFail } from '../fixtures/calls-to-fail.ts';
import { madeFrames, madeRun, messagesOf } from '../fixtures/made-media.ts';
import { CAMERA_ID, openTestStorage } from '../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const GOP_MS = 1_000;

/** Two runs, a rotation within the first; each frame only when the disk is done with the one before,
 * so that the call number n is the same step in every round. */
async function* camera(
  system: FaultyFileSystem,
  sent: { mediaMs: number },
): AsyncGenerator<HubMessage> {
  const first = madeFrames({ lengthMs: 62_000, gopMs: GOP_MS, frameMs: 500 });
  const second = madeFrames({ lengthMs: 3_000, gopMs: GOP_MS, frameMs: 500 });
  const messages = [
    ...messagesOf(madeRun(T0), first, 'stalled'),
    ...messagesOf(madeRun(T0 + 70_000), second, 'stalled'),
  ];
  for (const message of messages) {
    yield message;
    if (message.type === 'fragment') sent.mediaMs += 500;
    await Promise.race([system.idle(), system.happened]);
    // Nobody is left to send to.
    if (system.hasHappened) return;
  }
}

/** Records until the fault, starts again on what is left, and answers what is there then. */
async function dieAt(call: number, fault: Fault) {
  const system = new FaultyFileSystem(call, fault);
  const storage = await openTestStorage();
  try {
    const recorder = new Recorder({
      cameraId: CAMERA_ID,
      db: storage.db,
      footage: storage.footageOn(system),
      clock: new TestClock(T0),
      log: silentLog,
      random: () => 0.5,
    });
    const sent = { mediaMs: 0 };
    const messages = camera(system, sent);
    // The dead recorder is left behind as a killed process leaves its files: nothing is closed.
    await Promise.race([recorder.run(messages, new AbortController().signal), system.happened]);
    const db = Database.open(storage.folder.databasePath);
    const { footage, quarantine } = storage;
    const report = await recoverStorage({ db, footage });
    const again = await recoverStorage({ db, footage });
    const recovered = await checkStorage({ db, footage });
    const { finished, damaged } = await finishSegments(
      { db, footage, quarantine },
      new AbortController().signal,
    );
    const unfinished = await footage.unfinished();
    const findings = [...recovered, ...damaged, ...(await checkStorage({ db, footage }))];
    const { ranges, gaps } = recordedRanges(db, {
      cameraId: CAMERA_ID,
      fromMs: epochMs(T0),
      toMs: epochMs(T0 + 1_000_000),
      nowMs: epochMs(T0 + 900_000),
    });
    db.close();
    return {
      ...{ report, again, findings, finished, unfinished, ranges, gaps },
      ...{ sentMs: sent.mediaMs, calls: system.calls },
    };
  } finally {
    await system.closeLeftOpen();
    storage.remove();
  }
}

describe('the server dies', () => {
  it.each(['death', 'death-before'] as const)('at every step (%s)', async (kind) => {
    const whole = await dieAt(Infinity, { kind });
    expect(whole.findings).toEqual([]);
    expect(whole.report.closedSegments).toBe(0);
    // All steps of the beginning, of the rotation and of the second run; the appends between them
    // are alike, so every twentieth will do.
    const steps = callsToFail(whole.calls, { first: 20, last: 60, each: 20 });
    expect(steps.length).toBeGreaterThan(25);
    let finished = 0;
    for (const call of steps) {
      const left = await dieAt(call, { kind });
      const at = `call ${call}`;
      expect([at, left.findings]).toEqual([at, []]);
      // Once somebody has unlocked, each file has its end.
      expect([at, left.unfinished]).toEqual([at, []]);
      finished += left.finished;
      const nothing = { ...left.again, closedSegments: 0, strayFiles: 0, openedGaps: 0 };
      expect([at, left.again]).toEqual([at, nothing]);
      const durableMs = left.ranges.reduce((sum, range) => sum + range.toMs - range.fromMs, 0);
      // What was sent and is not durable is the open GOP, and the one whose write was under way.
      const lostMs = left.sentMs - durableMs;
      expect([at, lostMs <= 2 * GOP_MS]).toEqual([at, true]);
      // Whatever is not footage is a gap, the last one open.
      if (left.ranges.length > 0) {
        expect([at, left.gaps.at(-1)?.open]).toEqual([at, true]);
        expect([at, left.gaps.at(-1)?.fromMs]).toEqual([at, left.ranges.at(-1)?.toMs]);
      }
    }
    expect(finished).toBeGreaterThan(25);
  });
});
