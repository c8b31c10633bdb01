import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../server/base/log.ts';
import { ReadPace } from '../../../server/base/read-pace.ts';
import { CameraActor, type CameraConfig } from '../../../server/camera/camera-actor.ts';
import type { CameraWatch } from '../../../server/camera/camera-watch.ts';
import type { StoredStream } from '../../../server/camera/stored-source.ts';
import { SUB_LINGER_MS } from '../../../server/camera/sub-stream.ts';
import type { StreamName } from '../../../server/contract/live.ts';
import { Gateway } from '../../../server/egress/gateway.ts';
import { type FakeAttempt, FakeAttempts } from '../../doubles/fake-attempts.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { madeFrames, madeRun, madeVideo } from '../../fixtures/made-media.ts';
import { testCamera } from '../../fixtures/test-storage.ts';

let clock: TestClock;
let attempts: FakeAttempts;
let recordings: number;
let actor: CameraActor;
/** How often a watcher was told of a change. */
let changes: number;
let removals: number;

beforeEach(() => {
  clock = new TestClock();
  attempts = new FakeAttempts();
  ({ recordings, changes, removals } = { recordings: 0, changes: 0, removals: 0 });
  actor = actorOf(config());
});

afterEach(async () => {
  await actor.stop('stopped');
  expect(clock.pendingTimers).toBe(0);
  expect(open('/main') + open('/sub')).toBe(0);
});

function config({ hasSub = true, enabled = true } = {}): CameraConfig {
  const at = (path: string): StoredStream => ({
    ...{ tls: false, host: 'door.lan', address: '192.168.1.20', port: 554, path },
  });
  return {
    stored: testCamera({ enabled }),
    source: {
      ...{ type: 'rtsp', authentication: 'unknown', main: at('/main') },
      ...(hasSub ? { sub: at('/sub') } : {}),
    },
    credentials: undefined,
  };
}

function actorOf(of: CameraConfig): CameraActor {
  return new CameraActor(of, {
    ...{ clock, ffmpegPath: 'none', random: () => 1, runOnce: attempts.runOnce },
    ...{ pace: new ReadPace(clock), log: createLog(() => undefined) },
    recorder: {
      run: async (messages) => {
        recordings += 1;
        for await (const message of messages) expect(message.type).toBeDefined();
      },
    },
    gateway: new Gateway({ clock, ownPorts: () => new Set() }),
    onDigest: () => undefined,
    onDefect: () => undefined,
  });
}

/** The attempts at a path that are under way. */
function running(path: string): FakeAttempt[] {
  return attempts.all.filter(
    ({ source, signal }) => source.target.path === path && !signal.aborted,
  );
}

function open(path: string): number {
  return running(path).length;
}

function online(path: string, codec: 'h264' | 'h265' = 'h264'): void {
  const [attempt] = running(path);
  attempt!.connect();
  attempt!.run({ ...madeRun(0), video: { ...madeVideo, codec } });
  attempt!.media(...madeFrames({ lengthMs: 300, gopMs: 1_000 }));
}

function watch(wanted: StreamName = 'sub'): CameraWatch {
  return actor.watch(wanted, {
    onChange: () => {
      changes += 1;
    },
    onRemoved: () => {
      removals += 1;
    },
  });
}

describe('a sub-stream', () => {
  it('runs while somebody watches it and ten seconds more, and is not recorded', async () => {
    actor.start();
    expect(open('/sub')).toBe(0);
    const [first, second] = [watch(), watch()];
    await clock.advance(0);
    expect(open('/sub')).toBe(1);
    first.release();
    first.release();
    await clock.advance(SUB_LINGER_MS);
    expect(open('/sub')).toBe(1);
    second.release();
    await clock.advance(SUB_LINGER_MS - 1);
    expect(open('/sub')).toBe(1);
    await clock.advance(1);
    expect(open('/sub')).toBe(0);
    expect([recordings, open('/main')]).toEqual([1, 1]);
  });

  it('goes on for who comes back in time, and starts again for who comes later', async () => {
    actor.start();
    watch().release();
    await clock.advance(SUB_LINGER_MS - 1);
    const back = watch();
    await clock.advance(SUB_LINGER_MS);
    expect(attempts.all.filter(({ source }) => source.target.path === '/sub')).toHaveLength(1);
    back.release();
    await clock.advance(SUB_LINGER_MS);
    watch();
    await clock.advance(0);
    expect(open('/sub')).toBe(1);
  });

  it('is not started by who watches the main stream', async () => {
    actor.start();
    watch('main');
    await clock.advance(0);
    expect(open('/sub')).toBe(0);
  });
});

