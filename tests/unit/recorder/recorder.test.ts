import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { silentLog } from '../../../server/base/log.ts';
import { epochMs, monotonicMs } from '../../../server/base/time.ts';
import type { Fragment } from '../../../server/fmp4/fragment.ts';
import { Hub } from '../../../server/ingest/hub.ts';
import type { HubMessage } from '../../../server/ingest/stream-run.ts';
import { Recorder } from '../../../server/recorder/recorder.ts';
import type { Room } from '../../../server/recorder/recording-writer.ts';
import { checkStorage } from '../../../server/storage/check.ts';
import type { FootageFileSystem } from '../../../server/storage/footage-files.ts';
import { openGapOf } from '../../../server/storage/gaps.ts';
import { recordedRanges } from '../../../server/storage/recordings.ts';
import { openSegments, partsOf, segmentPage } from '../../../server/storage/segments.ts';
import { FaultyFileSystem } from '../../doubles/faulty-file-system.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { madeFrame, madeFrames, madeRun, messagesOf } from '../../fixtures/made-media.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1, 12);

let storage: TestStorage;
let clock: TestClock;

beforeEach(async () => {
  storage = await openTestStorage();
  clock = new TestClock(T0);
});

afterEach(() => {
  storage.remove();
});

function recorderOn(footage = storage.footage, room?: Room): Recorder {
  return new Recorder({
    cameraId: CAMERA_ID,
    db: storage.db,
    footage,
    ...(room === undefined ? {} : { room }),
    clock,
    log: silentLog,
    random: () => 0.5,
  });
}

