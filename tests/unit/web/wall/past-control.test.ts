/** Live and past in one place: which moment is seen, and what the address says of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { PastControl, type PastPlayer } from '../../../../web/components/past-control.ts';
import type { PlaybackOptions } from '../../../../web/player/playback-state.ts';
import { TestBrowserClock } from '../../../doubles/test-browser-clock.ts';

const NOW = Date.parse('2026-11-22T15:00:00Z');
const EARLIER = NOW - 3_600_000;

/** What a player was told, and the moment that it shows. */
class FakePlayer implements PastPlayer {
  epochMs: number | undefined = undefined;
  muted = true;
  readonly told: string[] = [];
  readonly options: PlaybackOptions;

  constructor(options: PlaybackOptions) {
    this.options = options;
  }

  playFrom(ms: number): void {
    this.epochMs = ms;
    this.told.push(`play ${String(ms - NOW)}`);
  }

  seek(ms: number): void {
    this.epochMs = ms;
    this.told.push(`seek ${String(ms - NOW)}`);
  }

  pause(): void {
    this.told.push('pause');
  }

  resume(): void {
    this.told.push('resume');
  }

  stepFrames(frames: 1 | -1): void {
    this.told.push(`step ${String(frames)}`);
  }

  close(): void {
    this.told.push('close');
  }
}

let clock: TestBrowserClock;
let noted: (number | undefined)[];
let lockedTimes = 0;
let player: FakePlayer;

function made(atMs: number | undefined): PastControl {
  return new PastControl(atMs, {
    ...{ cameraId: '0123456789abcdef', clock },
    boxNowMs: () => clock.wallMs(),
    note: (ms) => noted.push(ms),
    onLocked: () => {
      lockedTimes += 1;
    },
    makePlayer: (_video, options) => (player = new FakePlayer(options)),
  });
}

/** No element is touched by the control itself. */
const video = {} as HTMLVideoElement;

beforeEach(() => {
  clock = new TestBrowserClock(NOW);
  noted = [];
  lockedTimes = 0;
});

describe('from live', () => {
  it('goes to a moment that is chosen, and plays it', () => {
    const past = made(undefined);
    expect(past.isLive.value).toBe(true);
    past.playFrom(EARLIER);
    expect(past.isLive.value).toBe(false);
    expect(past.seenMs.value).toBe(EARLIER);
    expect(noted).toEqual([EARLIER]);
    past.attach(video);
    expect(player.told).toEqual([`play ${String(EARLIER - NOW)}`]);
  });

  it('goes ten seconds back, and stays live where that is nearly now', () => {
    const past = made(undefined);
    past.skip(-3_000);
    expect(past.isLive.value).toBe(true);
    past.skip(-10_000);
    expect(past.seenMs.value).toBe(NOW - 10_000);
  });

  it('stops at the newest picture that is kept', () => {
    const past = made(undefined);
    past.togglePlay();
    expect(past.isPaused.value).toBe(true);
    past.attach(video);
    expect(player.told).toEqual(['seek -4001']);
  });
});

