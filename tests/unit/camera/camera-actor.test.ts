import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { createLog } from '../../../server/base/log.ts';
import { ReadPace } from '../../../server/base/read-pace.ts';
import { Secret } from '../../../server/base/secret.ts';
import { CameraActor, type RecorderSeat } from '../../../server/camera/camera-actor.ts';
import type { StoredSource } from '../../../server/camera/stored-source.ts';
import { Gateway } from '../../../server/egress/gateway.ts';
import { FakeAttempts } from '../../doubles/fake-attempts.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { aacTrack } from '../../fixtures/fmp4-samples.ts';
import { FakeFfmpegs, PICTURE_MARK } from '../../fixtures/fake-ffmpeg.ts';
import { madeFrame, madeFrames, madeRun } from '../../fixtures/made-media.ts';
import { testCamera } from '../../fixtures/test-storage.ts';

const CANARY = 'canary-b1e4';

const source: StoredSource = {
  type: 'rtsp',
  main: { tls: false, host: 'door.lan', address: '192.168.1.20', port: 554, path: '/main' },
  authentication: 'digest',
};

/** Takes messages as the recorder does; `fail` makes the next `run` end with an error. */
class FakeRecorder implements RecorderSeat {
  readonly words: string[] = [];
  runs = 0;
  fail: Error | undefined;

  async run(messages: Parameters<RecorderSeat['run']>[0]): Promise<void> {
    this.runs += 1;
    for await (const message of messages) {
      this.words.push(message.type === 'end' ? `end:${message.reason}` : message.type);
      const { fail } = this;
      this.fail = undefined;
      if (fail !== undefined) throw fail;
    }
  }
}

const fakes = new FakeFfmpegs();
let clock: TestClock;
let attempts: FakeAttempts;
let recorder: FakeRecorder;
let lines: string[];
let defects: unknown[];
let actor: CameraActor;

beforeEach(() => {
  clock = new TestClock();
  attempts = new FakeAttempts();
  recorder = new FakeRecorder();
  lines = [];
  defects = [];
  actor = actorOf({}, fakes.picture());
});

afterEach(async () => {
  await actor.stop('stopped');
  expect(clock.pendingTimers).toBe(0);
});

afterAll(() => {
  fakes.remove();
});

function actorOf(changes: Parameters<typeof testCamera>[0], ffmpegPath: string): CameraActor {
  return new CameraActor(
    {
      ...{ stored: testCamera(changes), source },
      credentials: { username: 'admin', password: new Secret(CANARY) },
    },
    {
      ...{ clock, ffmpegPath, recorder, random: () => 1, runOnce: attempts.runOnce },
      ...{ pace: new ReadPace(clock), log: createLog((line) => lines.push(line)) },
      gateway: new Gateway({ clock, ownPorts: () => new Set() }),
      onDigest: () => undefined,
      onDefect: (error) => defects.push(error),
    },
  );
}

function goOnline(): void {
  attempts.newest.connect();
  attempts.newest.run(madeRun(clock.wallMs()));
  attempts.newest.media(...madeFrames({ lengthMs: 500, gopMs: 1_000 }));
}

async function snapshot(signal = new AbortController().signal): Promise<string> {
  return (await actor.snapshot(signal)).jpeg.toString();
}

describe('the view', () => {
  it('goes from connecting to online, and to why it is not', async () => {
    expect(actor.view()).toMatchObject({ state: 'connecting' });
    actor.start();
    expect(actor.view()).not.toHaveProperty('stateReason');
    goOnline();
    expect(actor.view()).toEqual({
      ...{ id: '00000000000000c1', name: 'Front door', sound: false, enabled: true, position: 0 },
      ...{ createdAt: '1970-01-01T00:00:01.000Z', state: 'online', audio: null },
      source: { type: 'rtsp', url: 'rtsp://door.lan/main', username: 'admin' },
      video: {
        codec: 'h264',
        width: 1_920,
        height: 1_080,
        framesPerSecond: 10,
        keyFrameIntervalMs: null,
      },
      pictureSize: { width: 1_920, height: 1_080 },
    });
    attempts.newest.end('unreachable');
    await clock.advance(0);
    expect(actor.view()).toMatchObject({
      state: 'failed',
      stateReason: {
        reason: 'unreachable',
        sentence: 'No picture from Front door. It does not answer.',
        since: '2026-01-01T12:00:00.000Z',
      },
    });
    expect(actor.view()).not.toHaveProperty('video');
    // A page leaves room for the picture, whether it comes or not.
    expect(actor.view()).toMatchObject({ pictureSize: { width: 1_920, height: 1_080 } });
  });

  it('says since when, however often it is tried meanwhile', async () => {
    actor.start();
    attempts.onAttempt = (attempt) => {
      attempt.end('unreachable');
    };
    attempts.newest.end('unreachable');
    await clock.advance(0);
    await clock.advance(3_600_000);
    expect(actor.view().stateReason?.since).toBe('2026-01-01T12:00:00.000Z');
    // Why it is away is another thing to know.
    attempts.onAttempt = (attempt) => {
      attempt.end('wrong-password');
    };
    await clock.advance(8_000);
    expect(actor.view()).toMatchObject({ state: 'failed' });
    expect(actor.view().stateReason?.since).toMatch(/^2026-01-01T13:00:0\d/);
  });

  it('is disabled for a camera that is switched off, which is not connected to', () => {
    actor = actorOf({ enabled: false }, 'none');
    actor.start();
    expect(actor.view()).toMatchObject({ state: 'disabled', enabled: false });
    expect(attempts.all).toHaveLength(0);
  });

  it('tells of sound only where the owner switched it on', () => {
    const announced = {
      video: { encoding: 'H264', clockRate: 90_000, channels: 1 },
      audio: { encoding: 'PCMU', clockRate: 8_000, channels: 1 },
    };
    actor = actorOf({ sound: true }, 'none');
    actor.start();
    expect(attempts.newest.source.sound).toBe(true);
    attempts.newest.connect({ announced });
    // Announced is not heard: some cameras never send it.
    attempts.newest.run(madeRun(0));
    expect(actor.view().audio).toBeNull();
    attempts.newest.run({ ...madeRun(0), audio: aacTrack() });
    expect(actor.view().audio).toEqual({ codec: 'pcm_mulaw', sampleRate: 8_000, channels: 1 });
  });

  it('and the log never hold the password', async () => {
    actor.start();
    attempts.newest.end('wrong-password');
    await clock.advance(0);
    goOnline();
    expect(JSON.stringify(actor.view())).not.toContain(CANARY);
    expect(lines.join('')).not.toContain(CANARY);
  });

  it('takes a new name without a new connection', () => {
    actor.start();
    actor.configure({ ...actor.config, stored: testCamera({ name: 'Back door' }) });
    expect(actor.view().name).toBe('Back door');
    expect(attempts.all).toHaveLength(1);
  });
});

