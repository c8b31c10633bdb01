/** Steps through a video frame by frame, whatever its frame rate. */

/** Until two frames were shown: doorbells send 15 a second as a rule. */
const USUAL_FRAME_S = 1 / 15;

/** Longer than this between two frames is a pause or a seek, not the camera's frame rate. */
const FRAME_MAX_S = 0.5;

/** The shortest of so many is the camera's: a browser that is busy leaves frames out. */
const FRAMES_REMEMBERED = 8;

/** A step on lands one and a half frames behind the start of the frame that is shown still. */
const SAME_FRAME = 1.25;

/** Watches which frames are shown, and so learns how long one is. */
export class FrameStepper {
  readonly #video: HTMLVideoElement;
  #handle = 0;
  #shownS: number | undefined;
  /** How long the latest frames were, at most `FRAMES_REMEMBERED`. */
  #lengthsS: readonly number[] = [];

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#watch();
  }

  /** Puts the video into the middle of the frame so many on, where no rounding can miss it. */
  step(frames: 1 | -1): void {
    const video = this.#video;
    const { currentTime } = video;
    const frameS = this.#lengthsS.length === 0 ? USUAL_FRAME_S : Math.min(...this.#lengthsS);
    const intoS = currentTime - (this.#shownS ?? -Infinity);
    // Steps may come faster than frames are shown: the frame on the way is the one to count from,
    // and the last step put us into its middle.
    const isShown = intoS >= 0 && intoS < SAME_FRAME * frameS;
    const startS = isShown ? currentTime - intoS : currentTime - frameS / 2;
    video.currentTime = Math.max(0, startS + (frames + 0.5) * frameS);
  }

  close(): void {
    if (canWatch(this.#video)) this.#video.cancelVideoFrameCallback(this.#handle);
  }

  #watch(): void {
    const video = this.#video;
    if (!canWatch(video)) return;
    this.#handle = video.requestVideoFrameCallback((_now, { mediaTime }) => {
      const lengthS = mediaTime - (this.#shownS ?? mediaTime);
      if (!video.paused && lengthS > 0 && lengthS < FRAME_MAX_S) {
        this.#lengthsS = [...this.#lengthsS.slice(1 - FRAMES_REMEMBERED), lengthS];
      }
      this.#shownS = mediaTime;
      this.#watch();
    });
  }
}

/** Firefox has it from 132 on; before, steps go by the usual frame rate. */
function canWatch(video: HTMLVideoElement): boolean {
  return 'requestVideoFrameCallback' in video;
}
