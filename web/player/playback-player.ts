/**
 * Plays a camera's footage in one `<video>`, by the wall clock: loads a window of it around a
 * moment, goes on with the next one at its end, and jumps over holes, saying so.
 */
import type { BrowserClock, Timer } from '../base/clock.ts';
import { WORTH_SAYING_MS, type RecordedTimes } from '../timeline/stretches.ts';
import type { Trouble } from '../api/call.ts';
import type { EngineSource, EngineTrouble, PlaybackEngine } from './playback-engine.ts';
import { FrameStepper } from './playback-frames.ts';
import { loadHls, startHls } from './playback-hls.ts';
import { playsNatively, startNative } from './playback-native.ts';
import { findFootage, loadWindow, recordedIn, type LoadedWindow } from './playback-source.ts';
import type { PlaybackTimeline } from './playback-timeline.ts';
import type { PlaybackTrouble } from './playback-words.ts';
import { reasonOfHole, windowAround, windowFrom, type Window } from './playback-window.ts';
import type { GapReason } from '../../server/contract/recording.ts';

/** How the player is. */
export type PlaybackState =
  /** On the way to a moment; the last picture still stands. */
  | { readonly kind: 'opening'; readonly atMs: number }
  | { readonly kind: 'playing' }
  | { readonly kind: 'paused' }
  /** Playing, but the next picture is not here yet. */
  | { readonly kind: 'waiting' }
  /** Everything there is was shown: it is time for the live picture. */
  | { readonly kind: 'at-now' }
  | {
      readonly kind: 'trouble';
      readonly trouble: PlaybackTrouble;
      /** What the box said, where it said something. */
      readonly said: Trouble | undefined;
    };

/** Time that was jumped over because nothing is kept of it. */
export interface PlaybackHole extends Window {
  readonly reason: GapReason | undefined;
}

/** What a player is given. */
export interface PlaybackOptions {
  readonly cameraId: string;
  readonly clock: BrowserClock;
  readonly onState: (state: PlaybackState) => void;
  /** A hole of at least a second was jumped over. */
  readonly onHole: (hole: PlaybackHole) => void;
}

/** What is recorded reaches the disk within some seconds: an end so close to the box's now is now,
 * and asking for more would bring two seconds at a time. */
const NEAR_NOW_MS = 10_000;

/** A box that was restarted is back in some seconds; who waits looks at the page meanwhile. */
const RETRY_MS = 3_000;

/** A picture that lies closer to the moment looked for is the one: half a frame at 60 fps. */
const CLOSE_S = 0.008;

/** See the head of this file. Calls may come in any order; the last one counts. */
export class PlaybackPlayer {
  readonly #video: HTMLVideoElement;
  readonly #options: PlaybackOptions;
  readonly #frames: FrameStepper;
  readonly #listening = new AbortController();
  #state: PlaybackState | undefined;
  /** What a person wants: the element also stops by itself. */
  #wantsToPlay = false;
  /** The moment on the way; undefined once its picture is shown. */
  #targetMs: number | undefined;
  #loaded: LoadedWindow | undefined;
  #recorded: RecordedTimes | undefined;
  #engine: PlaybackEngine | undefined;
  #loading: AbortController | undefined;
  #retry: Timer | undefined;
  /** The stretch of the picture that is shown. */
  #stretch = 0;

  constructor(video: HTMLVideoElement, options: PlaybackOptions) {
    this.#video = video;
    this.#options = options;
    this.#frames = new FrameStepper(video);
    this.#listen();
  }

  get state(): PlaybackState | undefined {
    return this.#state;
  }

  /** The moment that is shown or on the way, by the box's clock; undefined before the first call. */
  get epochMs(): number | undefined {
    return this.#targetMs ?? this.#timeline?.at(this.#video.currentTime).epochMs;
  }

  /** 1 is as it happened. Stays over windows. */
  get rate(): number {
    return this.#video.playbackRate;
  }

  set rate(rate: number) {
    this.#video.defaultPlaybackRate = rate;
    this.#video.playbackRate = rate;
  }

  get muted(): boolean {
    return this.#video.muted;
  }

  set muted(muted: boolean) {
    this.#video.muted = muted;
  }

  /** Plays from a moment on. */
  playFrom(epochMs: number): void {
    this.#wantsToPlay = true;
    this.#goTo(epochMs);
  }

  /** Shows a moment; goes on playing, or stays paused. */
  seek(epochMs: number): void {
    this.#goTo(epochMs);
  }

