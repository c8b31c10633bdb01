/// <reference lib="dom" />
/** From a socket to a source buffer: which bytes go where, and what the player is told. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveInit } from '../../../../server/contract/live.ts';
import { buildInit, buildPart } from '../../../../server/fmp4/part.ts';
import { LiveFeed } from '../../../../web/player/live-feed.ts';
import type { FeedNews, FeedRequest } from '../../../../web/player/live-feed-messages.ts';
import {
  type BufferDeed,
  FakeMediaSource,
  FakeSocket,
  type FakeSourceBuffer,
} from '../../../doubles/fake-live-browser.ts';
import { TestBrowserClock } from '../../../doubles/test-browser-clock.ts';
import { aacTrack, fragment, h264Track, sample } from '../../../fixtures/fmp4-samples.ts';

const video = h264Track();
const audio = aacTrack();
const FRAME_TICKS = 6_000;
/** The box's wall clock at media time zero. */
const EPOCH_MS = 1_700_000_000_000;

let clock: TestBrowserClock;
let sockets: FakeSocket[];
let sources: FakeMediaSource[];
let news: FeedNews[];
let canPlay: boolean;
let feed: LiveFeed;

const socket = (): FakeSocket => sockets.at(-1)!;
const buffer = (): FakeSourceBuffer => sources.at(-1)!.buffers[0]!;
const types = (): string[] => news.map(({ type }) => type);

beforeEach(() => {
  clock = new TestBrowserClock();
  [sockets, sources, news, canPlay] = [[], [], [], true];
  feed = new LiveFeed({
    ...{ clock, origin: 'http://127.0.0.1:8080', random: () => 0 },
    connect: (address) => {
      sockets.push(new FakeSocket(address));
      return socket().asWebSocket();
    },
    ask: () => Promise.resolve('there'),
    newSource: () => {
      sources.push(new FakeMediaSource());
      return sources.at(-1)!.asMediaSource();
    },
    canPlay: () => canPlay,
    handleOf: (source) => source,
    tell: (one) => news.push(one),
  });
});

function play(request: Partial<FeedRequest> = {}): void {
  const whole = { cameraId: '00000000000000aa', stream: 'main', sound: false, ...request } as const;
  feed.order({ type: 'play', request: whole });
  socket().open();
}

function init(more: Partial<LiveInit> = {}): LiveInit {
  const words = { type: 'init', codecs: video.codecString, epochMs: EPOCH_MS } as const;
  return { ...words, stream: 'main', width: 64, height: 64, ...more };
}

/** Picture `index` of a run, a key frame each 30. */
function picture(index: number): Buffer {
  const samples = [sample({ sync: index % 30 === 0, durationTicks: FRAME_TICKS, sizeBytes: 9 })];
  const one = fragment('video', index * FRAME_TICKS, samples, index);
  return Buffer.concat(buildPart({ sequenceNumber: 1, video: [one], audio: [] }));
}

/** A run's beginning as the box sends it: words, init segment, the pictures in its memory. */
async function begin(
  count: number,
  more: Partial<LiveInit> = {},
  of: Buffer = buildInit(video),
): Promise<void> {
  socket().say(init(more));
  socket().send(of);
  for (let index = 0; index < count; index += 1) socket().send(picture(index));
  await clock.advance(20);
  if (sources.length > 0 && sources.at(-1)!.readyState === 'closed') sources.at(-1)!.open();
}

function appended(of: FakeSourceBuffer): Extract<BufferDeed, { did: 'append' }>[] {
  of.settleAll();
  return of.deeds.filter((deed) => deed.did === 'append');
}

