/**
 * Plays a camera's footage in one `<video>`, by the wall clock: loads a window of it around a
 * moment, goes on with the next one at its end, and jumps over holes, saying so.
 */
import type { Timer } from '../base/clock.ts';
import { WORTH_SAYING_MS, type RecordedTimes } from '../timeline/stretches.ts';
import type { Trouble } from '../api/call.ts';
import type { EngineSource, EngineTrouble, PlaybackEngine } from './playback-engine.ts';
import { clearPicture, copyPicture } from './last-pictures.ts';
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
import { PlaybackTries } from './playback-tries.ts';
import type { PlaybackTrouble } from './playback-words.ts';
import { reasonOfHole, windowAround, windowFrom, type Window } from './playback-window.ts';

export type { PlaybackHole, PlaybackState } from './playback-state.ts';

/** What is recorded reaches the disk within some seconds: an end so close to the box's now is now,
 * and asking for more would bring two seconds at a time. */
const NEAR_NOW_MS = 10_000;

/** The longest file of footage (server/storage/segments.ts): the next one begins no later. */
const FILE_MAX_MS = 60_000;

/** A picture that lies closer to the moment looked for is the one: half a frame at 60 fps. */
const CLOSE_S = 0.008;

/** HTMLMediaElement's `readyState`: there is a picture. */
const HAVE_CURRENT_DATA = 2;

/** The next file may be whole. */
const LATER_MAY_PLAY: ReadonlySet<PlaybackTrouble> = new Set<PlaybackTrouble>([
  'footage-gone',
  'damaged',
]);

