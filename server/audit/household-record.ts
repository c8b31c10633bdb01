/**
 * What is written into the record, and what is put together: one entry for what a person does, not one for each
 * request. Whatever shows the home to somebody is written before the first byte is sent.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { epochMs, toRfc3339, type EpochMs } from '../base/time.ts';
import type { AuditKind } from '../contract/audit.ts';
import type { AuditLog, NewAuditEntry } from './audit-log.ts';
import { Recently } from './recently.ts';

/** Who is asking. */
export interface RecordedPerson {
  readonly userId: number;
  readonly username: string;
  readonly isLiveOnly: boolean;
}

/** What it is made of. */
export interface HouseholdRecordParts {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  /** Empty for a camera that is gone. */
  readonly cameraName: (id: string) => string;
}

/** Footage is noted in stretches of this length: looking through a day is 96 entries at most. */
export const STRETCH_MS = 15 * 60_000;

/** The same, by the same person, so soon again is the same looking. */
const SAME_MS = 15 * 60_000;

/** A live view that ends and comes back this soon went on: a page that was reloaded, a phone in a pocket. */
const LIVE_LINGER_MS = 60_000;

/** The first wrong password is written at once; those that follow in this time are counted. */
const REFUSALS_TOGETHER_MS = 10 * 60_000;

/** Names and addresses that are counted apart; all others are one. */
const REFUSALS_APART_MAX = 8;

/** A name as it was typed can be anything, a password too: it is sealed, and cut. */
const TYPED_MAX_CHARS = 64;

/** See the head of this file. */
export class HouseholdRecord {
  readonly #parts: HouseholdRecordParts;
  readonly #views: Recently;
  readonly #live = new Map<string, LiveStay>();
  readonly #refusals = new Map<string, Refusals>();

  constructor(parts: HouseholdRecordParts) {
    this.#parts = parts;
    this.#views = new Recently(parts.clock, SAME_MS);
  }

  /** Writes one entry; it is durable when it resolves. `unavailable` when the record cannot be written. */
  async note(entry: NewAuditEntry): Promise<void> {
    try {
      const { audit, cameraName } = this.#parts;
      const camera = entry.cameraId === undefined ? '' : cameraName(entry.cameraId);
      const details = { ...(camera !== '' && { camera }), ...entry.details };
      await audit.append({ ...entry, ...(Object.keys(details).length > 0 && { details }) });
    } catch (cause) {
      throw notRecorded(cause);
    }
  }

  /** For what nothing waits for. */
  noteLater(entry: NewAuditEntry): void {
    this.note(entry).catch((thrown: unknown) => {
      this.#parts.log.error(errorFields(thrown), 'an entry of the record could not be written');
    });
  }

  /** Somebody is about to see something; what is the same soon again is one entry. */
  seen(
    who: RecordedPerson,
    what: { readonly kind: AuditKind; readonly cameraId?: string; readonly objectId?: string },
  ): Promise<void> {
    const name = [nameOf(who), what.kind, what.cameraId, what.objectId].join(' ');
    return this.#views.once(name, () => this.note({ ...what, ...actorOf(who) }));
  }

