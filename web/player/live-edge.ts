/**
 * Where the playhead should be, and how it gets there: gently by the speed of playing, at once by a
 * jump. Pure: times are arguments. docs/design/live-player.md has the reasons for the numbers.
 */

/** What is known at a look. */
export interface EdgeFacts {
  /** The box's clock minus the time of the picture that is shown. */
  readonly lagMs: number;
  /** How much is buffered after the playhead; asked only where it matters, because a browser takes
   * its time to answer. */
  readonly ahead: () => number;
  /** How far behind the playhead has to be so that it rarely waits (`Arrivals.needMs`). */
  readonly needMs: number;
  /** From one picture to the next. */
  readonly frameMs: number;
  readonly sound: boolean;
}

/** What to do about it. */
export type EdgeMove =
  | { readonly do: 'play'; readonly rate: number }
  /** The playhead goes forward by so much. */
  | { readonly do: 'jump'; readonly byMs: number };

/** From the arrival of a fragment until it can be seen or heard: appending and decoding. */
const MARGIN_MS = 25;

/** Sound is taken out of the decoder in larger pieces. */
const SOUND_MARGIN_MS = 50;

/** One wait is an accident of the machine; another one so soon after it is a rhythm that the arrivals
 * do not show, and adds this to the margin. All of them together add no more than the second number. */
const STALL_RHYTHM_MS = 10_000;
const STALL_ADDS_MS = 20;
const STALLS_ADD_MAX_MS = 400;

/** A machine without time to decode stutters many times in a row, which is one wait. */
const STALL_LASTS_MS = 1_000;

/** Until the rhythm is known the playhead is where it was guessed to be, and a wait corrects that. */
const BEGINS_MS = 2_000;

/** Without another wait for so long, the margin becomes smaller again by `CALM_TAKES_MS`. */
const CALM_AFTER_MS = 5_000;
const CALM_TAKES_MS = 10;

/** More than this and catching up would take longer than a person watches for. */
const JUMP_MS = 1_500;

/** A tenth faster would take ten seconds for this. */
const SOUND_JUMP_MS = 1_000;

/** A machine that needs a second to begin to play is as far behind after each jump. */
const JUMP_AGAIN_MS = 10_000;

/** No connection that is still of use is so uneven: beyond it waiting is right. */
const TARGET_MAX_MS = 1_500;

/** What is always left to play: the picture that is shown and the next one being decoded. */
const LEAVE_MS = 60;

/** From so much on it is caught up with, until so little is left. */
const CATCH_UP_FROM_MS = 10;
const CATCH_UP_UNTIL_MS = 0;

/** Less than this nobody sees, and setting the speed costs a browser a millisecond (Chromium): it has to
 * last, or be more, to be caught up with. */
const CATCH_UP_AT_ONCE_MS = 60;
const CATCH_UP_AFTER_MS = 4_000;

/** Nearer than this to running dry, the picture is slowed down a little. */
const SLOW_DOWN_FROM_MS = 50;

/** A picture a quarter faster looks like somebody in a hurry; sound keeps its pitch, and a tenth
 * faster is not heard. */
const STEPS = [
  { fromMs: 400, rate: 1.25, soundRate: 1.1 },
  { fromMs: 100, rate: 1.1, soundRate: 1.1 },
  { fromMs: 0, rate: 1.05, soundRate: 1.05 },
] as const;

const SLOW_RATE = 0.95;

/** One playhead's; lives as long as its connection. */
export class LiveEdge {
  #stallsMs = 0;
  /** The first look. */
  #beganMs: number | undefined;
  #stalledMs = -Infinity;
  #calmSinceMs = 0;
  #jumpedMs = -Infinity;
  /** Since when it is a little behind. */
  #behindSinceMs: number | undefined;
  #rate = 1;

  /** How far behind the box's clock the playhead should be. */
  targetMs({ needMs, frameMs, sound }: Pick<EdgeFacts, 'needMs' | 'frameMs' | 'sound'>): number {
    // Without sound to go by, Chromium waits as soon as it shows the last picture that it has: the
    // next one has to be there a picture sooner than it is shown.
    const marginMs = sound ? SOUND_MARGIN_MS : frameMs + MARGIN_MS;
    return Math.min(needMs + marginMs, TARGET_MAX_MS) + this.#stallsMs;
  }

  /** The playhead had to wait for media. */
  onStall(nowMs: number): void {
    const isAtBeginning = nowMs - (this.#beganMs ?? nowMs) < BEGINS_MS;
    if (isAtBeginning || nowMs - this.#stalledMs < STALL_LASTS_MS) return;
    const isRhythm = nowMs - this.#stalledMs < STALL_RHYTHM_MS;
    this.#stalledMs = nowMs;
    this.#calmSinceMs = nowMs;
    if (isRhythm) this.#stallsMs = Math.min(STALLS_ADD_MAX_MS, this.#stallsMs + STALL_ADDS_MS);
  }

  /** One look, a few times a second. */
  look(facts: EdgeFacts, nowMs: number): EdgeMove {
    this.#beganMs ??= nowMs;
    if (nowMs - this.#calmSinceMs > CALM_AFTER_MS) {
      this.#stallsMs = Math.max(0, this.#stallsMs - CALM_TAKES_MS);
      this.#calmSinceMs = nowMs;
    }
    const behindMs = facts.lagMs - this.targetMs(facts);
    const matters = behindMs > CATCH_UP_FROM_MS || this.#rate > 1;
    // What has not arrived cannot be played sooner.
    const excessMs = matters ? Math.min(behindMs, facts.ahead() - LEAVE_MS) : behindMs;
    const isFar = excessMs > (facts.sound ? SOUND_JUMP_MS : JUMP_MS);
    if (isFar && nowMs - this.#jumpedMs > JUMP_AGAIN_MS) {
      this.#jumpedMs = nowMs;
      this.#rate = 1;
      return { do: 'jump', byMs: excessMs };
    }
    this.#rate = this.#rateFor(excessMs, facts, nowMs);
    return { do: 'play', rate: this.#rate };
  }

  #rateFor(excessMs: number, { sound }: EdgeFacts, nowMs: number): number {
    const isBehind = excessMs > CATCH_UP_FROM_MS;
    this.#behindSinceMs = isBehind ? (this.#behindSinceMs ?? nowMs) : undefined;
    const lastsMs = nowMs - (this.#behindSinceMs ?? nowMs);
    const isWorthIt = excessMs > CATCH_UP_AT_ONCE_MS || lastsMs >= CATCH_UP_AFTER_MS;
    const isCatchingUp = this.#rate > 1 && excessMs > CATCH_UP_UNTIL_MS;
    if (isCatchingUp || isWorthIt) {
      const step = STEPS.find(({ fromMs }) => excessMs >= fromMs) ?? STEPS[2];
      return sound ? step.soundRate : step.rate;
    }
    const isSlowing = this.#rate < 1 && excessMs < 0;
    return isSlowing || excessMs < -SLOW_DOWN_FROM_MS ? SLOW_RATE : 1;
  }
}
