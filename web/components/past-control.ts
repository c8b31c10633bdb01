/**
 * The past of one camera, in the place where live was: which moment is seen, what plays it, and what
 * the address says of it. Drawn by `PastPicture`, moved by keys, buttons and the day list.
 */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import { repeat, type BrowserClock, type Timer } from '../base/clock.ts';
import type { PlaybackPlayer } from '../player/playback-player.ts';
import type { PlaybackHole, PlaybackOptions, PlaybackState } from '../player/playback-state.ts';

/** What is needed of a player. */
export type PastPlayer = Pick<
  PlaybackPlayer,
  'epochMs' | 'muted' | 'playFrom' | 'seek' | 'pause' | 'resume' | 'stepFrames' | 'close'
>;

/** What the control is made with. */
export interface PastOptions {
  readonly cameraId: string;
  readonly clock: BrowserClock;
  /** Now, by the box's clock: footage carries its time. */
  readonly boxNowMs: () => number;
  /** Puts the moment into the address; undefined is now. */
  readonly note: (ms: number | undefined) => void;
  /** The box says that the past is closed. */
  readonly onLocked: () => void;
  readonly makePlayer: (video: HTMLVideoElement, options: PlaybackOptions) => PastPlayer;
}

/** Often enough that the seconds of the clock change when they do. */
const TELL_MS = 200;

/** The address follows the picture so often: browsers refuse a hundred changes in half a minute. */
const NOTE_MS = 5_000;

/** Footage reaches the disk within a few seconds: nearer to now is now. */
const NEAR_NOW_MS = 4_000;

/** What was jumped over is said for so long: two lines are read in it. */
const HOLE_SAID_MS = 8_000;

/** See the head of this file. */
export class PastControl {
  readonly #options: PastOptions;
  readonly #seenMs = signal<number | undefined>(undefined);
  readonly #state = signal<PlaybackState | undefined>(undefined);
  readonly #hole = signal<PlaybackHole | undefined>(undefined);
  /** What a person wants; the player may still be on its way there. */
  readonly #plays = signal(true);
  #player: PastPlayer | undefined;
  #muted = true;
  #notedMs: number | undefined;
  #notedAtMs = -Infinity;
  #holeTimer: Timer | undefined;

  /** `atMs` is what the address says at first. */
  constructor(atMs: number | undefined, options: PastOptions) {
    this.#options = options;
    this.#seenMs.value = atMs;
    this.#notedMs = atMs;
  }

  /** The moment of the picture; undefined while it is live. */
  get seenMs(): ReadonlySignal<number | undefined> {
    return this.#seenMs;
  }