describe('a first picture', () => {
  it('comes with all that the box had in memory, in one piece', async () => {
    play();
    await begin(20);
    const [head, media, ...more] = appended(buffer());
    expect(head?.bytes).toEqual(buildInit(video));
    expect(media?.bytes).toEqual(Buffer.concat(Array.from({ length: 20 }, (_, n) => picture(n))));
    expect(more).toEqual([]);
    expect(types()).toEqual(['source', 'link', 'link', 'run']);
    expect(news.at(-1)).toMatchObject({ startMs: EPOCH_MS, stream: 'main', sound: false });
  });

  it('does not wait for all of it on a slow network', async () => {
    play();
    socket().say(init());
    socket().send(buildInit(video));
    for (let index = 0; index < 12; index += 1) {
      socket().send(picture(index));
      await clock.advance(10);
    }
    expect(types()).toContain('run');
  });

  it('lies after time zero on the timeline, and those after it where they belong', async () => {
    play();
    await begin(1);
    const offsetS = appended(buffer())[0]?.offsetS;
    const [run] = news.filter((one) => one.type === 'run');
    expect(run?.zeroMs).toBeLessThan(EPOCH_MS);
    expect(offsetS).toBe((EPOCH_MS - (run?.zeroMs ?? 0)) / 1_000);
    expect(sources[0]!.duration).toBe(Infinity);
  });

  it('of a kind that cannot be shown is said, and nothing more is fetched', async () => {
    canPlay = false;
    play();
    await begin(1, { codecs: 'hvc1.1.6.L120.B0' });
    const codecs = 'hvc1.1.6.L120.B0';
    expect(news.at(-1)).toEqual({ type: 'unplayable', stream: 'main', codecs });
    expect(socket().isHungUp).toBe(true);
    expect(sources[0]?.buffers).toEqual([]);
  });
});

describe('what follows', () => {
  it('is appended as it comes, together where the decoder was busy', async () => {
    play();
    await begin(1);
    expect(appended(buffer())).toHaveLength(2);
    socket().send(picture(1));
    socket().send(picture(2));
    socket().send(picture(3));
    const deeds = appended(buffer()).slice(2);
    expect(deeds.map(({ bytes }) => bytes)).toEqual([
      picture(1),
      Buffer.concat([picture(2), picture(3)]),
    ]);
  });

  it('is told once a second, and not while nothing comes', async () => {
    play();
    await begin(1);
    const before = news.length;
    for (let index = 1; index <= 50; index += 1) {
      socket().send(picture(index));
      await clock.advance(66);
    }
    const progress = news.slice(before);
    expect(progress.length).toBeGreaterThanOrEqual(3);
    expect(new Set(types().slice(before))).toEqual(new Set(['progress']));
    const told = news.length;
    await clock.advance(1_600);
    expect(news.length).toBeLessThanOrEqual(told + 1);
  });

  it('is taken out again up to a key frame, never beyond it', async () => {
    play();
    await begin(1);
    for (let index = 1; index <= 400; index += 1) {
      socket().send(picture(index));
      buffer().settleAll();
    }
    const removed = buffer().deeds.filter((deed) => deed.did === 'remove');
    expect(removed.length).toBeGreaterThan(1);
    // Key frames lie 2 s apart from second 1 on; a millisecond before one of them.
    for (const { toS } of removed) expect((toS + 0.001 - 1) % 2).toBeCloseTo(0, 6);
    const edgeS = 1 + (401 * FRAME_TICKS) / 90_000;
    expect(edgeS - removed.at(-1)!.toS).toBeGreaterThanOrEqual(6);
    expect(edgeS - removed.at(-1)!.toS).toBeLessThan(14);
  });

  it('finds room when the browser says that there is none', async () => {
    play();
    await begin(100);
    buffer().settleAll();
    buffer().isFull = true;
    socket().send(picture(100));
    expect(buffer().deeds.at(-1)).toMatchObject({ did: 'remove' });
    buffer().isFull = false;
    expect(appended(buffer()).at(-1)?.bytes).toEqual(picture(100));
    expect(types()).not.toContain('broken');
  });

  it('breaks when there is no room for a single picture', async () => {
    play();
    await begin(1);
    buffer().settleAll();
    buffer().isFull = true;
    socket().send(picture(1));
    buffer().settleAll();
    expect(types().at(-1)).toBe('broken');
    expect(socket().isHungUp).toBe(true);
  });

  it.each([
    [
      'a fragment that does not read',
      () => {
        socket().send(Buffer.alloc(40));
      },
    ],
    ['the browser cannot read it', () => buffer().dispatchEvent(new Event('error'))],
  ])('breaks: %s', async (_what, happens) => {
    play();
    await begin(1);
    happens();
    expect(types().filter((type) => type === 'broken')).toHaveLength(1);
  });
});

