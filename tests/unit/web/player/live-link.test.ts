/// <reference lib="dom" />
import { beforeEach, describe, expect, it } from 'vitest';
import { LIVE_CLOSE } from '../../../../server/contract/live.ts';
import type { CameraAnswer } from '../../../../web/api/camera-calls.ts';
import { LiveLink, retryAfterMs } from '../../../../web/player/live-link.ts';
import { FakeSocket } from '../../../doubles/fake-live-browser.ts';
import { TestBrowserClock } from '../../../doubles/test-browser-clock.ts';

let clock: TestBrowserClock;
let sockets: FakeSocket[];
let told: string[];
let answer: CameraAnswer;
let asked: number;

const newest = (): FakeSocket => sockets.at(-1)!;

function start(): LiveLink {
  const parts = {
    ...{ clock, origin: 'https://box.local', random: () => 1 },
    connect: (address: string) => {
      sockets.push(new FakeSocket(address));
      return newest().asWebSocket();
    },
    ask: () => {
      asked += 1;
      return Promise.resolve(answer);
    },
  };
  const request = { cameraId: '00000000000000aa', stream: 'sub', sound: true } as const;
  const link = new LiveLink(parts, request, {
    onText: ({ type }) => told.push(type),
    onMedia: (bytes) => told.push(`${bytes.byteLength} bytes`),
    onState: (state) => told.push(state),
    onEnded: (why) => told.push(`ended: ${why}`),
  });
  link.start();
  return link;
}

beforeEach(() => {
  clock = new TestBrowserClock();
  sockets = [];
  told = [];
  answer = 'there';
  asked = 0;
});

describe('a connection', () => {
  it('asks for its stream on the page’s own origin', () => {
    start();
    const path = '/api/cameras/00000000000000aa/live?stream=sub&audio=1';
    expect(newest().address).toBe(`wss://box.local${path}`);
  });

  it('hands on words and media', () => {
    start();
    newest().open();
    newest().say({ type: 'state', state: 'stalled' });
    newest().send(Buffer.alloc(7));
    expect(told).toEqual(['connecting', 'open', 'state', '7 bytes']);
  });

  it('that ends begins anew by itself, later each time, until something comes', async () => {
    start();
    const waits: number[] = [];
    for (let time = 0; time < 6; time += 1) {
      newest().open();
      newest().end(1006);
      const before = sockets.length;
      let waitedMs = 0;
      for (; sockets.length === before; waitedMs += 50) await clock.advance(50);
      waits.push(waitedMs);
    }
    expect(waits).toEqual([300, 600, 1_200, 2_400, 4_000, 4_000]);
    newest().open();
    newest().send(Buffer.alloc(1));
    newest().end(1006);
    await clock.advance(300);
    expect(sockets).toHaveLength(8);
  });

  it('spreads the return of many pages', () => {
    expect(retryAfterMs(0, 0)).toBe(150);
    expect(retryAfterMs(50, 1)).toBe(4_000);
  });

  it('that does not come about says whether the box is there', async () => {
    answer = 'gone';
    start();
    newest().end(1006);
    await clock.advance(1);
    expect(told).toEqual(['connecting', 'gone']);
    await clock.advance(300);
    expect(sockets).toHaveLength(2);
  });

  it('that stays open without a sound is given up when the box is gone', async () => {
    const link = start();
    newest().open();
    await clock.advance(2_900);
    link.look();
    expect(asked).toBe(0);
    answer = 'gone';
    await clock.advance(200);
    link.look();
    link.look();
    expect(asked).toBe(1);
    await clock.advance(1);
    expect(sockets[0]!.isHungUp).toBe(true);
    expect(told).toEqual(['connecting', 'open', 'gone']);
    await clock.advance(300);
    expect(sockets).toHaveLength(2);
  });

  it('without a sound stays when the box is there: its camera has nothing to show', async () => {
    const link = start();
    newest().open();
    await clock.advance(60_000);
    link.look();
    await clock.advance(1);
    expect(sockets[0]!.isHungUp).toBe(false);
  });
});

describe('the box’s reasons', () => {
  it.each([
    ['signed out', LIVE_CLOSE.signedOut, 'ended: signed-out'],
    ['the camera was removed', LIVE_CLOSE.cameraGone, 'ended: removed'],
    ['it was taken from this person', LIVE_CLOSE.notAllowed, 'ended: removed'],
  ])('%s: nobody asks again', async (_what, code, end) => {
    start();
    newest().open();
    newest().end(code);
    await clock.advance(60_000);
    expect(told.at(-1)).toBe(end);
    expect(sockets).toHaveLength(1);
  });

  it.each(['signed-out', 'removed'] as const)('refused because %s', async (why) => {
    answer = why;
    start();
    newest().end(1006);
    await clock.advance(60_000);
    expect(told).toEqual(['connecting', `ended: ${why}`]);
    expect(sockets).toHaveLength(1);
  });

  it('too many: it waits longer', async () => {
    start();
    newest().end(LIVE_CLOSE.tooMany);
    expect(told.at(-1)).toBe('busy');
    await clock.advance(7_900);
    expect(sockets).toHaveLength(1);
    await clock.advance(200);
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ['stopping', LIVE_CLOSE.goingAway],
    ['nobody took anything', LIVE_CLOSE.stalled],
  ])('%s: it comes back', async (_what, code) => {
    start();
    newest().open();
    newest().end(code);
    await clock.advance(300);
    expect(sockets).toHaveLength(2);
  });
});

describe('closed', () => {
  it('nothing is told and nothing is asked any more', async () => {
    const link = start();
    newest().open();
    link.close();
    newest().say({ type: 'state', state: 'online' });
    await clock.advance(60_000);
    expect(told).toEqual(['connecting', 'open']);
    expect(sockets).toHaveLength(1);
    expect(newest().isHungUp).toBe(true);
  });

  it('while it waits for another attempt, too', async () => {
    const link = start();
    newest().open();
    newest().end(1006);
    link.close();
    await clock.advance(60_000);
    expect(sockets).toHaveLength(1);
  });

  it('while it asks whether the box is there, too', async () => {
    const link = start();
    newest().end(1006);
    link.close();
    await clock.advance(60_000);
    expect(told).toEqual(['connecting']);
    expect(sockets).toHaveLength(1);
  });
});
