import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReadPace } from '../../../server/base/read-pace.ts';
import { Secret } from '../../../server/base/secret.ts';
import { monotonicMs } from '../../../server/base/time.ts';
import { Gateway } from '../../../server/egress/gateway.ts';
import { stopError } from '../../../server/ingest/run-end-reason.ts';
import { StreamIngest, type StreamStatus } from '../../../server/ingest/stream-ingest.ts';
import { FakeAttempts } from '../../doubles/fake-attempts.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { MADE_TIMESCALE, madeFrame, madeFrames, madeRun } from '../../fixtures/made-media.ts';

let clock: TestClock;
let attempts: FakeAttempts;
let stop: AbortController;
let statuses: StreamStatus[];
let digests: number;
let ingest: StreamIngest;
let running: Promise<void>;
let messages: string[];
let reading: Promise<void>;

beforeEach(() => {
  clock = new TestClock();
  attempts = new FakeAttempts();
  stop = new AbortController();
  statuses = [];
  digests = 0;
  messages = [];
  ingest = start();
});

afterEach(async () => {
  stop.abort(stopError('stopped'));
  await running;
  await reading;
  expect(clock.pendingTimers).toBe(0);
});

function start(): StreamIngest {
  const target = { address: '192.168.1.20', port: 554, tls: false, path: '/', hostForUri: 'cam' };
  const credentials = { username: 'admin', password: new Secret('a-long-password') };
  const made = new StreamIngest(
    { target, credentials, basicAllowed: true, sound: false },
    {
      ...{ clock, ffmpegPath: 'none', runOnce: attempts.runOnce, pace: new ReadPace(clock) },
      gateway: new Gateway({ clock, ownPorts: () => new Set() }),
      // The longest wait of each back-off.
      random: () => 1,
      onStatus: (status) => statuses.push(status),
      onDigest: () => {
        digests += 1;
      },
    },
  );
  const subscription = made.hub.subscribe({
    ...{ policy: 'lossless-or-abort', from: 'next' },
    limits: { maxItems: 100_000, maxBytes: 1e9 },
  });
  reading = (async () => {
    for await (const message of subscription) {
      messages.push(message.type === 'end' ? `end:${message.reason}` : message.type);
    }
  })();
  running = made.run(stop.signal);
  return made;
}

/** The monotonic times at which attempts begin while each of them fails at once for `reason`. */
async function attemptTimes(reason: string, forMs: number): Promise<number[]> {
  const times: number[] = [];
  const startMs = clock.monotonicMs();
  attempts.onAttempt = (attempt) => {
    times.push(clock.monotonicMs() - startMs);
    attempt.end(reason);
  };
  await fail(reason);
  await clock.advance(forMs);
  return times;
}

/** Ends the attempt that is under way, and lets the supervisor notice. */
async function fail(reason: string): Promise<void> {
  attempts.newest.end(reason);
  await clock.advance(0);
}

describe('back-off', () => {
  it('doubles from half a second to six, and never gives up', async () => {
    const times = await attemptTimes('unreachable', 3_600_000);
    expect(times.slice(0, 7)).toEqual([500, 1_500, 3_500, 7_500, 13_500, 19_500, 25_500]);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.max(...gaps)).toBe(6_000);
    expect(times.at(-1)).toBeGreaterThan(3_600_000 - 6_001);
  });

  it('starts over after a minute of health', async () => {
    await attemptTimes('unreachable', 60_000);
    attempts.onAttempt = () => undefined;
    await clock.advance(6_000);
    const before = attempts.all.length;
    await clock.advance(60_000);
    await fail('disconnected');
    await clock.advance(499);
    expect(attempts.all).toHaveLength(before);
    await clock.advance(1);
    expect(attempts.all).toHaveLength(before + 1);
  });
});

describe('a wrong password', () => {
  it('is tried three more times quickly, then once in five minutes', async () => {
    const times = await attemptTimes('wrong-password', 1_000_000);
    // The wait of five minutes counts as health: the back-off behind it is the shortest.
    expect(times).toEqual([500, 1_500, 3_500, 304_000, 604_500, 905_000]);
  });

  it('is forgotten once the camera lets us in', async () => {
    await attemptTimes('wrong-password', 4_000);
    expect(attempts.all).toHaveLength(4);
    attempts.onAttempt = (attempt) => {
      attempt.connect();
      attempt.end('disconnected');
    };
    await clock.advance(301_000);
    // Three quick ones again, where a fourth wrong password in a row would mean five minutes.
    const times = await attemptTimes('wrong-password', 60_000);
    expect(times.length).toBeGreaterThanOrEqual(3);
  });

  it('does not hold up a stop', async () => {
    await attemptTimes('wrong-password', 60_000);
    stop.abort(stopError('disabled'));
    await running;
    await reading;
    expect(messages.at(-1)).toBe('end:disabled');
  });

  it('is tried at once by another ingest, which has the new password', async () => {
    await attemptTimes('wrong-password', 60_000);
    stop.abort(stopError('stopped'));
    await running;
    const before = attempts.all.length;
    stop = new AbortController();
    attempts.onAttempt = () => undefined;
    ingest = start();
    expect(attempts.all).toHaveLength(before + 1);
  });
});

