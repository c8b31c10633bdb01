/**
 * A `<video>` as the live player needs it: a source in it, a playhead on the box's clock, and word of
 * each look's new picture. Knows nothing of cameras.
 */
import { browserClock, type Timer } from '../base/clock.ts';

/** What the element tells. */
export interface SlotEvents {
  /** A new picture is on the screen; its media time. Told at most once for each `look`. */
  onPicture(mediaMs: number): void;
  /** The playhead had to wait for media. */
  onStall(): void;
  /** The browser gave up on what is in it. */
  onBroken(): void;
  /** The browser does not start without a gesture, or does so now. */
  onRefused(): void;
}

/** Where the playhead is. */
export interface SlotPosition {
  /** On the box's clock. */
  readonly boxMs: number;
  /** How much later than that pictures are shown: up to half a picture, as Chromium keeps them in
   * step with the screen. */
  readonly lateMs: number;
  /** The playhead stands before a hole of so much: the way over it. */
  readonly gapMs: number | undefined;
  /** On the way to where it was put; it may be a hole. */
  readonly isJumping: boolean;
}

/** What was left of a picture is not worth waiting for at the edge of a hole. */
const AT_EDGE_S = 0.1;

/** Just inside what comes after a hole, whatever rounding did. */
const INSIDE_S = 0.005;

/** One look in so many asks for word of a picture: every 4 s. */
const LOOKS_PER_WORD = 13;

/** More than that is another thing: a wait, a jump. */
const LATE_MAX_MS = 100;

/** What a gesture is to a browser. */
const GESTURES = ['pointerdown', 'keydown'] as const;

/** See the head of this file. */
export class VideoSlot {
  readonly #video: HTMLVideoElement;
  readonly #events: SlotEvents;
  #zeroMs = 0;
  #filled = false;
  #awaitsNext = false;
  #looks = 0;
  /** How much later than the playhead says pictures are on the screen. */
  #lateMs = 0;
  /** Pictures decoded, those of them that were shown, and the playhead at the last look. */
  #decoded = 0;
  #shown = 0;
  #lastTimeS = -1;
  /** Where to begin, until the element can be put there. */
  #beginS: number | undefined;
  #refused = false;
  #soundRefused = false;
  #rate = 1;
  #resting: Timer | undefined;
  #url: string | undefined;

  constructor(video: HTMLVideoElement, events: SlotEvents) {
    this.#video = video;
    this.#events = events;
    // iPhones open their kind of source only so.
    video.disableRemotePlayback = true;
    video.playsInline = true;
    video.muted = true;
  }

  /** The browser does not start it without a gesture. */
  get refused(): boolean {
    return this.#refused;
  }

  /** The browser lets nothing be heard without a gesture. */
  get soundRefused(): boolean {
    return this.#soundRefused;
  }

  /** The box's time of a moment of the media. */
  boxMs(mediaMs: number): number {
    return this.#zeroMs + mediaMs;
  }

  /** Where the timeline of the source begins, on the box's clock. */
  setZero(boxMs: number): void {
    this.#zeroMs = boxMs;
  }