describe('in the past', () => {
  it('begins where the address says, and lets go of the player', () => {
    const past = made(EARLIER);
    const detach = past.attach(video);
    expect(player.told).toEqual([`play ${String(EARLIER - NOW)}`]);
    detach();
    expect(player.told.at(-1)).toBe('close');
    expect(past.state.value).toBeUndefined();
  });

  it('pauses, plays, and stays paused over a skip', () => {
    const past = made(EARLIER);
    past.attach(video);
    past.togglePlay();
    past.skip(10_000);
    past.togglePlay();
    expect(player.told.slice(1)).toEqual([
      'pause',
      `seek ${String(EARLIER + 10_000 - NOW)}`,
      'resume',
    ]);
    past.step(-1);
    expect(past.isPaused.value).toBe(true);
  });

  it('follows a player that stops by itself', () => {
    const past = made(EARLIER);
    past.attach(video);
    player.options.onState({ kind: 'paused' });
    expect(past.isPaused.value).toBe(true);
    player.options.onState({ kind: 'playing' });
    expect(past.isPaused.value).toBe(false);
  });

  it('is live again at the end of what there is, and by one step', () => {
    const past = made(EARLIER);
    past.attach(video);
    player.options.onState({ kind: 'at-now' });
    expect(past.isLive.value).toBe(true);
    expect(noted).toEqual([undefined]);
    past.playFrom(EARLIER);
    past.skip(NOW - EARLIER);
    expect(past.isLive.value).toBe(true);
  });

  it('keeps sound as it was asked for, whichever player comes', () => {
    const past = made(EARLIER);
    past.muted = false;
    past.attach(video);
    expect(player.muted).toBe(false);
    past.muted = true;
    expect(player.muted).toBe(true);
  });

  it('says what was jumped over, for eight seconds', async () => {
    const past = made(EARLIER);
    past.attach(video);
    const hole = { fromMs: EARLIER, toMs: EARLIER + 60_000, reason: undefined };
    player.options.onHole(hole);
    await clock.advance(7_999);
    expect(past.hole.value).toEqual(hole);
    await clock.advance(1);
    expect(past.hole.value).toBeUndefined();
  });
});

describe('the address', () => {
  it('follows the picture, not oftener than each five seconds', async () => {
    const past = made(EARLIER);
    past.attach(video);
    const running = past.run(() => true);
    for (let second = 1; second <= 12; second += 1) {
      player.epochMs = EARLIER + second * 1_000;
      await clock.advance(1_000);
    }
    expect(past.seenMs.value).toBe(EARLIER + 12_000);
    expect(noted).toHaveLength(3);
    player.epochMs = EARLIER + 12_345.6;
    past.noteNow();
    expect(noted.at(-1)).toBe(EARLIER + 12_346);
    running.cancel();
    await clock.advance(60_000);
    expect(noted).toHaveLength(4);
  });

  it('stands still while nobody looks, and while the picture does', async () => {
    const past = made(EARLIER);
    past.attach(video);
    let isSeen = true;
    past.run(() => isSeen);
    await clock.advance(20_000);
    expect(noted).toHaveLength(0);
    isSeen = false;
    player.epochMs = EARLIER + 20_000;
    await clock.advance(20_000);
    expect(noted).toHaveLength(0);
    expect(past.seenMs.value).toBe(EARLIER);
  });

  it('leads when it was changed by somebody else', () => {
    const past = made(EARLIER);
    past.attach(video);
    past.playFrom(EARLIER + 5_000);
    past.follow(EARLIER + 5_000);
    expect(player.told).toHaveLength(2);
    past.follow(EARLIER);
    expect(player.told.at(-1)).toBe(`play ${String(EARLIER - NOW)}`);
    past.follow(undefined);
    expect(past.isLive.value).toBe(true);
  });
});

describe('while it is locked', () => {
  const locked = {
    kind: 'trouble',
    trouble: 'locked',
    said: undefined,
    goOnMs: undefined,
  } as const;

  it('says so once for each time the box does, and for nothing else', () => {
    const past = made(EARLIER);
    past.attach(video);
    player.options.onState({ ...locked, trouble: 'box-gone' });
    expect(lockedTimes).toBe(0);
    player.options.onState(locked);
    expect(lockedTimes).toBe(1);
  });

  it('keeps the place and goes on from there, playing or paused as it was', async () => {
    for (const [pauses, told] of [
      [false, 'play'],
      [true, 'seek'],
    ] as const) {
      const past = made(EARLIER);
      const detach = past.attach(video);
      if (pauses) past.togglePlay();
      player.epochMs = EARLIER + 5_000;
      past.noteNow();
      const running = past.run(() => true);
      await clock.advance(200);
      running.cancel();
      detach();
      expect(player.told.at(-1)).toBe('close');
      expect(past.state.value).toBeUndefined();
      expect(past.isLive.value).toBe(false);
      past.attach(video);
      expect(player.told).toEqual([`${told} ${String(EARLIER + 5_000 - NOW)}`]);
    }
  });
});