describe('another run', () => {
  it('goes on in the same buffer, at its own place in time', async () => {
    play();
    await begin(30);
    buffer().settleAll();
    await begin(1, { epochMs: EPOCH_MS + 60_000 });
    expect(sources).toHaveLength(1);
    const offsets = appended(buffer()).map(({ offsetS }) => offsetS);
    expect(offsets.at(-1)! - offsets[0]!).toBe(60);
    expect(news.at(-1)).toMatchObject({ type: 'run', startMs: EPOCH_MS + 60_000 });
  });

  it('of another kind changes the type of the buffer first', async () => {
    play();
    await begin(1);
    buffer().settleAll();
    await begin(1, { codecs: 'avc1.4d0028', epochMs: EPOCH_MS + 9_000 });
    buffer().settleAll();
    const [change] = buffer().deeds.filter((deed) => deed.did === 'change');
    expect(change?.mimeType).toBe('video/mp4; codecs="avc1.4d0028"');
  });

  it('with sound, where there was none, needs another buffer', async () => {
    play({ sound: true });
    await begin(1);
    const codecs = `${video.codecString},mp4a.40.2`;
    await begin(1, { codecs, epochMs: EPOCH_MS + 9_000 }, buildInit(video, audio));
    expect(sources).toHaveLength(2);
    expect(news.at(-1)).toMatchObject({ type: 'run', sound: true });
  });

  it('of a box whose clock was set back needs one, too', async () => {
    play();
    await begin(1);
    await begin(1, { epochMs: EPOCH_MS - 3_600_000 });
    expect(sources).toHaveLength(2);
  });
});

describe('orders', () => {
  it('another stream is taken over only when it has a picture', async () => {
    play({ stream: 'sub' });
    await begin(1, { stream: 'sub' });
    buffer().settleAll();
    const first = socket();
    play({ stream: 'main' });
    expect(sockets).toHaveLength(2);
    first.send(picture(1));
    expect(appended(buffer()).at(-1)?.bytes).toEqual(picture(1));
    expect(first.isHungUp).toBe(false);
    await begin(1, { epochMs: EPOCH_MS + 100 });
    expect(first.isHungUp).toBe(true);
    expect(sources).toHaveLength(1);
    expect(news.at(-1)).toMatchObject({ type: 'run', stream: 'main' });
  });

  it('a change of mind before that costs nothing', async () => {
    play({ stream: 'sub' });
    await begin(1, { stream: 'sub' });
    play({ stream: 'main' });
    const dropped = socket();
    feed.order({
      type: 'play',
      request: { cameraId: '00000000000000aa', stream: 'sub', sound: false },
    });
    expect(dropped.isHungUp).toBe(true);
    expect(sockets[0]!.isHungUp).toBe(false);
  });

  it('a pause hangs up and keeps the buffer for what comes after it', async () => {
    play();
    await begin(1);
    feed.order({ type: 'pause' });
    expect(socket().isHungUp).toBe(true);
    const told = news.length;
    await clock.advance(60_000);
    expect(news).toHaveLength(told);
    play();
    await begin(1, { epochMs: EPOCH_MS + 60_000 });
    expect(sources).toHaveLength(1);
    expect(news.at(-1)?.type).toBe('run');
  });

  it('after the end nothing is told', async () => {
    play();
    feed.close();
    feed.order({ type: 'pause' });
    await clock.advance(5_000);
    expect(types()).toEqual(['source', 'link', 'link']);
    expect(sockets).toHaveLength(1);
  });

  it('the camera’s state is handed on in the box’s words', () => {
    play();
    const stateReason = { reason: 'x', sentence: 'It rests.', hint: 'Wake it.', since: '' };
    socket().say({ type: 'state', state: 'stalled', stateReason });
    expect(news.at(-1)).toEqual({ type: 'condition', state: 'stalled', reason: stateReason });
  });
});
