/** One timer for all live pictures of a page: an idle wall costs next to nothing. */
import { browserClock, repeat, type Timer } from '../base/clock.ts';

/** A picture that freezes is grey within 2 s (experience, rule 3): a look until the last one is noticed,
 * then the time until it counts as frozen (live-status.ts), then a look until that is said. */
export const LOOK_EVERY_MS = 300;

const looks = new Set<() => void>();
let timer: Timer | undefined;

/** Calls `look` three times a second until the answer is cancelled. */
export function everyLook(look: () => void): Timer {
  looks.add(look);
  timer ??= repeat(browserClock, LOOK_EVERY_MS, () => {
    for (const each of looks) each();
  });
  return {
    cancel: () => {
      looks.delete(look);
      if (looks.size > 0) return;
      timer?.cancel();
      timer = undefined;
    },
  };
}