describe('the log', () => {
  it('has a line per change and not per attempt', async () => {
    actor.start();
    attempts.onAttempt = (attempt) => {
      attempt.end('unreachable');
    };
    attempts.newest.end('unreachable');
    await clock.advance(0);
    await clock.advance(600_000);
    expect(attempts.all.length).toBeGreaterThan(50);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      ...{ camera: '00000000000000c1', reason: 'unreachable', msg: 'no pictures come' },
      error: expect.stringContaining('ended: unreachable') as string,
    });
  });
});

describe('start and stop', () => {
  it('connects with what is known of the camera', () => {
    actor.start();
    expect(attempts.newest.source).toMatchObject({ basicAllowed: false, sound: false });
    expect(attempts.newest.source.target).toMatchObject({ address: '192.168.1.20', path: '/main' });
  });

  it('starts once', () => {
    actor.start();
    actor.start();
    expect(attempts.all).toHaveLength(1);
    expect(recorder.runs).toBe(1);
  });

  it.each(['disabled', 'removed', 'stopped'] as const)(
    'ends the recording with %s',
    async (reason) => {
      actor.start();
      goOnline();
      await Promise.all([actor.stop(reason), actor.stop('stopped')]);
      expect(recorder.words.slice(-2)).toEqual(['fragment', `end:${reason}`]);
      expect(actor.hub).toBeUndefined();
    },
  );

  it('can be started again', async () => {
    actor.start();
    await actor.stop('disabled');
    actor.start();
    expect(attempts.all).toHaveLength(2);
    expect(recorder.runs).toBe(2);
  });
});

describe('the recorder', () => {
  it('is given what comes again after it could not keep up', async () => {
    actor.start();
    recorder.fail = new AppError('exhausted', 'too slow', { reason: 'too-slow' });
    goOnline();
    await clock.advance(0);
    expect(recorder.runs).toBe(2);
    attempts.newest.media(madeFrame({ atMs: 500, durationMs: 100, key: true }));
    await clock.advance(0);
    expect(recorder.words.slice(-2)).toEqual(['run', 'fragment']);
    expect(defects).toEqual([]);
  });

  it('that has a defect does not go unseen', async () => {
    actor.start();
    const defect = new TypeError('undefined is not a function');
    recorder.fail = defect;
    goOnline();
    await clock.advance(0);
    expect(defects).toEqual([defect]);
  });
});

describe('a snapshot', () => {
  it('is one decoding for all who ask at once, and for a second', async () => {
    actor.start();
    goOnline();
    const [first, second] = await Promise.all([snapshot(), snapshot()]);
    expect(first).toContain(PICTURE_MARK);
    expect(second).toBe(first);
    await clock.advance(1_000);
    expect(await snapshot()).toBe(first);
    await clock.advance(1);
    expect(await snapshot()).not.toBe(first);
  });

  it('that takes long is not taken twice', async () => {
    actor = actorOf({}, fakes.endless());
    actor.start();
    goOnline();
    const first = expect(snapshot()).rejects.toMatchObject({ kind: 'timeout' });
    await clock.advance(9_000);
    const timers = clock.pendingTimers;
    const second = expect(snapshot()).rejects.toMatchObject({ kind: 'timeout' });
    expect(clock.pendingTimers).toBe(timers);
    await clock.advance(1_000);
    await Promise.all([first, second]);
  });

  it('says when it was taken', async () => {
    actor.start();
    goOnline();
    const { takenAtMs } = await actor.snapshot(new AbortController().signal);
    expect(takenAtMs).toBe(clock.wallMs() + 500);
  });

  it('is tried again after it did not work', async () => {
    actor = actorOf({}, fakes.script('process.exitCode = 1'));
    actor.start();
    goOnline();
    await expect(snapshot()).rejects.toMatchObject({ kind: 'corrupt' });
    await expect(snapshot()).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('leaves the others theirs when one of them goes away', async () => {
    actor.start();
    goOnline();
    const leaving = new AbortController();
    const gone = snapshot(leaving.signal);
    const stays = snapshot();
    leaving.abort();
    await expect(gone).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await stays).toContain(PICTURE_MARK);
  });

  it('says why there is none', async () => {
    await expect(snapshot()).rejects.toMatchObject({ kind: 'unavailable', reason: 'disabled' });
    actor.start();
    await expect(snapshot()).rejects.toMatchObject({ kind: 'unavailable', reason: 'no-picture' });
  });
});
