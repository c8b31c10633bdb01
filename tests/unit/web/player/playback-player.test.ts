/** What the player does when the box does not give what it named: asks a little, then says so. */
import { beforeEach, describe, expect, it } from 'vitest';
import { loadHls } from '../../../../web/player/playback-hls.ts';
import { PlaybackPlayer } from '../../../../web/player/playback-player.ts';
import type { PlaybackState } from '../../../../web/player/playback-state.ts';
import { FakeBox } from '../../../doubles/fake-box.ts';
import { FakeVideo } from '../../../doubles/fake-video.ts';
import { TestBrowserClock } from '../../../doubles/test-browser-clock.ts';

const NOW = Date.parse('2026-11-22T15:00:00Z');
const HOUR_MS = 3_600_000;
const CAMERA = '00000000000000aa';

/** The box, and what it answers to each question. */
let recordings: (fromMs: number) => Response;
let playlist: (fromMs: number) => Response;
let box: FakeBox;
let clock: TestBrowserClock;
let video: FakeVideo;
let states: PlaybackState[];
let player: PlaybackPlayer;

const iso = (ms: number): string => new Date(ms).toISOString();
const last = (): PlaybackState | undefined => states.at(-1);

/** Recorded from then on, up to now. */
const from = (fromMs: number): Response =>
  Response.json({ ranges: [{ from: iso(fromMs), to: iso(NOW) }], gaps: [] });

const problem = (status: number, reason?: string): Response =>
  new Response(JSON.stringify({ type: 'urn:doorkeep:problem:x', status, detail: 'No.', reason }), {
    ...{ status, headers: { 'Content-Type': 'application/problem+json' } },
  });

/** Two hours of one entry each second, from then on. */
const footage = (fromMs: number): Response =>
  new Response(
    [
      '#EXTM3U',
      `#EXT-X-DOORKEEP-RUN:ANCHOR="${iso(fromMs)}",CODECS="avc1.64001f"`,
      '#EXT-X-MAP:URI="a/1/1.mp4",BYTERANGE="800@0"',
      `#EXT-X-PROGRAM-DATE-TIME:${iso(fromMs)}`,
      ...Array.from({ length: 7_200 }, () => '#EXTINF:1,\na/1/1.mp4'),
      '#EXT-X-ENDLIST',
    ].join('\n'),
    { headers: { Date: new Date(NOW).toUTCString() } },
  );

/** Lets answers arrive: each takes some turns of the event loop, and loading hls.js a few more. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Time passes, and the box answers what is asked in it. */
async function pass(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 250) {
    await clock.advance(250);
    await settle();
  }
}

beforeEach(async () => {
  box = new FakeBox(({ pathname, searchParams }) => {
    const fromMs = Date.parse(searchParams.get('from') ?? '');
    return pathname === '/api/recordings' ? recordings(fromMs) : playlist(fromMs);
  });
  states = [];
  clock = new TestBrowserClock(NOW);
  video = new FakeVideo();
  recordings = () => from(NOW - 3 * HOUR_MS);
  playlist = footage;
  player = new PlaybackPlayer(video.element, {
    ...{ cameraId: CAMERA, clock, onHole: () => undefined },
    onState: (state) => states.push(state),
  });
  // The first import takes longer than a test's turns.
  await loadHls();
  return () => {
    player.close();
    box.restore();
  };
});