  pause(): void {
    this.#wantsToPlay = false;
    this.#video.pause();
    if (this.#targetMs === undefined && this.#engine !== undefined) this.#set({ kind: 'paused' });
  }

  resume(): void {
    this.#wantsToPlay = true;
    const { epochMs } = this;
    if (this.#engine === undefined && epochMs !== undefined) this.#goTo(epochMs);
    else this.#play();
  }

  /** Pauses, and shows the picture so many frames on (or back). */
  stepFrames(frames: 1 | -1): void {
    this.pause();
    this.#frames.step(frames);
  }

  /** Lets go of the video and of everything else. Idempotent. */
  close(): void {
    this.#listening.abort();
    this.#loading?.abort();
    this.#retry?.cancel();
    this.#frames.close();
    this.#engine?.close();
    this.#engine = undefined;
  }

  get #timeline(): PlaybackTimeline | undefined {
    return this.#loaded?.timeline;
  }

  #goTo(epochMs: number): void {
    this.#retry?.cancel();
    this.#targetMs = epochMs;
    const timeline = this.#engine === undefined ? undefined : this.#timeline;
    if (timeline === undefined || epochMs < timeline.fromMs || epochMs >= timeline.toMs) {
      void this.#open(epochMs, windowAround(epochMs));
      return;
    }
    this.#loading?.abort();
    this.#set({ kind: 'opening', atMs: epochMs });
    this.#aim(timeline);
    this.#play();
  }

  /** Puts the element on the target, or on the first footage behind it. */
  #aim(timeline: PlaybackTimeline): void {
    if (this.#targetMs === undefined) return;
    const place = timeline.placeOf(this.#targetMs);
    if (place === undefined) return;
    if (place.epochMs !== this.#targetMs) {
      const fromMs = timeline.stretches[place.stretch - 1]?.toMs ?? this.#targetMs;
      this.#tellHole({ fromMs, toMs: place.epochMs });
      this.#targetMs = place.epochMs;
    }
    this.#stretch = place.stretch;
    if (Math.abs(this.#video.currentTime - place.mediaS) > CLOSE_S) {
      this.#video.currentTime = place.mediaS;
    }
  }

  /** Loads a window and shows `epochMs`, or what was recorded next. */
  async #open(epochMs: number, window: Window): Promise<void> {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#set({ kind: 'opening', atMs: epochMs });
    const { cameraId } = this.#options;
    const [answer, Hls] = await Promise.all([
      loadWindow(cameraId, { ...window, epochMs }, loading.signal),
      loadHls().catch(() => undefined),
    ]);
    if (loading.signal.aborted) return;
    if (answer.kind === 'trouble') {
      this.#fail(troubleOf(answer.trouble), answer.trouble);
      return;
    }
    if (answer.kind === 'nothing' || answer.value.timeline.placeOf(epochMs) === undefined) {
      await this.#openNext(epochMs, loading.signal);
      return;
    }
    if (Hls === undefined && !playsNatively(this.#video)) {
      this.#fail('no-player');
      return;
    }
    this.#start(answer.value, Hls);
    const recorded = await recordedIn(cameraId, window, loading.signal);
    if (recorded.kind === 'found' && !loading.signal.aborted) this.#recorded = recorded.value;
  }

  #start(loaded: LoadedWindow, Hls: Awaited<ReturnType<typeof loadHls>>): void {
    const { timeline } = loaded;
    const place = timeline.placeOf(this.#targetMs ?? timeline.fromMs);
    this.#engine?.close();
    this.#loaded = loaded;
    const source: EngineSource = { ...loaded, startS: place?.mediaS ?? 0 };
    const events = {
      onAligned: () => {
        this.#aim(timeline);
      },
      onTrouble: (trouble: EngineTrouble) => {
        this.#fail(trouble);
      },
    };
    // An engine that is replaced is closed first, so what it still says is not heard.
    this.#engine =
      Hls === undefined
        ? startNative(this.#video, source, events)
        : startHls(Hls, this.#video, source, events);
    this.#aim(timeline);
    this.#play();
  }

  /** Nothing is kept from `epochMs` to the end of the window: looks further. */
  async #openNext(epochMs: number, signal: AbortSignal): Promise<void> {
    const { cameraId, clock } = this.#options;
    const search = { fromMs: epochMs, nowMs: clock.wallMs() + NEAR_NOW_MS };
    const found = await findFootage(cameraId, search, signal);
    if (signal.aborted) return;
    if (found.kind === 'trouble') {
      this.#fail(troubleOf(found.trouble), found.trouble);
    } else if (found.kind === 'nothing') {
      this.#fail('nothing-recorded');
    } else if (found.value - epochMs < WORTH_SAYING_MS) {
      this.#targetMs = found.value;
      await this.#open(found.value, windowFrom(found.value));
    } else {
      const hole = { fromMs: epochMs, toMs: found.value };
      const recorded = await recordedIn(cameraId, hole, signal);
      if (signal.aborted) return;
      if (recorded.kind === 'found') this.#recorded = recorded.value;
      this.#tellHole(hole);
      this.#targetMs = found.value;
      await this.#open(found.value, windowFrom(found.value));
    }
  }

  /** The window was played to its end. */
  #next(): void {
    const loaded = this.#loaded;
    if (loaded === undefined) return;
    const { toMs } = loaded.timeline;
    const boxNowMs = loaded.boxNowMs ?? this.#options.clock.wallMs();
    if (toMs > boxNowMs - NEAR_NOW_MS) {
      this.#set({ kind: 'at-now' });
      return;
    }
    this.#targetMs = toMs;
    void this.#open(toMs, windowFrom(toMs));
  }

  #play(): void {
    if (!this.#wantsToPlay) return;
    this.#video.play().catch((thrown: unknown) => {
      // Sound before the first tap: the browser wants the tap first. Anything else is an engine's
      // to tell, or a newer call that took over.
      if (thrown instanceof DOMException && thrown.name === 'NotAllowedError') this.pause();
    });
  }

