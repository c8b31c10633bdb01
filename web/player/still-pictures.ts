/** A still picture each second, where nothing better can be shown. */
import { repeat, type BrowserClock, type Timer } from '../base/clock.ts';

/** What comes of it. */
export interface StillEvents {
  /** `boxMs`: when it was taken, on the box's clock. */
  onPicture(bitmap: ImageBitmap, boxMs: number | undefined): void;
  onAnswer(answer: 'there' | 'gone' | 'signed-out' | 'removed'): void;
}

/** One picture a second (architecture, decision 11), counted from the end of the one before. */
const EVERY_MS = 1_000;

/** A picture takes the box a tenth of a second; so long means that it is not there. */
const ANSWER_WITHIN_MS = 5_000;

/** When a snapshot was taken. */
const TAKEN_AT = 'Doorkeep-Taken-At';

/** Begins at once; the timer ends it. */
export function showStills(clock: BrowserClock, cameraId: string, events: StillEvents): Timer {
  let over = false;
  const once = async (): Promise<void> => {
    const still = await takeStill(cameraId);
    if (over) {
      still.bitmap?.close();
      return;
    }
    events.onAnswer(still.answer);
    if (still.bitmap !== undefined) events.onPicture(still.bitmap, still.boxMs);
  };
  void once();
  const timer = repeat(clock, EVERY_MS, once);
  return {
    cancel: () => {
      over = true;
      timer.cancel();
    },
  };
}

interface Still {
  readonly answer: 'there' | 'gone' | 'signed-out' | 'removed';
  readonly bitmap?: ImageBitmap;
  readonly boxMs?: number | undefined;
}

async function takeStill(cameraId: string): Promise<Still> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(`/api/cameras/${cameraId}/snapshot`, {
      signal,
      cache: 'no-store',
    });
    const answer = answerOf(response.status);
    if (!response.ok) return { answer };
    const bitmap = await createImageBitmap(await response.blob());
    const takenMs = Date.parse(response.headers.get(TAKEN_AT) ?? '');
    return { answer, bitmap, boxMs: Number.isNaN(takenMs) ? undefined : takenMs };
  } catch {
    // No answer, or none that is a picture.
    return { answer: 'gone' };
  }
}

function answerOf(status: number): 'there' | 'signed-out' | 'removed' {
  if (status === 401) return 'signed-out';
  return status === 404 ? 'removed' : 'there';
}