  /** Somebody is about to see footage of this time. */
  pastViewed(who: RecordedPerson, cameraId: string, atMs: EpochMs): Promise<void> {
    const fromMs = Math.floor(atMs / STRETCH_MS) * STRETCH_MS;
    const stretch = {
      from: toRfc3339(epochMs(fromMs)),
      to: toRfc3339(epochMs(fromMs + STRETCH_MS)),
    };
    const name = [nameOf(who), 'past', cameraId, fromMs].join(' ');
    return this.#views.once(name, () =>
      this.note({ kind: 'past-viewed', cameraId, ...actorOf(who, stretch) }),
    );
  }

  /** Somebody is about to see a camera live; written unless they see it already. */
  liveWanted(who: RecordedPerson, cameraId: string): Promise<void> {
    return this.#stayOf(who, cameraId).begun;
  }

  /** They see it from now on; answers the function that ends that. Call after `liveWanted`. */
  liveBegun(who: RecordedPerson, cameraId: string): () => void {
    const stay = this.#stayOf(who, cameraId);
    stay.viewers += 1;
    stay.leaving?.cancel();
    let isThere = true;
    return () => {
      if (!isThere) return;
      isThere = false;
      stay.viewers -= 1;
      if (stay.viewers === 0) this.#leaveSoon(who, cameraId, stay);
    };
  }

  /** A wrong password, code or sheet. Guessing makes few entries: see the constants above. */
  refusedSignIn(tried: { readonly name: string; readonly address: string }): void {
    const name = tried.name.slice(0, TYPED_MAX_CHARS);
    this.#count(`${name} ${tried.address}`, {
      kind: 'sign-in-refused',
      details: { name, address: tried.address },
    });
  }

  /** Something wanted to connect to where nothing may. */
  refusedConnection(tried: { readonly target: string; readonly cameraId?: string }): void {
    const { target, cameraId } = tried;
    const about = cameraId === undefined ? {} : { cameraId };
    this.#count(`to ${target} ${cameraId ?? ''}`, {
      kind: 'connection-refused',
      ...about,
      details: { target },
    });
  }

  /** Ends what goes on and writes what was counted. */
  async stop(): Promise<void> {
    for (const [name, stay] of this.#live) {
      stay.leaving?.cancel();
      this.#endStay(name, stay);
    }
    for (const [name, refusals] of [...this.#refusals]) this.#writeCount(name, refusals);
    await this.#parts.audit.settled();
  }

  #stayOf(who: RecordedPerson, cameraId: string): LiveStay {
    const name = `${nameOf(who)} ${cameraId}`;
    const known = this.#live.get(name);
    if (known !== undefined) return known;
    const { clock } = this.#parts;
    const begun = this.note({ kind: 'live-begun', cameraId, ...actorOf(who) });
    const stay: LiveStay = {
      ...{ who, cameraId, begun, viewers: 0, leaving: undefined },
      sinceMs: clock.monotonicMs(),
    };
    this.#live.set(name, stay);
    begun.catch(() => {
      if (this.#live.get(name) === stay) this.#live.delete(name);
    });
    // Who asks and never comes has left.
    this.#leaveSoon(who, cameraId, stay);
    return stay;
  }

  #leaveSoon(who: RecordedPerson, cameraId: string, stay: LiveStay): void {
    stay.leaving?.cancel();
    // Ended already, because the box stops.
    if (this.#live.get(`${nameOf(who)} ${cameraId}`) !== stay) return;
    stay.leaving = this.#parts.clock.setTimer(LIVE_LINGER_MS, () => {
      if (stay.viewers === 0) this.#endStay(`${nameOf(who)} ${cameraId}`, stay);
    });
  }

  #endStay(name: string, stay: LiveStay): void {
    if (!this.#live.delete(name)) return;
    const { who, cameraId, sinceMs } = stay;
    const seconds = Math.round((this.#parts.clock.monotonicMs() - sinceMs) / 1_000);
    this.noteLater({ kind: 'live-ended', cameraId, ...actorOf(who, { seconds }) });
  }

  #count(name: string, entry: Omit<NewAuditEntry, 'who'>): void {
    const isOther = !this.#refusals.has(name) && this.#refusals.size >= REFUSALS_APART_MAX;
    const key = isOther ? `other ${entry.kind}` : name;
    const known = this.#refusals.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const { details: _apart, cameraId: _camera, ...common } = entry;
    const counted = isOther ? common : entry;
    this.noteLater({ ...counted, who: 'nobody' });
    const timer = this.#parts.clock.setTimer(REFUSALS_TOGETHER_MS, () => {
      const refusals = this.#refusals.get(key);
      if (refusals !== undefined) this.#writeCount(key, refusals);
    });
    this.#refusals.set(key, { entry: counted, count: 0, timer });
  }

  #writeCount(name: string, { entry, count, timer }: Refusals): void {
    timer.cancel();
    this.#refusals.delete(name);
    if (count === 0) return;
    this.noteLater({ ...entry, who: 'nobody', details: { ...entry.details, count } });
  }
}

/** Somebody who sees a camera, with however many pages. */
interface LiveStay {
  readonly who: RecordedPerson;
  readonly cameraId: string;
  readonly begun: Promise<void>;
  readonly sinceMs: number;
  viewers: number;
  leaving: Timer | undefined;
}

interface Refusals {
  readonly entry: Omit<NewAuditEntry, 'who'>;
  count: number;
  readonly timer: Timer;
}

/** What an entry says of a wall screen besides who made it. */
export const WALL_SCREEN = 'wall screen';

function actorOf(
  { userId, username, isLiveOnly }: RecordedPerson,
  details: NonNullable<NewAuditEntry['details']> = {},
): Pick<NewAuditEntry, 'who' | 'details'> {
  const said = { ...details, ...(isLiveOnly && { name: WALL_SCREEN }) };
  return { who: { userId, username }, details: said };
}

function nameOf({ userId, isLiveOnly }: RecordedPerson): string {
  return `${String(userId)}${isLiveOnly ? ' wall' : ''}`;
}

function notRecorded(cause: unknown): AppError {
  return new AppError(
    'unavailable',
    'This is not shown: the box could not note it in its record.',
    {
      reason: 'not-recorded',
      hint: 'Look whether its disk works and has room. Recording goes on by itself.',
      cause,
    },
  );
}