  readonly isLive: ReadonlySignal<boolean> = computed(() => this.#seenMs.value === undefined);

  readonly isPaused: ReadonlySignal<boolean> = computed(
    () => this.#seenMs.value !== undefined && !this.#plays.value,
  );

  /** How the player is; undefined while there is none. */
  get state(): ReadonlySignal<PlaybackState | undefined> {
    return this.#state;
  }

  /** The newest hole that was jumped over, for a while. */
  get hole(): ReadonlySignal<PlaybackHole | undefined> {
    return this.#hole;
  }

  /** The moment of the picture, live or not. */
  get momentMs(): number {
    return this.#player?.epochMs ?? this.#seenMs.peek() ?? this.#options.boxNowMs();
  }

  /** Takes the element in which the past is played, and what keeps its picture while it has none;
   * answers how to let go of them. */
  attach(video: HTMLVideoElement, backdrop?: HTMLCanvasElement): () => void {
    const { cameraId, clock, makePlayer, onLocked } = this.#options;
    const player = makePlayer(video, {
      ...{ cameraId, clock, backdrop },
      onState: (state) => {
        this.#state.value = state;
        // The player stops by itself where a browser lets no sound begin without a tap.
        if (state.kind === 'paused' || state.kind === 'playing') {
          this.#plays.value = state.kind === 'playing';
        }
        if (state.kind === 'at-now') this.toNow();
        if (state.kind === 'trouble' && state.trouble === 'locked') onLocked();
      },
      onHole: (hole) => {
        this.#tellHole(hole);
      },
    });
    this.#player = player;
    player.muted = this.#muted;
    this.#show(this.#seenMs.peek() ?? this.#options.boxNowMs());
    return () => {
      // While the element is away, this is all that is known of the place.
      if (!this.isLive.peek()) this.#seenMs.value = player.epochMs ?? this.#seenMs.peek();
      player.close();
      this.#player = undefined;
      this.#state.value = undefined;
      this.#tellHole(undefined);
    };
  }

  /** Plays from a moment on; from one that is nearly now, live. */
  playFrom(ms: number): void {
    this.#goTo(ms, true);
  }

  /** Forth and back, from live too; what was paused stays so. */
  skip(byMs: number): void {
    this.#goTo(this.momentMs + byMs, !this.isPaused.peek());
  }

  /** Live stops at the newest picture that can be kept still: the newest one on the disk. */
  togglePlay(): void {
    if (this.isLive.peek()) {
      this.#goTo(this.#options.boxNowMs() - NEAR_NOW_MS - 1, false);
      return;
    }
    this.#plays.value = !this.#plays.peek();
    if (this.#plays.peek()) this.#player?.resume();
    else this.#player?.pause();
  }

  /** Pauses, one picture on or back; nothing while live. */
  step(frames: 1 | -1): void {
    if (this.isLive.peek()) return;
    this.#plays.value = false;
    this.#player?.stepFrames(frames);
  }

  /** Back to live. */
  toNow(): void {
    batch(() => {
      this.#seenMs.value = undefined;
      this.#plays.value = true;
    });
    this.#note(undefined);
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    if (this.#player !== undefined) this.#player.muted = muted;
  }

  /** What the address says now. When we did not put it there, it was the back button: follow it. */
  follow(atMs: number | undefined): void {
    if (atMs === this.#notedMs) return;
    this.#notedMs = atMs;
    batch(() => {
      this.#seenMs.value = atMs;
      this.#plays.value = true;
    });
    if (atMs !== undefined) this.#player?.playFrom(atMs);
  }

  /** Tells the moment while somebody looks, and keeps it in the address, until cancelled. */
  run(isSeen: () => boolean): Timer {
    return repeat(this.#options.clock, TELL_MS, () => {
      const ms = this.#player?.epochMs;
      if (ms === undefined || !isSeen()) return;
      const hasMoved = this.#seenMs.peek() !== ms;
      this.#seenMs.value = ms;
      const isDue = this.#options.clock.monotonicMs() - this.#notedAtMs >= NOTE_MS;
      if (hasMoved && isDue) this.noteNow();
    });
  }

  /** Puts the moment that is seen into the address; nothing while live. */
  noteNow(): void {
    const ms = this.#player?.epochMs;
    if (ms !== undefined) this.#note(ms);
  }

  #goTo(ms: number, plays: boolean): void {
    if (ms >= this.#options.boxNowMs() - NEAR_NOW_MS) {
      this.toNow();
      return;
    }
    this.#tellHole(undefined);
    batch(() => {
      this.#seenMs.value = ms;
      this.#plays.value = plays;
    });
    this.#note(ms);
    this.#show(ms);
  }

  #show(ms: number): void {
    if (this.#plays.peek()) this.#player?.playFrom(ms);
    else this.#player?.seek(ms);
  }

  #note(exactMs: number | undefined): void {
    const ms = exactMs === undefined ? undefined : Math.round(exactMs);
    this.#notedMs = ms;
    this.#notedAtMs = this.#options.clock.monotonicMs();
    this.#options.note(ms);
  }

  #tellHole(hole: PlaybackHole | undefined): void {
    this.#holeTimer?.cancel();
    this.#hole.value = hole;
    if (hole === undefined) return;
    this.#holeTimer = this.#options.clock.setTimer(HOLE_SAID_MS, () => {
      this.#hole.value = undefined;
    });
  }
}