async function* inOrder(...parts: Iterable<HubMessage>[]): AsyncGenerator<HubMessage> {
  for (const part of parts) {
    for (const message of part) {
      yield message;
      // Each message comes in a turn of its own, as from a camera.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }
}

/** Of a disk that others use as well. */
const SLOW = { timeout: 60_000 };

const never = new AbortController().signal;

function segments() {
  return segmentPage(storage.db, { cameraId: CAMERA_ID, afterMs: -Infinity, limit: 100 });
}

function found() {
  const { ranges, gaps } = recordedRanges(storage.db, {
    cameraId: CAMERA_ID,
    fromMs: epochMs(T0 - 1e9),
    toMs: epochMs(T0 + 1e9),
    nowMs: epochMs(T0 + 500_000),
  });
  return {
    ranges: ranges.map((range) => [range.fromMs - T0, range.toMs - T0]),
    gaps: gaps.map((gap) => [gap.fromMs - T0, gap.toMs - T0, gap.reason, gap.open]),
  };
}

async function expectConsistent(): Promise<void> {
  expect(await checkStorage(storage)).toEqual([]);
}

describe('recording', () => {
  it('makes every frame durable, in segments of at most 60 s', async () => {
    const recorder = recorderOn();
    const fragments = madeFrames({ lengthMs: 150_000, gopMs: 2_000, frameMs: 200 });
    await recorder.run(inOrder(messagesOf(madeRun(T0), fragments, 'stalled')), never);
    expect(found()).toEqual({
      ranges: [[0, 150_000]],
      gaps: [[150_000, 500_000, 'stalled', true]],
    });
    expect(segments().map((segment) => segment.durationMs)).toEqual([58_000, 58_000, 34_000]);
    expect(openSegments(storage.db)).toEqual([]);
    const frames = segments().flatMap((segment) => partsOf(storage.db, segment));
    expect(frames.reduce((sum, part) => sum + part.durationMs, 0)).toBe(150_000);
    expect(recorder.stats).toMatchObject({
      recording: false,
      durableToMs: T0 + 150_000,
      diskProblem: undefined,
      partsTotal: 75,
      segmentsTotal: 3,
      lostFramesTotal: 0,
      writeFailuresTotal: 0,
    });
    await expectConsistent();
  });

  it('begins a file of the new key at the next key frame, without a gap', async () => {
    const messages = messagesOf(
      madeRun(T0),
      madeFrames({ lengthMs: 20_000, gopMs: 4_000, frameMs: 200 }),
      'stalled',
    );
    let parts = 0;
    const counting = function* (): Generator<HubMessage> {
      for (const message of messages) {
        yield message;
        // In the middle of a GOP, and once: what is made with the newest key is not outdated.
        parts += 1;
        if (parts === 30) storage.keys.recipient = 'another one';
      }
    };
    await recorderOn().run(inOrder(counting()), never);
    const lengths = segments().map((segment) => segment.durationMs);
    // It is written a little after it came, so it may be the key frame before.
    expect([
      [4_000, 16_000],
      [8_000, 12_000],
    ]).toContainEqual(lengths);
    expect(found().ranges).toEqual([[0, 20_000]]);
    await expectConsistent();
  });

  it('makes no gap for a camera that never recorded', async () => {
    await recorderOn().run(
      inOrder([{ type: 'end', reason: 'unreachable', error: undefined }]),
      never,
    );
    await recorderOn().run(inOrder(messagesOf(madeRun(T0), [], 'stalled')), never);
    expect(found()).toEqual({ ranges: [], gaps: [] });
    expect(storage.db.all({ sql: 'SELECT id FROM run', read: (row) => row.integer('id') })).toEqual(
      [],
    );
  });

  it('closes the gap when the next run has its first durable part', async () => {
    const one = madeFrames({ lengthMs: 4_000, gopMs: 2_000 });
    await recorderOn().run(
      inOrder(
        messagesOf(madeRun(T0), one, 'disconnected'),
        [{ type: 'end', reason: 'unreachable', error: undefined }],
        messagesOf(madeRun(T0 + 9_000), one, 'stalled'),
      ),
      never,
    );
    expect(found()).toEqual({
      ranges: [
        [0, 4_000],
        [9_000, 13_000],
      ],
      gaps: [
        [4_000, 9_000, 'unreachable', false],
        [13_000, 500_000, 'stalled', true],
      ],
    });
    await expectConsistent();
  });

  it('makes no row of a break below 200 ms', async () => {
    const one = madeFrames({ lengthMs: 4_000, gopMs: 2_000 });
    await recorderOn().run(
      inOrder(
        messagesOf(madeRun(T0), one, 'format-changed'),
        messagesOf(madeRun(T0 + 4_150), one, 'stalled'),
      ),
      never,
    );
    expect(found().ranges).toEqual([[0, 8_150]]);
    expect(found().gaps).toEqual([[8_150, 500_000, 'stalled', true]]);
  });

  it('moves a run that would begin before the one before it has ended', async () => {
    const one = madeFrames({ fromMs: 1_000, lengthMs: 4_000, gopMs: 2_000 });
    await recorderOn().run(
      inOrder(
        messagesOf(madeRun(T0), one, 'clock-drift'),
        messagesOf(madeRun(T0 - 3_600_000, T0 + 4_000), one, 'stalled'),
      ),
      never,
    );
    expect(found().ranges).toEqual([[1_000, 9_000]]);
    await expectConsistent();
  });

  it('reads the anchor when the first part is complete', async () => {
    let anchorMs = T0 + 400;
    const run = {
      ...madeRun(T0),
      get anchorMs() {
        return epochMs(anchorMs);
      },
    };
    const [first, ...rest] = madeFrames({ lengthMs: 2_000, gopMs: 2_000 });
    async function* messages(): AsyncGenerator<HubMessage> {
      yield* messagesOf(run, [first!]);
      anchorMs = T0 + 50;
      await Promise.resolve();
      for (const fragment of rest) yield { type: 'fragment', fragment, arrivedMs: monotonicMs(0) };
      yield { type: 'end', reason: 'stalled', error: undefined };
    }
    await recorderOn().run(messages(), never);
    expect(found().ranges).toEqual([[50, 2_050]]);
  });

  it('stops at 60 s without a key frame, says so, and goes on at the next one', async () => {
    const recorder = recorderOn();
    const long = madeFrames({ lengthMs: 70_000, gopMs: 1e9, frameMs: 500 });
    const after = madeFrames({ fromMs: 70_000, lengthMs: 4_000, gopMs: 2_000 });
    await recorder.run(inOrder(messagesOf(madeRun(T0), [...long, ...after], 'stalled')), never);
    expect(found()).toEqual({
      ranges: [
        [0, 60_000],
        [70_000, 74_000],
      ],
      gaps: [
        [60_000, 70_000, 'long-key-frame-interval', false],
        [74_000, 500_000, 'stalled', true],
      ],
    });
    expect(recorder.stats.lostFramesTotal).toBe(20);
    await expectConsistent();
  });

  it('writes what is pending when it is stopped, and takes the reason from the signal', async () => {
    for (const [reason, expected] of [
      [undefined, 'stopped'],
      [new AppError('cancelled', 'off', { reason: 'disabled' }), 'disabled'],
    ] as const) {
      const hub = new Hub();
      const messages = hub.subscribe({
        policy: 'lossless-or-abort',
        limits: { maxItems: 1_000, maxBytes: 1e9 },
        from: 'next',
      });
      const stop = new AbortController();
      const done = recorderOn().run(messages, stop.signal);
      const start = found().ranges.at(-1)?.[1] ?? -1_000;
      const run = madeRun(T0 + start + 1_000);
      for (const message of messagesOf(run, madeFrames({ lengthMs: 700, gopMs: 2_000 }))) {
        hub.publish(message);
      }
      await clock.advance(1_000);
      stop.abort(reason);
      await done;
      hub.close();
      expect(found().ranges.at(-1)).toEqual([start + 1_000, start + 1_700]);
      expect(openGapOf(storage.db, CAMERA_ID)?.reason).toBe(expected);
    }
  });

  it('says why a camera stayed away, not how it left or what it said when it came back', async () => {
    const one = madeFrames({ lengthMs: 2_000, gopMs: 2_000 });
    const ends = ['disconnected', 'stalled', 'unreachable', 'refused', 'stalled'] as const;
    for (const [count, reason] of ends.entries()) {
      await recorderOn().run(
        count === 0
          ? inOrder(messagesOf(madeRun(T0), one, reason))
          : inOrder([{ type: 'end', reason, error: undefined }]),
        never,
      );
      expect(found().gaps).toEqual([
        [2_000, 500_000, count < 2 ? 'disconnected' : 'unreachable', true],
      ]);
    }
  });

  it('begins another gap where a deliberate reason meets another', async () => {
    const one = madeFrames({ lengthMs: 2_000, gopMs: 2_000 });
    await recorderOn().run(inOrder(messagesOf(madeRun(T0), one, 'stalled')), never);
    await clock.advance(10_000);
    await recorderOn().run(inOrder([{ type: 'end', reason: 'disabled', error: undefined }]), never);
    await clock.advance(10_000);
    await recorderOn().run(
      inOrder([
        { type: 'end', reason: 'unreachable', error: undefined },
        { type: 'end', reason: 'stalled', error: undefined },
      ]),
      never,
    );
    expect(found().gaps).toEqual([
      [2_000, 10_000, 'stalled', false],
      [10_000, 20_000, 'disabled', false],
      [20_000, 500_000, 'unreachable', true],
    ]);
  });

  it('says corrupt where a part cannot be written down, and goes on', async () => {
    const backwards: Fragment[] = [
      ...madeFrames({ lengthMs: 2_000, gopMs: 2_000 }),
      madeFrame({ atMs: 2_000, durationMs: 100, key: true }),
      madeFrame({ atMs: 1_000, durationMs: 100, key: false }),
      ...madeFrames({ fromMs: 4_000, lengthMs: 2_000, gopMs: 2_000 }),
    ];
    await recorderOn().run(inOrder(messagesOf(madeRun(T0), backwards, 'stalled')), never);
    expect(found().gaps[0]).toEqual([2_000, 4_000, 'corrupt', false]);
    await expectConsistent();
  });

  it('rejects when its subscription failed, with the gap in the index', async () => {
    async function* messages(): AsyncGenerator<HubMessage> {
      yield* messagesOf(madeRun(T0), madeFrames({ lengthMs: 2_000, gopMs: 2_000 }));
      await Promise.resolve();
      throw new AppError('exhausted', 'too slow');
    }
    await expect(recorderOn().run(messages(), never)).rejects.toMatchObject({ kind: 'exhausted' });
    expect(openGapOf(storage.db, CAMERA_ID)?.reason).toBe('disk-too-slow');
  });
});

describe('trouble with the disk', () => {
  const minute = (): HubMessage[] => [
    ...messagesOf(madeRun(T0), madeFrames({ lengthMs: 60_000, gopMs: 2_000, frameMs: 200 })),
    { type: 'end', reason: 'stalled', error: undefined },
  ];

  /** As `inOrder`, but time passes as the media say, and the disk is waited for unless it hangs. */
  async function* inTime(
    messages: Iterable<HubMessage>,
    system: FaultyFileSystem,
  ): AsyncGenerator<HubMessage> {
    for (const message of messages) {
      yield message;
      if (message.type === 'fragment') await clock.advance(200);
      await system.idle();
    }
  }

  it.each(['EIO', 'ENOSPC'])(
    '%s costs a gap with its reason, and recording goes on',
    async (code) => {
      const system = new FaultyFileSystem(20, { kind: 'error', code, times: 3 });
      const recorder = recorderOn(storage.footageOn(system));
      await recorder.run(inTime(minute(), system), never);
      const { ranges, gaps } = found();
      expect(ranges[0]?.[0]).toBe(0);
      expect(ranges.at(-1)?.[1]).toBe(60_000);
      expect(gaps[0]?.[2]).toBe(code === 'EIO' ? 'write-failed' : 'disk-full');
      expect(gaps[0]?.[3]).toBe(false);
      expect(recorder.stats.writeFailuresTotal).toBeGreaterThan(0);
      expect(recorder.stats.lostFramesTotal).toBeGreaterThan(0);
      expect(recorder.stats.diskProblem).toBeUndefined();
      await expectConsistent();
    },
  );

  it('a full disk costs nothing where old footage can go: the same part is written again', async () => {
    const asked: string[] = [];
    const room = {
      makeRoom: () => Promise.resolve(true),
      onDiskFull: () => {
        asked.push('full');
        return Promise.resolve(true);
      },
    };
    const system = new FaultyFileSystem(30, { kind: 'error', code: 'ENOSPC', times: 1 });
    const recorder = recorderOn(storage.footageOn(system), room);
    await recorder.run(inTime(minute(), system), never);
    const { ranges, gaps } = found();
    expect([ranges, gaps.filter((gap) => !gap[3])]).toEqual([[[0, 60_000]], []]);
    expect(asked).toEqual(['full']);
    expect(recorder.stats.lostFramesTotal).toBe(0);
    await expectConsistent();
  });

  it('nothing is begun on a disk without room, and it goes on when there is some', async () => {
    let hasRoom = false;
    const answer = (): Promise<boolean> => Promise.resolve(hasRoom);
    const system = new FaultyFileSystem(Infinity, { kind: 'death' });
    const recorder = recorderOn(storage.footageOn(system), {
      makeRoom: answer,
      onDiskFull: answer,
    });
    async function* messages(): AsyncGenerator<HubMessage> {
      let sent = 0;
      for await (const message of inTime(minute(), system)) {
        yield message;
        sent += 1;
        if (sent === 50) {
          expect(recorder.stats.diskProblem).toBe('disk-full');
          expect(system.calls).toBe(0);
          hasRoom = true;
        }
      }
    }
    await recorder.run(messages(), never);
    expect(recorder.stats.diskProblem).toBeUndefined();
    expect(found().ranges.at(-1)?.[1]).toBe(60_000);
    expect(recorder.stats.lostFramesTotal).toBeGreaterThan(0);
  });

  // 1,600 real fdatasyncs.
  it(
    'a database that is full costs a gap as well, and recording goes on when it is not',
    SLOW,
    async () => {
      const { db } = storage;
      const setPages = (limit: string): unknown =>
        db.get({ sql: `PRAGMA max_page_count = ${limit}`, read: (row) => row });
      const system = new FaultyFileSystem(Infinity, { kind: 'death' });
      const recorder = recorderOn(storage.footageOn(system));
      // Many small parts, so that the table of parts soon needs a page that it does not get.
      const frames = madeFrames({ lengthMs: 40_000, gopMs: 50, frameMs: 50 });
      let failures = 0;
      async function* messages(): AsyncGenerator<HubMessage> {
        for (const [index, message] of [...messagesOf(madeRun(T0), frames, 'stalled')].entries()) {
          // 1 is below what is in use, which SQLite takes as "no more than now".
          if (index === 20) setPages('1');
          if (index === 700) {
            failures = recorder.stats.writeFailuresTotal;
            setPages('1000000');
          }
          yield message;
          if (message.type === 'fragment') await clock.advance(50);
          await system.idle();
        }
      }
      await recorder.run(messages(), never);
      expect(failures).toBeGreaterThan(0);
      const { ranges, gaps } = found();
      expect(ranges[0]?.[0]).toBe(0);
      expect(ranges.at(-1)?.[1]).toBe(40_000);
      expect(gaps.map((gap) => gap[2])).toContain('disk-full');
      expect(recorder.stats.diskProblem).toBeUndefined();
      await expectConsistent();
    },
  );

  it('a disk that hangs for longer than 30 s costs a gap, not memory', async () => {
    let release: () => void = () => undefined;
    const hang = new Promise<void>((resolve) => {
      release = resolve;
    });
    const real = new FaultyFileSystem(Infinity, { kind: 'death' });
    let syncs = 0;
    const system: FootageFileSystem = {
      open: async (path, flags, mode) => {
        const file = await real.open(path, flags, mode);
        return {
          ...file,
          datasync: async () => {
            syncs += 1;
            // Two for the first part, one for each further one that fits the tail.
            if (syncs === 4) await hang;
            await file.datasync();
          },
        };
      },
      makeFolder: (path) => real.makeFolder(path),
      rename: (from, to) => real.rename(from, to),
      removeFile: (path) => real.removeFile(path),
      removeFolder: (path) => real.removeFolder(path),
      syncFolder: (path) => real.syncFolder(path),
      listFolder: (path) => real.listFolder(path),
    };
    const recorder = recorderOn(storage.footageOn(system));
    async function* messages(): AsyncGenerator<HubMessage> {
      yield* inTime(
        messagesOf(madeRun(T0), madeFrames({ lengthMs: 60_000, gopMs: 2_000, frameMs: 200 })),
        real,
      );
      release();
      yield* inTime(
        [...madeFrames({ fromMs: 60_000, lengthMs: 6_000, gopMs: 2_000, frameMs: 200 })].map(
          (fragment) => ({ type: 'fragment', fragment, arrivedMs: monotonicMs(0) }),
        ),
        real,
      );
      yield { type: 'end', reason: 'stalled', error: undefined };
    }
    await recorder.run(messages(), never);
    const { ranges, gaps } = found();
    expect(gaps[0]?.slice(2)).toEqual(['disk-too-slow', false]);
    expect(ranges[0]).toEqual([0, 6_000]);
    expect(ranges.at(-1)?.[1]).toBe(66_000);
    expect(recorder.stats.lostFramesTotal).toBeGreaterThan(100);
    await expectConsistent();
  });
});
