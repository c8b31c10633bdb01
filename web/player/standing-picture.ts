/**
 * The picture of a camera that stands: in the `<video>` while it plays, on a canvas behind it while
 * another source is put in, in the page's memory when somebody goes elsewhere.
 */
import {
  copyPicture,
  type LastPicture,
  lastPictures,
  type PictureSource,
} from './last-pictures.ts';

/** Where it is shown. */
export interface PicturePlaces {
  readonly video: HTMLVideoElement;
  readonly backdrop: HTMLCanvasElement;
  readonly cameraId: string;
}

/** When a picture was the newest, on the page's monotonic clock and on the box's. */
export type PictureTimes = Omit<LastPicture, 'canvas'>;

/** See the head of this file. */
export class StandingPicture {
  readonly #places: PicturePlaces;
  #times: PictureTimes | undefined;
  /** Where the newest one is: worth keeping only if it came from there. */
  #from: 'memory' | 'video' | 'backdrop' = 'memory';

  constructor(places: PicturePlaces) {
    this.#places = places;
  }

  /** Of what stands; undefined while nothing does. */
  get times(): PictureTimes | undefined {
    return this.#times;
  }

  /** Puts the remembered one behind the video. */
  recall(): void {
    const last = lastPictures.get(this.#places.cameraId);
    if (last === undefined) return;
    this.#times = { takenMs: last.takenMs, boxMs: last.boxMs };
    this.#draw(last);
  }

  /** The video shows a new one. */
  onVideo(times: PictureTimes): void {
    this.#times = times;
    this.#from = 'video';
  }

  /** Shows a still one, behind the empty video. */
  showStill(bitmap: ImageBitmap, times: PictureTimes): void {
    const { width, height } = bitmap;
    copyPicture({ image: bitmap, width, height }, this.#places.backdrop);
    this.#times = times;
    this.#from = 'backdrop';
  }

  /** Remembers what stands. */
  keep(): void {
    if (this.#times === undefined || this.#from === 'memory') return;
    const { video, backdrop, cameraId } = this.#places;
    const source: PictureSource =
      this.#from === 'video'
        ? { image: video, width: video.videoWidth, height: video.videoHeight }
        : { image: backdrop, width: backdrop.width, height: backdrop.height };
    lastPictures.keep(cameraId, source, this.#times);
  }

  /** Before another source is put into the video: what it shows stays, behind it. */
  holdBehind(): void {
    this.keep();
    const last = lastPictures.get(this.#places.cameraId);
    if (last !== undefined) this.#draw(last);
  }

  #draw({ canvas }: LastPicture): void {
    const { width, height } = canvas;
    copyPicture({ image: canvas, width, height }, this.#places.backdrop);
  }
}