/** Whoever may not see the past any more sees nothing of it. */
const LEAVES_NO_PICTURE: ReadonlySet<PlaybackTrouble> = new Set<PlaybackTrouble>([
  'signed-out',
  'locked',
  'camera-gone',
]);

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
  readonly #tries = new PlaybackTries();
  /** A window is on the way; what the video still says is about the one before it. */
  #isOpening = false;
  /** Somebody asks the box why an entry did not come. */
  #isBlaming = false;
  /** Behind footage that cannot be read. No window for a later moment begins before: its init may be
   * the one that is gone. */
  #unreadableToMs = -Infinity;
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
    this.#endWait();
    this.#frames.close();
    this.#engine?.close();
    this.#engine = undefined;
  }

  get #timeline(): PlaybackTimeline | undefined {
    return this.#loaded?.timeline;
  }

  #goTo(epochMs: number): void {
    this.#tries.reset();
    this.#set({ kind: 'opening', atMs: epochMs });
    this.#show(epochMs);
  }

  #show(epochMs: number): void {
    this.#endWait();
    this.#targetMs = epochMs;
    const timeline = this.#engine === undefined ? undefined : this.#timeline;
    if (timeline === undefined || epochMs < timeline.fromMs || epochMs >= timeline.toMs) {
      const { fromMs, toMs } = windowAround(epochMs);
      const isBehind = epochMs >= this.#unreadableToMs;
      const beginsMs = isBehind ? Math.max(fromMs, this.#unreadableToMs) : fromMs;
      void this.#open(epochMs, { fromMs: beginsMs, toMs });
      return;
    }
    this.#loading?.abort();
    this.#isOpening = false;
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
    this.#isOpening = true;
    const { cameraId } = this.#options;
    const [answer, recorded, Hls] = await Promise.all([
      loadWindow(cameraId, { ...window, epochMs }, loading.signal),
      recordedIn(cameraId, window, loading.signal),
      loadHls().catch(() => undefined),
    ]);
    if (loading.signal.aborted) return;
    if (recorded.kind === 'found') this.#recorded = recorded.value;
    if (answer.kind === 'trouble') {
      this.#fail(troubleOf(answer.trouble), { said: answer.trouble });
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
    this.#letGo();
    this.#isOpening = false;
    this.#loaded = loaded;
    const source: EngineSource = { ...loaded, startS: place?.mediaS ?? 0 };
    const events = {
      onAligned: () => {
        this.#aim(timeline);
      },
      onTrouble: (trouble: EngineTrouble, behindS?: number) => {
        const goOnMs = behindS === undefined ? undefined : Math.ceil(timeline.at(behindS).epochMs);
        if (trouble === 'broken-off') void this.#blame(goOnMs);
        else this.#fail(trouble, { goOnMs });
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
      this.#fail(troubleOf(found.trouble), { said: found.trouble });
    } else if (found.kind === 'nothing') {
      this.#set({ kind: 'at-now' });
    } else if (found.value <= epochMs) {
      // It was not in the playlist, and looking again would not bring it there.
      this.#fail('footage-gone');
    } else {
      this.#hop(() => {
        void this.#openBehind({ fromMs: epochMs, toMs: found.value }, signal);
      });
    }
  }

  /** Looks further on: at once, then less and less often, then no more until a person wants it. */
  #hop(go: () => void): void {
    const pauseMs = this.#tries.pauseBeforeHop();
    this.#endWait();
    if (pauseMs === undefined) this.#fail('footage-gone');
    else if (pauseMs === 0) go();
    else {
      this.#retry = this.#options.clock.setTimer(pauseMs, () => {
        this.#endWait();
        go();
      });
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
    this.#hop(() => {
      void this.#open(toMs, windowFrom(toMs));
    });
  }

  #play(): void {
    if (!this.#wantsToPlay) return;
    this.#video.play().catch((thrown: unknown) => {
      // Sound before the first tap: the browser wants the tap first. Anything else is an engine's
      // to tell, or a newer call that took over.
      if (thrown instanceof DOMException && thrown.name === 'NotAllowedError') this.pause();
    });
  }

  /** An entry broke off. Whose fault that is shows in whether the box answers anything else. */
  async #blame(goOnMs: number | undefined): Promise<void> {
    const { epochMs } = this;
    const engine = this.#engine;
    // Asked already, or about to be asked again.
    if (this.#isBlaming || this.#retry !== undefined || epochMs === undefined) return;
    this.#isBlaming = true;
    const moment = { fromMs: epochMs, toMs: epochMs + 1 };
    const answer = await recordedIn(this.#options.cameraId, moment, this.#listening.signal);
    this.#isBlaming = false;
    if (this.#listening.signal.aborted || engine !== this.#engine) return;
    if (answer.kind === 'trouble') {
      this.#fail(troubleOf(answer.trouble), { said: answer.trouble });
    } else if (this.#tries.forgivesBreak()) {
      engine?.retry();
    } else {
      this.#fail('damaged', { goOnMs });
    }
  }

  #fail(
    trouble: PlaybackTrouble,
    more: { readonly said?: Trouble; readonly goOnMs?: number | undefined } = {},
  ): void {
    const { epochMs } = this;
    this.#targetMs = epochMs;
    this.#isOpening = false;
    const goOnMs = LATER_MAY_PLAY.has(trouble)
      ? (more.goOnMs ?? (epochMs ?? 0) + FILE_MAX_MS)
      : undefined;
    if (goOnMs !== undefined) this.#unreadableToMs = goOnMs;
    this.#set({ kind: 'trouble', trouble, said: more.said, goOnMs });
    this.#endWait();
    if (trouble !== 'box-gone') {
      this.#letGo();
      if (LEAVES_NO_PICTURE.has(trouble)) clearPicture(this.#options.backdrop);
    } else if (epochMs !== undefined) {
      // The last picture stays where it is meanwhile.
      this.#retry = this.#options.clock.setTimer(this.#tries.pauseWhileGone(), () => {
        this.#endWait();
        // It stays the same trouble until a picture comes.
        this.#engine?.retry();
        this.#show(epochMs);
      });
    }
  }

  /** Closes the engine; what it showed stays, behind the empty video. */
  #letGo(): void {
    const { backdrop } = this.#options;
    if (this.#engine === undefined) return;
    if (backdrop !== undefined && this.#video.readyState >= HAVE_CURRENT_DATA) {
      const { videoWidth: width, videoHeight: height } = this.#video;
      copyPicture({ image: this.#video, width, height }, backdrop);
    }
    this.#engine.close();
    this.#engine = undefined;
  }

  #endWait(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #listen(): void {
    const { signal } = this.#listening;
    const on = (name: string, then: () => void): void => {
      this.#video.addEventListener(name, then, { signal });
    };
    on('seeked', () => {
      if (this.#engine !== undefined && !this.#isOpening) this.#arrived();
    });
    on('playing', () => {
      if (!this.#video.seeking && !this.#isOpening) this.#arrived();
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
    this.#endWait();
    this.#tries.reset();
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
