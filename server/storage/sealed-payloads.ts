/**
 * Sealed payloads in the index: what describes footage (labels, notes, details) in a column of a row.
 * Sealing works while the box is locked; opening asks the key process. docs/design/sealing.md, "Payloads
 * in the index".
 */
import { randomBytes } from 'node:crypto';
import type { Clock, Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { UtcDay } from '../base/time.ts';
import type { Database } from './database.ts';
import { dayKeyOf, insertDayKey } from './day-keys.ts';
import { dayKeyIdOf, openPayload, type PayloadPlace, sealPayload } from './payload.ts';

/** A day key outside its sealed form. */
export interface OpenedDayKey {
  readonly day: number;
  readonly id: Buffer;
  readonly key: Buffer;
}

/** What day keys are sealed to and opened with; the household's keys are one (server/keys). */
export interface PayloadKeys {
  /** Somebody has unlocked. */
  readonly isOpen: boolean;
  /** Changes with New key: no key that was sealed to the one before may seal any more. */
  readonly recipient: string | undefined;
  /** Works while locked. Throws `io` while there is no household. */
  sealDayKey(dayKey: OpenedDayKey): Promise<Buffer>;
  /** In order; undefined for what does not open. `locked` while nobody has unlocked. */
  unwrapDayKeys(sealed: readonly Buffer[]): Promise<readonly (OpenedDayKey | undefined)[]>;
}

/** A payload as it was read from its row. */
export interface StoredPayload {
  readonly place: PayloadPlace;
  readonly sealed: Buffer;
}

/** What became of one: its bytes; its day was forgotten; it was changed or is in another's place. */
export type Opened =
  | { readonly state: 'open'; readonly bytes: Buffer }
  | { readonly state: 'forgotten' }
  | { readonly state: 'damaged' };

/** A box that is taken running and locked gives away what was sealed with the keys in its memory: no
 * more than the doorstep window does. */
export const SEALING_KEY_MAX_MS = 10 * 60_000;

/** Today, yesterday for what began before midnight, and room for a clock that steps. */
const SEALING_DAYS_MAX = 4;

/** A week at one key each ten minutes; 40 bytes each. */
const OPENED_MAX = 1_024;

/** A key can go between being made and being used only for reasons that do not come in a row. */
const TRIES_MAX = 3;

/** A key that seals. */
interface SealingKey extends OpenedDayKey {
  readonly recipient: string;
  readonly timer: Timer;
}

/** What it is made of. */
export interface SealedPayloadsParts {
  readonly db: Database;
  readonly keys: PayloadKeys;
  readonly clock: Clock;
}

/** See the head of this file. One for all tables, so that a lock and a forgotten day find every key. */
export class SealedPayloads {
  readonly #parts: SealedPayloadsParts;
  /** By day; those who ask while one is made wait for the same. */
  readonly #sealing = new Map<UtcDay, Promise<SealingKey>>();
  /** Made, and not zeroed yet. */
  readonly #live = new Set<SealingKey>();
  /** By the hexadecimal id; oldest first. */
  readonly #opened = new Map<string, OpenedDayKey>();

  constructor(parts: SealedPayloadsParts) {
    this.#parts = parts;
  }

  /** Seals `bytes` for one column of one row, and no other. Whatever key it makes is durable when it
   * resolves, so the row may follow. `io` while there is no household; beyond 64 KiB is a defect of the
   * caller, whose contract sets a limit. */
  async seal(place: PayloadPlace, bytes: Uint8Array): Promise<Buffer> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const made = this.#sealing.get(place.day) ?? this.#begin(place.day);
      const key = await made;
      // From here to the end nothing waits: a key that is usable now is not zeroed meanwhile.
      if (this.#isUsable(key)) return sealPayload(key, place, bytes);
      if (this.#sealing.get(place.day) === made) this.#end(key);
    }
    throw new AppError('internal', 'no day key stays for long enough to seal with');
  }

  /** Opens one. Undefined when its day was forgotten; `corrupt` when it was changed; `locked`. */
  async open(payload: StoredPayload): Promise<Buffer | undefined> {
    const [opened] = await this.openAll([payload]);
    if (opened?.state === 'open') return opened.bytes;
    if (opened?.state === 'forgotten') return undefined;
    throw new AppError('corrupt', 'a sealed value does not open', {
      hint: 'What it says is lost; the footage beside it is not.',
    });
  }

  /** Opens many, in order, with as few questions to the key process as there can be. `locked` while
   * nobody has unlocked. One that is damaged costs the others nothing. */
  async openAll(payloads: readonly StoredPayload[]): Promise<Opened[]> {
    const keys = await this.#keysOf(payloads);
    const opened = payloads.map(({ place, sealed }): Opened => {
      const id = dayKeyIdOf(sealed)?.toString('hex');
      const key = id === undefined ? 'damaged' : keys.get(id);
      if (key === undefined) return { state: 'forgotten' };
      if (key === 'damaged' || key.day !== place.day) return { state: 'damaged' };
      const bytes = openPayload(key.key, place, sealed);
      return bytes === undefined ? { state: 'damaged' } : { state: 'open', bytes };
    });
    for (const key of keys.values()) if (key !== 'damaged') key.key.fill(0);
    return opened;
  }

  /** At a lock: no opened key stays in memory. Those that seal stay, for at most ten minutes each. */
  forget(): void {
    for (const id of [...this.#opened.keys()]) this.#drop(id);
  }

  /** forget 2: the keys of days that were deleted leave the memory, too. */
  forgetDays(days: readonly UtcDay[]): void {
    const isGone = new Set<number>(days);
    for (const [id, { day }] of [...this.#opened]) if (isGone.has(day)) this.#drop(id);
    for (const key of [...this.#live]) if (isGone.has(key.day)) this.#end(key);
  }

  /** The box stops: no key stays. */
  stop(): void {
    this.forget();
    for (const key of [...this.#live]) this.#end(key);
  }

  /** Which key each id stands for, as copies that the caller zeroes; no entry where the day was
   * forgotten. */
  async #keysOf(
    payloads: readonly StoredPayload[],
  ): Promise<ReadonlyMap<string, OpenedDayKey | 'damaged'>> {
    const { db, keys } = this.#parts;
    if (!keys.isOpen) this.forget();
    const ids = new Map<string, Buffer>();
    for (const { sealed } of payloads) {
      const id = dayKeyIdOf(sealed);
      if (id !== undefined) ids.set(id.toString('hex'), id);
    }
    const found = new Map<string, OpenedDayKey | 'damaged'>();
    const missing: { name: string; id: Buffer; day: UtcDay; sealedKey: Buffer }[] = [];
    for (const [name, id] of ids) {
      const stored = dayKeyOf(db, id);
      const known = this.#opened.get(name);
      if (stored === undefined) this.#drop(name);
      else if (known === undefined) missing.push({ name, id, ...stored });
      else found.set(name, copyOf(known));
    }
    // Asked also when nothing is missing and all is locked: it is who says so.
    const unwrapped =
      missing.length > 0 || !keys.isOpen
        ? await keys.unwrapDayKeys(missing.map(({ sealedKey }) => sealedKey))
        : [];
    missing.forEach(({ name, id, day }, index) => {
      const key = unwrapped[index];
      const isRight = key?.day === day && key.id.equals(id);
      found.set(name, isRight ? key : 'damaged');
      // Somebody may have locked, or the day been forgotten, meanwhile.
      if (isRight && keys.isOpen && dayKeyOf(db, id) !== undefined) this.#keep(name, copyOf(key));
    });
    return found;
  }

  #keep(name: string, key: OpenedDayKey): void {
    this.#drop(name);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size >= OPENED_MAX && oldest !== undefined) this.#drop(oldest);
    this.#opened.set(name, key);
  }

  #drop(name: string): void {
    this.#opened.get(name)?.key.fill(0);
    this.#opened.delete(name);
  }

  #begin(day: UtcDay): Promise<SealingKey> {
    const making = this.#make(day);
    this.#sealing.set(day, making);
    making.catch(() => {
      // Whoever waits hears of it; the next one tries again.
      if (this.#sealing.get(day) === making) this.#sealing.delete(day);
    });
    if (this.#live.size >= SEALING_DAYS_MAX) {
      const [oldest] = this.#live;
      if (oldest !== undefined) this.#end(oldest);
    }
    return making;
  }

  /** A further key each time: the one that was there before a restart cannot be opened while locked. */
  async #make(day: UtcDay): Promise<SealingKey> {
    const { db, keys, clock } = this.#parts;
    const opened = { day, id: randomBytes(8), key: randomBytes(32) };
    const recipient = keys.recipient ?? '';
    try {
      insertDayKey(db, opened.id, { day, sealedKey: await keys.sealDayKey(opened) });
    } catch (thrown) {
      opened.key.fill(0);
      throw thrown;
    }
    const key: SealingKey = {
      ...opened,
      recipient,
      timer: clock.setTimer(SEALING_KEY_MAX_MS, () => {
        this.#end(key);
      }),
    };
    this.#live.add(key);
    return key;
  }

  /** It was not zeroed, the household has no newer key, and the day was not forgotten. */
  #isUsable(key: SealingKey): boolean {
    const { db, keys } = this.#parts;
    return (
      this.#live.has(key) && key.recipient === keys.recipient && dayKeyOf(db, key.id) !== undefined
    );
  }

  #end(key: SealingKey): void {
    key.timer.cancel();
    key.key.fill(0);
    // Told twice, it must not take the next one of the day with it.
    if (this.#live.delete(key)) this.#sealing.delete(key.day as UtcDay);
  }
}

/** Callers work on copies: a lock zeroes what is kept at any moment. */
function copyOf({ day, id, key }: OpenedDayKey): OpenedDayKey {
  return { day, id, key: Buffer.from(key) };
}