describe('what the hub says', () => {
  it('is one end per attempt', async () => {
    attempts.newest.run(madeRun(0));
    attempts.newest.media(madeFrame({ atMs: 0, durationMs: 100, key: true }));
    await fail('stalled');
    await clock.advance(500);
    await fail('unreachable');
    await clock.advance(1_000);
    expect(messages).toEqual(['run', 'fragment', 'end:stalled', 'end:unreachable']);
  });

  it.each(['disabled', 'removed', 'stopped'] as const)(
    'is why it was stopped: %s',
    async (reason) => {
      attempts.newest.run(madeRun(0));
      stop.abort(stopError(reason));
      await running;
      await reading;
      expect(messages).toEqual(['run', `end:${reason}`]);
      expect(ingest.status).toMatchObject({ state: 'down', reason, run: undefined });
    },
  );

  it('is why it was stopped also when nothing was under way', async () => {
    await fail('unreachable');
    await clock.advance(100);
    stop.abort(stopError('disabled'));
    await running;
    await reading;
    expect(messages).toEqual(['end:unreachable', 'end:disabled']);
    expect(attempts.all).toHaveLength(1);
  });
});

describe('the state', () => {
  it('goes from connecting to online, down and online again', async () => {
    attempts.newest.connect();
    const run = madeRun(5);
    attempts.newest.run(run);
    expect(ingest.status).toMatchObject({ state: 'online', run });
    await fail('disconnected');
    await clock.advance(0);
    expect(ingest.status).toMatchObject({ state: 'down', reason: 'disconnected', run: undefined });
    expect(ingest.status.error?.message).toBe('ended: disconnected');
    // While it is tried again it is still down: an owner reads why, not "connecting" every second.
    await clock.advance(500);
    expect(ingest.status.state).toBe('down');
    attempts.newest.run(run);
    expect(ingest.status).toMatchObject({ state: 'online', reason: undefined, error: undefined });
    expect(statuses[0]).toMatchObject({ state: 'connecting' });
  });

  it('has what the camera announced', () => {
    const video = { encoding: 'H264', clockRate: 90_000, channels: 1 };
    attempts.newest.connect({ announced: { video, audio: undefined } });
    expect(ingest.status.announced).toEqual({ video, audio: undefined });
  });

  it('has what was measured of the newest run', () => {
    expect(ingest.measured()).toBeUndefined();
    attempts.newest.run(madeRun(0));
    attempts.newest.media(...madeFrames({ lengthMs: 5_000, gopMs: 2_000 }));
    expect(ingest.measured()).toEqual({ framesPerSecond: 10, keyFrameIntervalMs: 2_000 });
    attempts.newest.run(madeRun(0));
    expect(ingest.measured()?.framesPerSecond).toBeUndefined();
  });
});

describe('Digest', () => {
  it('once seen forbids Basic from the next attempt on, and is told once', async () => {
    expect(attempts.newest.source.basicAllowed).toBe(true);
    attempts.newest.connect({ authentication: 'digest' });
    await fail('disconnected');
    await clock.advance(500);
    expect(attempts.newest.source.basicAllowed).toBe(false);
    attempts.newest.connect({ authentication: 'digest' });
    expect(digests).toBe(1);
  });

  it('is not assumed of a camera that asks by Basic', async () => {
    attempts.newest.connect({ authentication: 'basic' });
    await fail('disconnected');
    await clock.advance(500);
    expect(attempts.newest.source.basicAllowed).toBe(true);
    expect(digests).toBe(0);
  });
});

describe('counters', () => {
  const tracks = [
    { kind: 'video', packets: 100, lost: 3 },
    { kind: 'audio', packets: 50, lost: 1 },
  ] as const;

  it('go on across attempts', async () => {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      attempts.newest.connect({ counters: { bytes: 10_000, skippedBytes: 0, tracks } });
      expect(ingest.lostPackets()).toBe(4 * attempt);
      attempts.newest.run(madeRun(0));
      attempts.newest.media(...madeFrames({ lengthMs: 1_000, gopMs: 1_000, sizeBytes: 100 }), {
        ...madeFrame({ atMs: 0, durationMs: 100, key: true, sizeBytes: 7 }),
        kind: 'audio',
      });
      await fail('disconnected');
      await clock.advance(10_000);
    }
    expect(ingest.counters).toEqual({
      ...{ attempts: 3, runs: 2, videoFrames: 20, videoBytes: 2_000, audioBytes: 14 },
      ...{ lostPackets: 8, relayedBytes: 20_000 },
    });
    expect(ingest.lostPackets()).toBe(8);
  });
});

describe('calm', () => {
  it('is when two key frames came and nobody watches', async () => {
    const { events } = attempts.newest;
    expect(events.isCalm()).toBe(false);
    attempts.newest.run(madeRun(0));
    expect(events.isCalm()).toBe(false);
    attempts.newest.media(...madeFrames({ lengthMs: 1_100, gopMs: 1_000 }));
    expect(events.isCalm()).toBe(true);
    const viewer = ingest.hub.subscribe({
      ...{ policy: 'drop-to-keyframe', from: 'gop', limits: { maxItems: 10, maxBytes: 1e6 } },
    });
    expect(events.isCalm()).toBe(false);
    viewer.close();
    expect(events.isCalm()).toBe(true);
    await Promise.resolve();
  });

  it('is not of a camera that falls behind while it rests', () => {
    const { events } = attempts.newest;
    attempts.newest.run(madeRun(0));
    const late = (fromMs: number, lateMs: number): void => {
      for (const fragment of madeFrames({ fromMs, lengthMs: 2_000, gopMs: 1_000 })) {
        const endMs =
          ((fragment.decodeTimeTicks + fragment.durationTicks) * 1_000) / MADE_TIMESCALE;
        events.emit({ type: 'fragment', fragment, arrivedMs: monotonicMs(endMs + lateMs) });
      }
    };
    late(0, 100);
    expect(events.isCalm()).toBe(true);
    late(2_000, 600);
    expect(events.isCalm()).toBe(false);
    // Another connection begins anew.
    attempts.newest.run(madeRun(4_000, 4_000));
    attempts.newest.media(...madeFrames({ lengthMs: 1_100, gopMs: 1_000 }));
    expect(events.isCalm()).toBe(true);
  });
});
