import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../server/base/log.ts';
import { LiveService, VIEWERS_MAX } from '../../../server/live/live-service.ts';
import { SOCKET_MAX_BYTES } from '../../../server/live/viewer.ts';
import type { LiveClose } from '../../../server/live/live-socket.ts';
import { FakeLiveSocket } from '../../doubles/fake-live-socket.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { WatchedHousehold } from '../../doubles/watched-camera.ts';
import { madeFrames, madeRun } from '../../fixtures/made-media.ts';

const PORCH = '00000000000000c1';
const YARD = '00000000000000c2';

let clock: TestClock;
let home: WatchedHousehold;
let lines: string[];
let live: LiveService;
/** Who is signed in. */
let signedIn: Set<string>;

beforeEach(() => {
  clock = new TestClock();
  home = new WatchedHousehold();
  for (const id of [PORCH, YARD]) home.camera(id).begin(madeRun(0));
  lines = [];
  signedIn = new Set(['ada', 'sam']);
  live = new LiveService({ cameras: home, clock, log: createLog((line) => lines.push(line)) });
});

afterEach(async () => {
  await live.stop();
  expect([live.viewers, clock.pendingTimers]).toEqual([0, 0]);
});

async function open(cameraId = PORCH, who = 'ada'): Promise<FakeLiveSocket> {
  const socket = new FakeLiveSocket();
  const refusal = (): LiveClose | undefined => (signedIn.has(who) ? undefined : 'signedOut');
  live.open(socket, { cameraId, stream: 'sub', sound: false, refusal });
  await clock.advance(0);
  return socket;
}

describe('a viewer', () => {
  it('is served what it asks for, and counted while it is there', async () => {
    const socket = await open();
    expect(home.camera(PORCH).wanted).toEqual(['sub']);
    expect([socket.of('init').length, live.viewers]).toEqual([1, 1]);
    socket.break();
    await clock.advance(0);
    expect(live.viewers).toBe(0);
  });

  it('of a camera that is not there is told so', async () => {
    expect((await open('0000000000000000')).closedWith).toBe('cameraGone');
    expect(lines).toEqual([]);
  });

  it('beyond the limit is turned away until another leaves', async () => {
    const sockets: FakeLiveSocket[] = [];
    for (let i = 0; i < VIEWERS_MAX; i += 1) sockets.push(await open());
    expect((await open()).closedWith).toBe('tooMany');
    sockets[3]!.break();
    await clock.advance(0);
    expect((await open()).closedWith).toBeUndefined();
  });

  it('who signed out on the way here is sent nothing', async () => {
    signedIn.delete('ada');
    const socket = await open();
    expect([socket.closedWith, socket.texts.length, socket.binaries.length]).toEqual([
      ...['signedOut', 0, 0],
    ]);
  });

  it('with a defect ends alone, is told to try again, and is logged', async () => {
    const other = await open(PORCH, 'sam');
    const socket = new FakeLiveSocket();
    const refusal = (): LiveClose | undefined => {
      throw new Error('the database is gone');
    };
    live.open(socket, { cameraId: PORCH, stream: 'main', sound: false, refusal });
    live.recheck();
    await clock.advance(0);
    expect([socket.closedWith, other.closedWith]).toEqual(['goingAway', undefined]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('the database is gone');
  });
});

describe('all at once', () => {
  it('those of somebody who signs out are closed, the others stay', async () => {
    const [mine, mineToo, theirs] = [await open(), await open(YARD), await open(YARD, 'sam')];
    signedIn.delete('ada');
    live.recheck();
    expect([mine.closedWith, mineToo.closedWith]).toEqual(['signedOut', 'signedOut']);
    expect(theirs.closedWith).toBeUndefined();
    await clock.advance(0);
    expect(live.viewers).toBe(1);
  });

  it('those of a camera that is removed are closed', async () => {
    const [porch, yard] = [await open(PORCH), await open(YARD)];
    home.remove(PORCH);
    expect([porch.closedWith, yard.closedWith]).toEqual(['cameraGone', undefined]);
  });

  it('all are closed at a stop, and nobody is served afterwards', async () => {
    const sockets = [await open(PORCH), await open(YARD)];
    await live.stop();
    expect(sockets.map(({ closedWith }) => closedWith)).toEqual(['goingAway', 'goingAway']);
    expect((await open()).closedWith).toBe('goingAway');
  });
});

it('counts the frames that viewers did not get, also of those who left', async () => {
  const socket = await open();
  socket.isQuick = false;
  socket.bufferedBytes = SOCKET_MAX_BYTES;
  for (const frame of madeFrames({ lengthMs: 6_000, gopMs: 1_000 })) {
    await clock.advance(100);
    home.camera(PORCH).media(clock.monotonicMs(), frame);
  }
  const dropped = live.droppedFrames;
  expect(dropped).toBeGreaterThan(30);
  socket.break();
  await clock.advance(0);
  expect(live.droppedFrames).toBe(dropped);
});