describe('who asks for the sub-stream gets', () => {
  it('the main picture until the small one is there, and while it is away', async () => {
    actor.start();
    online('/main');
    const watched = watch();
    await clock.advance(0);
    expect(watched.stream()?.name).toBe('main');
    online('/sub');
    expect(watched.stream()?.name).toBe('sub');
    running('/sub')[0]!.end('disconnected');
    await clock.advance(0);
    expect(watched.stream()?.name).toBe('main');
  });

  it('nothing but the small one where the large one may not be playable', async () => {
    actor.start();
    online('/main', 'h265');
    const watched = watch();
    await clock.advance(0);
    expect(watched.stream()?.name).toBe('sub');
    // Better than nothing.
    running('/sub')[0]!.end('not-found');
    await clock.advance(0);
    expect(watched.stream()?.name).toBe('main');
  });

  it('the main picture of a camera that has no other', () => {
    actor = actorOf(config({ hasSub: false }));
    actor.start();
    expect(watch().stream()).toEqual({ name: 'main', hub: actor.hub });
  });
});

describe('a watcher', () => {
  it('is told of each change of state, and not of each attempt', async () => {
    actor.start();
    const watched = watch('main');
    online('/main');
    expect([changes, watched.condition()]).toEqual([1, { state: 'online' }]);
    attempts.onAttempt = (attempt) => {
      attempt.end('unreachable');
    };
    running('/main')[0]!.end('unreachable');
    await clock.advance(60_000);
    expect(changes).toBe(2);
    expect(watched.condition()).toMatchObject({
      ...{ state: 'failed', stateReason: { reason: 'unreachable' } },
    });
  });

  it('keeps its hold through a stop, another configuration and a start', async () => {
    actor.start();
    const watched = watch();
    await clock.advance(0);
    online('/main');
    const before = watched.stream()?.hub;
    const stopped = actor.stop('disabled');
    // Its hub is about to close: nobody is to subscribe to it any more.
    expect(watched.stream()).toBeUndefined();
    await stopped;
    actor.configure(config({ enabled: false }));
    actor.start();
    expect([watched.stream(), watched.condition()]).toEqual([undefined, { state: 'disabled' }]);
    expect(open('/sub')).toBe(0);
    const told = changes;
    actor.configure(config());
    actor.start();
    await clock.advance(0);
    expect(changes).toBeGreaterThan(told);
    expect(watched.stream()?.hub).not.toBe(before);
    // What it wants is started with the camera.
    expect([open('/main'), open('/sub')]).toEqual([1, 1]);
    watched.release();
    await clock.advance(SUB_LINGER_MS);
    expect(open('/sub')).toBe(0);
  });

  it('hears that the camera is gone', () => {
    actor.start();
    const watched = watch('main');
    actor.forget();
    expect(removals).toBe(1);
    watched.release();
    actor.forget();
    expect(removals).toBe(1);
  });

  it('makes its streams hurry, the main and the sub-stream', async () => {
    actor.start();
    online('/main');
    running('/main')[0]!.media(...madeFrames({ fromMs: 1_000, lengthMs: 100, gopMs: 1_000 }));
    expect(running('/main')[0]!.events.isCalm()).toBe(true);
    const watched = watch();
    await clock.advance(0);
    // Before anything else it is being measured; then it is somebody's.
    expect(running('/sub')[0]!.events.isCalm()).toBe(false);
    const limits = { maxItems: 100, maxBytes: 1_000_000 };
    const subscription = watched.stream()?.hub.subscribe({
      ...{ policy: 'drop-to-keyframe', limits, from: 'gop' },
    });
    expect(running('/main')[0]!.events.isCalm()).toBe(false);
    subscription?.close();
  });
});
