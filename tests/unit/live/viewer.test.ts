import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hub } from '../../../server/ingest/hub.ts';
import {
  ALLOWED_CHECK_MS,
  SOCKET_MAX_BYTES,
  STALLED_MS,
  UNANSWERED_MAX_MS,
  Viewer,
  WAIT_MAX_MS,
} from '../../../server/live/viewer.ts';
import type { LiveClose } from '../../../server/live/live-socket.ts';
import { FakeLiveSocket } from '../../doubles/fake-live-socket.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { WatchedCamera } from '../../doubles/watched-camera.ts';
import { madeFrame, madeFrames, madeRun } from '../../fixtures/made-media.ts';

let clock: TestClock;
let camera: WatchedCamera;
let socket: FakeLiveSocket;
let viewer: Viewer;
let refusal: () => LiveClose | undefined;
let running: Promise<void>;

beforeEach(() => {
  clock = new TestClock();
  camera = new WatchedCamera();
  refusal = () => undefined;
});

afterEach(async () => {
  viewer.end('goingAway');
  await running.catch(() => undefined);
  expect(clock.pendingTimers).toBe(0);
  expect(camera.watchers.size).toBe(0);
  expect(camera.hub?.viewers ?? 0).toBe(0);
});

/** A viewer begins to watch. */
async function open(wanted: 'main' | 'sub' = 'main'): Promise<void> {
  socket = new FakeLiveSocket();
  viewer = new Viewer({
    ...{ socket, clock, sound: false },
    watch: (watcher) => camera.watch(wanted, watcher),
    refusal: () => refusal(),
  });
  running = viewer.run();
  await clock.advance(0);
}

/** Frames of 100 ms come in real time, a key frame each second; the last one is not waited for. */
async function watchFor(lengthMs: number, sizeBytes = 1_000, fromMs = 0): Promise<void> {
  for (const frame of madeFrames({ fromMs, lengthMs, gopMs: 1_000, sizeBytes })) {
    await clock.advance(100);
    camera.media(clock.monotonicMs(), frame);
    await clock.advance(0);
  }
}

function texts(): string[] {
  return socket.texts.map((message) => (message.type === 'state' ? message.state : message.type));
}

describe('a viewer', () => {
  it('gets the GOP in memory at once, then each frame as it comes', async () => {
    camera.begin(madeRun(0));
    await watchFor(500);
    await open();
    // The init segment and five frames; no word about a state, because the picture is there.
    expect([texts(), socket.binaries.length]).toEqual([['init'], 6]);
    camera.media(clock.monotonicMs(), madeFrame({ atMs: 500, durationMs: 100, key: false }));
    await clock.advance(0);
    expect(socket.binaries).toHaveLength(7);
  });

  it('is told how the camera is until a picture comes, each change once', async () => {
    camera.condition = { state: 'connecting' };
    await open();
    expect(texts()).toEqual(['connecting']);
    camera.changed();
    const stateReason = {
      ...{ reason: 'unreachable', sentence: 'No picture.', hint: 'Power?' },
      since: '2026-01-01T12:00:00.000Z',
    };
    camera.become({ state: 'failed', stateReason });
    camera.become({ state: 'failed', stateReason });
    camera.begin(madeRun(0));
    camera.become({ state: 'online' });
    await watchFor(100);
    expect(texts()).toEqual(['connecting', 'failed', 'online', 'init']);
    expect(socket.of('state')[1]).toEqual({ type: 'state', state: 'failed', stateReason });
  });

  it('is told of a trouble that the picture outlives', async () => {
    camera.subHub = new Hub();
    camera.subHub.publish({ type: 'run', run: madeRun(0) });
    camera.condition = { state: 'stalled' };
    await open('sub');
    expect(texts()).toEqual(['stalled', 'init']);
  });

  it('stays when the camera is started anew, and gets the new run', async () => {
    camera.begin(madeRun(0));
    await watchFor(200);
    await open();
    camera.condition = { state: 'connecting' };
    camera.restart();
    await clock.advance(0);
    camera.become({ state: 'online' });
    camera.begin(madeRun(5));
    await watchFor(100);
    expect(texts()).toEqual(['init', 'connecting', 'online', 'init']);
    expect(socket.of('init').map(({ epochMs }) => epochMs)).toEqual([0, 5]);
  });

  it('waits for a camera that is switched off', async () => {
    const { hub } = camera;
    camera.hub = undefined;
    camera.condition = { state: 'disabled' };
    await open();
    expect(texts()).toEqual(['disabled']);
    camera.hub = hub;
    camera.become({ state: 'connecting' });
    await clock.advance(0);
    camera.begin(madeRun(0));
    await clock.advance(0);
    expect(texts()).toEqual(['disabled', 'connecting', 'init']);
  });

  it('goes over to the sub-stream when it is there, and says which it shows', async () => {
    camera.begin(madeRun(0));
    await watchFor(100);
    await open('sub');
    camera.subHub = new Hub();
    camera.subHub.publish({ type: 'run', run: madeRun(0) });
    camera.changed();
    await clock.advance(0);
    expect(socket.of('init').map(({ stream }) => stream)).toEqual(['main', 'sub']);
    expect([camera.hub?.viewers, camera.subHub.viewers]).toEqual([0, 1]);
  });
});

