/** A still picture each second, where nothing better can be shown. */
import { type CameraAnswer, takeSnapshot } from '../api/camera-calls.ts';
import { repeat, type BrowserClock, type Timer } from '../base/clock.ts';

/** What comes of it. */
export interface StillEvents {
  /** `boxMs`: when it was taken, on the box's clock. */
  onPicture(bitmap: ImageBitmap, boxMs: number | undefined): void;
  onAnswer(answer: CameraAnswer): void;
}

/** One picture a second (architecture, decision 11), counted from the end of the one before. */
const EVERY_MS = 1_000;

/** Begins at once; the timer ends it. */
export function showStills(clock: BrowserClock, cameraId: string, events: StillEvents): Timer {
  let over = false;
  const once = async (): Promise<void> => {
    const { answer, jpeg, takenMs } = await takeSnapshot(cameraId);
    const bitmap = jpeg === undefined ? undefined : await createImageBitmap(jpeg);
    if (over) {
      bitmap?.close();
      return;
    }
    events.onAnswer(answer);
    if (bitmap !== undefined) events.onPicture(bitmap, takenMs);
  };
  const timer = repeat(clock, EVERY_MS, once);
  void once();
  return {
    cancel: () => {
      over = true;
      timer.cancel();
    },
  };
}