  #fail(trouble: PlaybackTrouble, said?: Trouble): void {
    if (trouble === 'nothing-recorded' && this.#loaded !== undefined && this.#wantsToPlay) {
      this.#set({ kind: 'at-now' });
      return;
    }
    const epochMs = this.epochMs;
    this.#targetMs = epochMs;
    this.#engine?.close();
    this.#engine = undefined;
    this.#set({ kind: 'trouble', trouble, said });
    if (trouble !== 'box-gone' || epochMs === undefined) return;
    this.#retry = this.#options.clock.setTimer(RETRY_MS, () => {
      this.#goTo(epochMs);
    });
  }

  #listen(): void {
    const { signal } = this.#listening;
    const on = (name: string, then: () => void): void => {
      this.#video.addEventListener(name, then, { signal });
    };
    on('seeked', () => {
      if (this.#engine === undefined) return;
      this.#targetMs = undefined;
      this.#set({ kind: this.#video.paused ? 'paused' : 'playing' });
    });
    on('playing', () => {
      if (!this.#video.seeking) this.#targetMs = undefined;
      this.#set({ kind: 'playing' });
    });
    on('waiting', () => {
      if (this.#wantsToPlay && this.#targetMs === undefined) this.#set({ kind: 'waiting' });
    });
    on('timeupdate', () => {
      this.#noteStretch();
    });
    on('ended', () => {
      this.#next();
    });
  }

  /** Says so when playing has passed from one stretch into the next. */
  #noteStretch(): void {
    const timeline = this.#timeline;
    if (timeline === undefined || this.#targetMs !== undefined) return;
    const { stretch } = timeline.at(this.#video.currentTime);
    const [before, now] = [timeline.stretches[this.#stretch], timeline.stretches[stretch]];
    const isNext = stretch === this.#stretch + 1;
    this.#stretch = stretch;
    if (!isNext || before === undefined || now === undefined) return;
    this.#tellHole({ fromMs: before.toMs, toMs: now.fromMs });
  }

  #tellHole(hole: Window): void {
    if (hole.toMs - hole.fromMs < WORTH_SAYING_MS) return;
    const reason = this.#recorded === undefined ? undefined : reasonOfHole(this.#recorded, hole);
    this.#options.onHole({ ...hole, reason });
  }

  #set(state: PlaybackState): void {
    const before = this.#state;
    this.#state = state;
    const isSame =
      before?.kind === state.kind && state.kind !== 'opening' && state.kind !== 'trouble';
    if (!isSame) this.#options.onState(state);
  }
}

function troubleOf({ kind, status }: Trouble): PlaybackTrouble {
  if (kind === 'gone' || kind === 'aborted' || kind === 'cancelled') return 'box-gone';
  if (status === 401) return 'signed-out';
  if (status === 404) return 'camera-gone';
  if (status === 423) return 'locked';
  return 'refused';
}
