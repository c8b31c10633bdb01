/**
 * Plays a camera's footage in one `<video>`, by the wall clock: loads a window of it around a
 * moment, goes on with the next one at its end, and jumps over holes, saying so.
 */
import type { Timer } from '../base/clock.ts';
import { WORTH_SAYING_MS, type RecordedTimes } from '../timeline/stretches.ts';
import type { Trouble } from '../api/call.ts';
import type { EngineSource, EngineTrouble, PlaybackEngine } from './playback-engine.ts';
import { FrameStepper } from './playback-frames.ts';
import { loadHls, startHls } from './playback-hls.ts';
import { playsNatively, startNative } from './playback-native.ts';
import { findFootage, loadWindow, recordedIn, type LoadedWindow } from './playback-source.ts';
import type { PlaybackTimeline } from './playback-timeline.ts';
import {
  isSameState,
  troubleOf,
  type PlaybackOptions,
  type PlaybackState,
} from './playback-state.ts';
import type { PlaybackTrouble } from './playback-words.ts';
import { reasonOfHole, windowAround, windowFrom, type Window } from './playback-window.ts';

export type { PlaybackHole, PlaybackState } from './playback-state.ts';

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
    this.#set({ kind: 'opening', atMs: epochMs });
    this.#show(epochMs);
  }

  #show(epochMs: number): void {
    this.#retry?.cancel();
    this.#targetMs = epochMs;
    const timeline = this.#engine === undefined ? undefined : this.#timeline;
    if (timeline === undefined || epochMs < timeline.fromMs || epochMs >= timeline.toMs) {
      void this.#open(epochMs, windowAround(epochMs));
      return;
    }
    this.#loading?.abort();
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
    const { cameraId } = this.#options;
    const [answer, recorded, Hls] = await Promise.all([
      loadWindow(cameraId, { ...window, epochMs }, loading.signal),
      recordedIn(cameraId, window, loading.signal),
      loadHls().catch(() => undefined),
    ]);
    if (loading.signal.aborted) return;
    if (recorded.kind === 'found') this.#recorded = recorded.value;
    if (answer.kind === 'trouble') {
      this.#fail(troubleOf(answer.trouble), answer.trouble);
    } else if (answer.kind === 'nothing' || answer.value.timeline.toMs <= epochMs) {
      await this.#openNext(epochMs, loading.signal);
    } else if (Hls === undefined && !playsNatively(this.#video)) {
      this.#fail('no-player');
    } else {
      this.#start(answer.value, Hls);
    }
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
      this.#set({ kind: 'at-now' });
    } else if (found.value <= epochMs) {
      // It was not in the playlist, and looking again would not bring it there.
      this.#fail('footage-gone');
    } else {
      await this.#openBehind({ fromMs: epochMs, toMs: found.value }, signal);
    }
  }

  /** Jumps over a hole that reaches beyond the window. */
  async #openBehind(hole: Window, signal: AbortSignal): Promise<void> {
    const recorded = await recordedIn(this.#options.cameraId, hole, signal);
    if (signal.aborted) return;
    if (recorded.kind === 'found') this.#recorded = recorded.value;
    this.#tellHole(hole);
    this.#targetMs = hole.toMs;
    await this.#open(hole.toMs, windowFrom(hole.toMs));
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
    this.#set({ kind: 'opening', atMs: toMs });
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
    const { epochMs } = this;
    this.#targetMs = epochMs;
    this.#set({ kind: 'trouble', trouble, said });
    if (trouble !== 'box-gone') {
      this.#engine?.close();
      this.#engine = undefined;
    } else if (epochMs !== undefined) {
      // The last picture stays where it is meanwhile.
      this.#retry?.cancel();
      this.#retry = this.#options.clock.setTimer(RETRY_MS, () => {
        // It stays the same trouble until a picture comes.
        this.#engine?.retry();
        this.#show(epochMs);
      });
    }
  }

  #listen(): void {
    const { signal } = this.#listening;
    const on = (name: string, then: () => void): void => {
      this.#video.addEventListener(name, then, { signal });
    };
    on('seeked', () => {
      if (this.#engine !== undefined) this.#arrived();
    });
    on('playing', () => {
      if (!this.#video.seeking) this.#arrived();
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

  /** The picture of the target is shown. */
  #arrived(): void {
    this.#targetMs = undefined;
    this.#retry?.cancel();
    this.#set({ kind: this.#wantsToPlay ? 'playing' : 'paused' });
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
    if (!isSameState(before, state)) this.#options.onState(state);
  }
}
