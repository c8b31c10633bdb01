/**
 * The last picture of each camera, so that the way from the wall to a camera and back shows one at
 * once. In memory only: never in any store of the browser, and forgotten when somebody signs out.
 */
import { browserClock, repeat } from '../base/clock.ts';

/** A picture and when it was the newest: on the page's monotonic clock, and on the box's wall clock
 * where that is known. */
export interface LastPicture {
  readonly canvas: HTMLCanvasElement;
  readonly takenMs: number;
  readonly boxMs: number | undefined;
}

/** What a picture is drawn from. */
export interface PictureSource {
  readonly image: HTMLVideoElement | HTMLCanvasElement | ImageBitmap;
  readonly width: number;
  readonly height: number;
}

/** Sharp enough to stand for a moment; 2 MB each at 16:9. */
const WIDTH_MAX_PX = 960;

/** A household's cameras; the one that was not seen for the longest time is forgotten first. */
const PICTURES_MAX = 16;

/** As long as the box keeps moments in memory (server/doorstep): what is older is the past, and that is
 * not for a page to keep. */
const KEPT_MS = 600_000;

/** See the head of this file. */
export class LastPictures {
  readonly #pictures = new Map<string, LastPicture>();
  readonly #nowMs: () => number;

  /** `nowMs`: the page's monotonic clock. */
  constructor(nowMs: () => number = () => browserClock.monotonicMs()) {
    this.#nowMs = nowMs;
  }

  get(cameraId: string): LastPicture | undefined {
    this.forgetOld();
    return this.#pictures.get(cameraId);
  }

  /** What has become the past is not kept any more. */
  forgetOld(): void {
    const oldestMs = this.#nowMs() - KEPT_MS;
    for (const [cameraId, { canvas, takenMs }] of this.#pictures) {
      if (takenMs >= oldestMs) continue;
      clearPicture(canvas);
      this.#pictures.delete(cameraId);
    }
  }

  /** Keeps a copy of what `source` shows now. */
  keep(cameraId: string, source: PictureSource, times: Omit<LastPicture, 'canvas'>): void {
    const canvas = document.createElement('canvas');
    if (!copyPicture(source, canvas)) return;
    this.#pictures.delete(cameraId);
    this.#pictures.set(cameraId, { canvas, ...times });
    const [oldest] = this.#pictures.keys();
    if (this.#pictures.size > PICTURES_MAX && oldest !== undefined) this.#pictures.delete(oldest);
  }

  /** Nothing is kept any more. */
  forgetAll(): void {
    for (const { canvas } of this.#pictures.values()) clearPicture(canvas);
    this.#pictures.clear();
  }
}

/** The page's. */
export const lastPictures: LastPictures = new LastPictures();

/** Often enough for ten minutes. */
const FORGET_EVERY_MS = 30_000;

/** Forgets what is old from now on, also while nobody sees the page. */
export function guardLastPictures(): void {
  repeat(browserClock, FORGET_EVERY_MS, () => {
    lastPictures.forgetOld();
  });
}

/** Nothing of a picture is left in the canvas. */
export function clearPicture(canvas: HTMLCanvasElement | undefined): void {
  // Setting its size empties it (HTML, "the canvas element").
  if (canvas !== undefined) canvas.width = 0;
}

/** Draws a picture into a canvas that takes its shape; false where there is none to draw. */
export function copyPicture(source: PictureSource, canvas: HTMLCanvasElement): boolean {
  const { image, width, height } = source;
  if (width === 0 || height === 0) return false;
  const scale = Math.min(1, WIDTH_MAX_PX / width);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d', { alpha: false });
  context?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return context !== null;
}