describe('a viewer that takes nothing', () => {
  beforeEach(async () => {
    camera.begin(madeRun(0));
    await open();
    socket.isQuick = false;
    socket.bufferedBytes = 0;
  });

  it('holds at most the named bytes and one message, and is closed', async () => {
    // 4 Mbit/s for half a minute.
    await watchFor(30_000, 50_000);
    expect(socket.closedWith).toBe('stalled');
    expect(socket.mostBytes).toBeLessThan(SOCKET_MAX_BYTES + 50_000);
    expect(viewer.droppedFrames).toBeGreaterThan(100);
  });

  it('is closed within the named time, not before', async () => {
    camera.media(clock.monotonicMs(), madeFrame({ atMs: 0, durationMs: 100, key: true }));
    await clock.advance(STALLED_MS);
    expect(socket.closedWith).toBeUndefined();
    await clock.advance(3_000);
    expect(socket.closedWith).toBe('stalled');
    await running;
  });

  it('is sent nothing more once a ping stays out, though the kernel takes it all', async () => {
    await clock.advance(1_000);
    expect(socket.pings).toBe(1);
    await clock.advance(UNANSWERED_MAX_MS + 1);
    const before = socket.binaries.length;
    await watchFor(1_000);
    expect(socket.binaries).toHaveLength(before);
    socket.pong();
    await clock.advance(0);
    expect(socket.binaries.length).toBeGreaterThan(before);
    expect(socket.of('dropped')).toEqual([]);
  });

  it('and takes it later goes on at a key frame, and hears how much it lost', async () => {
    socket.bufferedBytes = SOCKET_MAX_BYTES;
    await watchFor(WAIT_MAX_MS + 1_500);
    expect(socket.binaries).toHaveLength(1);
    socket.isQuick = true;
    socket.take();
    socket.pong();
    await clock.advance(0);
    const [dropped] = socket.of('dropped');
    expect(dropped?.behindMs).toBeGreaterThan(WAIT_MAX_MS);
    expect(dropped?.behindMs).toBeLessThan(WAIT_MAX_MS + 200);
    expect(dropped?.frames).toBe(viewer.droppedFrames);
    // What was in hand when it got stuck, then the key frame (1 in its first byte) and its followers.
    const [, inHand, next] = socket.binaries;
    expect([inHand?.[0], next?.[0]]).toEqual([1, 1]);
    const received = socket.binaries.length - 1;
    expect(received + viewer.droppedFrames).toBe((WAIT_MAX_MS + 1_500) / 100);
  });

  it('hears of the camera’s state all the same', async () => {
    socket.bufferedBytes = SOCKET_MAX_BYTES;
    camera.become({ state: 'stalled' });
    await clock.advance(0);
    expect(texts().at(-1)).toBe('stalled');
  });
});

describe('the end', () => {
  beforeEach(async () => {
    camera.begin(madeRun(0));
    await open();
  });

  it('comes with the connection', async () => {
    socket.break();
    await running;
    expect(socket.closedWith).toBeUndefined();
  });

  it('is told with the first reason', async () => {
    viewer.end('goingAway');
    viewer.end('stalled');
    await running;
    expect(socket.closedWith).toBe('goingAway');
  });

  it('comes for whoever says something', async () => {
    socket.say();
    await running;
    expect(socket.closedWith).toBe('unexpectedData');
  });

  it('comes with the camera', async () => {
    for (const watcher of camera.watchers) watcher.onRemoved();
    await running;
    expect(socket.closedWith).toBe('cameraGone');
  });

  it('comes within a minute for whoever may look no longer', async () => {
    refusal = () => 'signedOut';
    await clock.advance(ALLOWED_CHECK_MS);
    expect(socket.closedWith).toBe('signedOut');
  });

  it('comes when nobody can tell who may look, as a defect', async () => {
    const defect = new Error('the database is gone');
    refusal = () => {
      throw defect;
    };
    const outcome = expect(running).rejects.toMatchObject({ kind: 'internal', cause: defect });
    viewer.checkAllowed();
    await outcome;
    viewer.end('goingAway');
    expect(socket.closedWith).toBe('goingAway');
  });

  it('does not come for an idle connection that answers', async () => {
    await clock.advance(10 * 60_000);
    expect(socket.closedWith).toBeUndefined();
    // One each 15 s once nothing is sent.
    expect(socket.pings).toBeGreaterThan(30);
    expect(socket.pings).toBeLessThan(60);
  });
});