describe('a box that names footage and has none', () => {
  it('is asked less and less often, then no more; the way on is said', async () => {
    // Each look finds something a minute further on.
    recordings = (fromMs) => from(fromMs + 60_000);
    playlist = () => problem(404, 'nothing-recorded');
    player.playFrom(NOW - HOUR_MS);
    await settle();
    const atOnce = box.asked.length;
    expect(atOnce).toBeLessThanOrEqual(8);
    await pass(20_000);
    expect(last()).toMatchObject({ kind: 'trouble', trouble: 'footage-gone' });
    const inAll = box.asked.length;
    expect(inAll).toBeLessThanOrEqual(30);
    await pass(60_000);
    expect(box.asked.length).toBe(inAll);
    const goOnMs = last()?.kind === 'trouble' ? (last() as { goOnMs: number }).goOnMs : 0;
    expect(goOnMs).toBeGreaterThan(NOW - HOUR_MS);
  });

  it('begins anew when a person asks', async () => {
    recordings = (fromMs) => from(fromMs + 60_000);
    playlist = () => problem(404, 'nothing-recorded');
    player.playFrom(NOW - HOUR_MS);
    await pass(20_000);
    playlist = footage;
    player.playFrom(NOW - HOUR_MS);
    await settle();
    expect(video.src).toContain('/api/playback/');
  });

  it.each([
    [500, 'refused'],
    [503, 'refused'],
    [404, 'camera-gone'],
    [423, 'locked'],
  ])('is asked once when it says %i', async (status, trouble) => {
    playlist = () => problem(status);
    player.playFrom(NOW - HOUR_MS);
    await pass(20_000);
    expect(last()).toMatchObject({ kind: 'trouble', trouble });
    expect(box.asked.length).toBe(2);
  });
});

describe('a box that is away', () => {
  it('is asked ever less often, and never given up', async () => {
    box.isAway = true;
    player.playFrom(NOW - HOUR_MS);
    await settle();
    await pass(3_000);
    expect(last()).toMatchObject({ kind: 'trouble', trouble: 'box-gone', goOnMs: undefined });
    expect(box.asked.length).toBe(4);
    await pass(120_000);
    // After 3, 6, 12, 24, 30 seconds, two questions each.
    expect(box.asked.length).toBeLessThanOrEqual(16);
    const before = box.asked.length;
    await pass(60_000);
    expect(box.asked.length).toBeGreaterThan(before);
  });
});

describe('footage that breaks off', () => {
  const startMs = NOW - HOUR_MS;

  beforeEach(async () => {
    player.playFrom(startMs);
    await settle();
    video.tell('loadedmetadata');
    video.tell('seeked');
    expect(last()).toEqual({ kind: 'playing' });
  });

  it('is asked for once more, and then called what it is while the box answers', async () => {
    video.breakOff();
    await settle();
    expect(last()).toEqual({ kind: 'playing' });
    video.breakOff();
    await settle();
    expect(last()).toMatchObject({ kind: 'trouble', trouble: 'damaged' });
    expect((last() as { goOnMs: number }).goOnMs).toBeGreaterThan(startMs);
    expect((last() as { goOnMs: number }).goOnMs).toBeLessThanOrEqual(startMs + 61_000);
  });

  it('is the box’s absence where that does not answer', async () => {
    box.isAway = true;
    video.breakOff();
    await settle();
    expect(last()).toMatchObject({ kind: 'trouble', trouble: 'box-gone' });
  });

  it('is left behind: what is played later needs nothing of it', async () => {
    video.breakOff();
    await settle();
    video.breakOff();
    await settle();
    const froms: number[] = [];
    playlist = (fromMs) => {
      froms.push(fromMs);
      return footage(fromMs);
    };
    const { goOnMs } = last() as { goOnMs: number };
    player.playFrom(goOnMs);
    await settle();
    expect(froms).toEqual([goOnMs]);
  });
});

it('takes no seek of the window before for the moment that is on its way', async () => {
  player.playFrom(NOW - HOUR_MS);
  await settle();
  video.tell('loadedmetadata');
  video.tell('seeked');
  const wantedMs = NOW - 24 * HOUR_MS;
  player.playFrom(wantedMs);
  // The old picture plays on meanwhile.
  video.tell('seeked');
  video.tell('playing');
  expect(last()).toEqual({ kind: 'opening', atMs: wantedMs });
  await settle();
  video.tell('seeked');
  expect(Math.abs((player.epochMs ?? 0) - wantedMs)).toBeLessThan(2 * HOUR_MS);
});
