/** Who looks at live or past right now. For everybody at home alike: there is no setting, and nobody is left
 * out. */
import type { Clock, Timer } from '../base/clock.ts';
import type { PresentViewer } from '../contract/presence.ts';

/** A person who looks. */
export interface Onlooker {
  readonly userId: number;
  readonly username: string;
  readonly isLiveOnly: boolean;
}

/** What they look at. */
export interface LookedAt {
  readonly what: 'live' | 'past';
  readonly cameraId: string;
}

/** Players fetch up to a minute ahead, then they are silent while they play it. */
export const PAST_LASTS_MS = 60_000;

/** Two pages of one person, and a page that is reloaded, are one look. */
interface Look extends LookedAt {
  readonly who: Onlooker;
  pages: number;
  timer: Timer | undefined;
}

/** See the head of this file. */
export class Presence {
  readonly #clock: Clock;
  readonly #looks = new Map<string, Look>();
  readonly #listeners = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** They look from now on; answers the function that ends that. */
  join(who: Onlooker, at: LookedAt): () => void {
    const look = this.#lookOf(who, at);
    look.pages += 1;
    let isThere = true;
    return () => {
      if (!isThere) return;
      isThere = false;
      look.pages -= 1;
      this.#endIfOver(look);
    };
  }

  /** They look now, and for a while: for what is fetched piece by piece. */
  touch(who: Onlooker, at: LookedAt, lastsMs = PAST_LASTS_MS): void {
    const look = this.#lookOf(who, at);
    look.timer?.cancel();
    look.timer = this.#clock.setTimer(lastsMs, () => {
      look.timer = undefined;
      this.#endIfOver(look);
    });
  }

  /** Everybody, each with what they look at, in the order in which they came. */
  now(): PresentViewer[] {
    const viewers = new Map<string, PresentViewer>();
    for (const { who, what, cameraId } of this.#looks.values()) {
      const name = `${String(who.userId)} ${String(who.isLiveOnly)} ${what}`;
      const known = viewers.get(name);
      if (known !== undefined) known.cameras.push(cameraId);
      else {
        const { username: user, isLiveOnly: wallScreen } = who;
        viewers.set(name, { user, wallScreen, what, cameras: [cameraId] });
      }
    }
    return [...viewers.values()];
  }

  /** Tells `listener` whenever there is something new; answers the function that ends this. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Ends at once what is not allowed any more, whether or not its pages have gone by now. */
  keep(isAllowed: (who: Onlooker, at: LookedAt) => boolean): void {
    let hasEnded = false;
    for (const [name, look] of [...this.#looks]) {
      if (isAllowed(look.who, look)) continue;
      look.timer?.cancel();
      hasEnded = this.#looks.delete(name) || hasEnded;
    }
    if (hasEnded) this.nudge();
  }

  /** Something else that every page shows has changed: locked, or unlocked. */
  nudge(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** No timer stays. */
  stop(): void {
    for (const { timer } of this.#looks.values()) timer?.cancel();
    this.#looks.clear();
  }

  #lookOf(who: Onlooker, at: LookedAt): Look {
    const name = nameOf(who, at);
    const known = this.#looks.get(name);
    if (known !== undefined) return known;
    const look = { ...at, who, pages: 0, timer: undefined };
    this.#looks.set(name, look);
    this.nudge();
    return look;
  }

  #endIfOver(look: Look): void {
    if (look.pages > 0 || look.timer !== undefined) return;
    const name = nameOf(look.who, look);
    // Ended before, and they may look again since.
    if (this.#looks.get(name) !== look) return;
    this.#looks.delete(name);
    this.nudge();
  }
}

function nameOf({ userId, isLiveOnly }: Onlooker, { what, cameraId }: LookedAt): string {
  return `${String(userId)} ${String(isLiveOnly)} ${what} ${cameraId}`;
}