  /** Takes a new source. */
  attach(source: MediaSourceHandle | MediaSource): void {
    this.empty();
    this.#filled = true;
    // As the element's own, which begins anew with each source.
    this.#rate = 1;
    const video = this.#video;
    video.addEventListener('loadedmetadata', this.#onMetadata);
    video.addEventListener('waiting', this.#onWaiting);
    video.addEventListener('error', this.#onError);
    if (isHandle(source)) {
      video.srcObject = source as unknown as MediaProvider;
    } else {
      this.#url = URL.createObjectURL(source);
      video.src = this.#url;
    }
  }

  /** Takes out what is in it; the element shows nothing then. */
  empty(): void {
    this.#endRest();
    const video = this.#video;
    video.removeEventListener('loadedmetadata', this.#onMetadata);
    video.removeEventListener('waiting', this.#onWaiting);
    video.removeEventListener('error', this.#onError);
    for (const gesture of GESTURES) removeEventListener(gesture, this.#onGesture);
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
    this.#url = undefined;
    if (!this.#filled) return;
    this.#filled = false;
    video.srcObject = null;
    video.removeAttribute('src');
    video.load();
  }

  setMuted(muted: boolean): void {
    this.#soundRefused = false;
    this.#video.muted = muted;
  }

  /** Stands still for so long, while pictures go on coming. */
  rest(forMs: number): void {
    if (this.#resting !== undefined) return;
    this.setRate(0);
    this.#resting = browserClock.setTimer(forMs, () => {
      this.#resting = undefined;
      this.setRate(1);
    });
  }

  #endRest(): void {
    this.#resting?.cancel();
    this.#resting = undefined;
  }

  setRate(rate: number): void {
    if (this.#rate === rate || this.#resting !== undefined) return;
    this.#rate = rate;
    this.#video.playbackRate = rate;
  }

  pause(): void {
    this.#video.pause();
  }

  /** Puts the playhead at a moment of the box's clock, and plays. */
  goTo(boxMs: number): void {
    this.#endRest();
    this.setRate(1);
    this.#lateMs = 0;
    this.#looks = 0;
    const timeS = (boxMs - this.#zeroMs) / 1_000;
    if (this.#video.readyState < HAVE_METADATA) this.#beginS = timeS;
    else this.#video.currentTime = timeS;
    this.#play();
    this.#awaitNext();
  }

  /** A few times a second: tells of a new picture, if one was shown since the last look. Asking the
   * browser for word of each picture costs a hundred times as much as its counters do. */
  look(): void {
    const video = this.#video;
    if (!this.#filled || video.readyState < HAVE_CURRENT_DATA) return;
    const { totalVideoFrames: decoded, droppedVideoFrames } = video.getVideoPlaybackQuality();
    const shown = decoded - droppedVideoFrames;
    const isNew = shown !== this.#shown && video.currentTime !== this.#lastTimeS;
    this.#looks += 1;
    // All were too late to be sure that one of them is on the screen.
    const isUnsure = !isNew && decoded !== this.#decoded;
    if (isUnsure || this.#looks % LOOKS_PER_WORD === 0) this.#awaitNext();
    this.#shown = shown;
    this.#decoded = decoded;
    this.#lastTimeS = video.currentTime;
    if (isNew) this.#events.onPicture(video.currentTime * 1_000);
  }

  /** Undefined while there is nothing to play. */
  position(): SlotPosition | undefined {
    const { currentTime, readyState, seeking } = this.#video;
    if (!this.#filled || readyState < HAVE_METADATA) return undefined;
    const gapS = readyState < HAVE_FUTURE_DATA ? this.#gapAfter(currentTime) : undefined;
    return {
      boxMs: this.#zeroMs + currentTime * 1_000,
      lateMs: this.#lateMs,
      gapMs: gapS === undefined ? undefined : gapS * 1_000,
      isJumping: seeking,
    };
  }

  /** How much is buffered after the playhead, up to the newest. */
  aheadMs(): number {
    const { buffered, currentTime } = this.#video;
    if (buffered.length === 0) return 0;
    return Math.max(0, buffered.end(buffered.length - 1) - currentTime) * 1_000;
  }

  /** The next picture on the screen is told at once. */
  #awaitNext(): void {
    // Not in Firefox before 132, where the next look tells.
    const request = (this.#video as Partial<HTMLVideoElement>).requestVideoFrameCallback;
    if (this.#awaitsNext || request === undefined) return;
    this.#awaitsNext = true;
    request.call(this.#video, (nowMs, { mediaTime, expectedDisplayTime }) => {
      this.#awaitsNext = false;
      if (!this.#filled) return;
      const playheadMs = this.#video.currentTime * 1_000 + expectedDisplayTime - nowMs;
      const lateMs = playheadMs - mediaTime * 1_000;
      // The first picture at another place is shown before the playhead moves.
      if (this.#looks >= LOOKS_PER_WORD && Math.abs(lateMs) < LATE_MAX_MS) this.#lateMs = lateMs;
      this.#events.onPicture(mediaTime * 1_000);
    });
  }

  #gapAfter(timeS: number): number | undefined {
    const { buffered } = this.#video;
    for (let range = 0; range < buffered.length; range += 1) {
      // Something is left to play here.
      if (buffered.start(range) <= timeS && buffered.end(range) - timeS > AT_EDGE_S) {
        return undefined;
      }
      if (buffered.start(range) > timeS) return buffered.start(range) - timeS + INSIDE_S;
    }
    return undefined;
  }

  #play(): void {
    if (!this.#video.paused) return;
    this.#video.play().then(
      () => {
        this.#setRefused(false);
      },
      (thrown: unknown) => {
        // AbortError: another source came meanwhile, and plays.
        if (!(thrown instanceof DOMException) || thrown.name !== 'NotAllowedError') return;
        if (this.#video.muted) this.#setRefused(true);
        else this.#playMuted();
      },
    );
  }

  /** Sound was refused: rather a silent picture than none, until somebody touches the page. */
  #playMuted(): void {
    this.#video.muted = true;
    this.#soundRefused = true;
    this.#awaitGesture();
    this.#play();
  }

  #setRefused(refused: boolean): void {
    if (refused === this.#refused) return;
    this.#refused = refused;
    if (refused) this.#awaitGesture();
    this.#events.onRefused();
  }

  #awaitGesture(): void {
    for (const gesture of GESTURES) addEventListener(gesture, this.#onGesture);
  }

  readonly #onGesture = (): void => {
    for (const gesture of GESTURES) removeEventListener(gesture, this.#onGesture);
    if (this.#soundRefused) this.setMuted(false);
    this.#play();
  };

  readonly #onMetadata = (): void => {
    if (this.#beginS !== undefined) this.#video.currentTime = this.#beginS;
    this.#beginS = undefined;
  };

  readonly #onWaiting = (): void => {
    if (!this.#video.seeking) this.#events.onStall();
  };

  readonly #onError = (): void => {
    this.#events.onBroken();
  };
}

function isHandle(source: MediaSourceHandle | MediaSource): source is MediaSourceHandle {
  return 'MediaSourceHandle' in globalThis && source instanceof MediaSourceHandle;
}

/** HTMLMediaElement's `readyState`. */
const HAVE_METADATA = 1;
const HAVE_CURRENT_DATA = 2;
const HAVE_FUTURE_DATA = 3;
