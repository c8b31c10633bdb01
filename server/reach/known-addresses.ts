/**
 * Under which names and addresses the box is known: what the machine says of itself, what it was told at
 * the start, and, where the machine cannot know, what it learned from those who came.
 */
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { MonotonicMs } from '../base/time.ts';
import { privateLiteral, type BoxNames } from '../certificates/box-names.ts';
import type { Database } from '../storage/database.ts';
import {
  learnedAddresses,
  replaceLearnedAddresses,
  type LearnedAddress,
} from '../storage/learned-addresses.ts';
import { learn, literalOf } from './learned-addresses.ts';

/** How often a claim may take another one's place. Each writes and signs; and who was let in stays for
 * eight of them, longer than getting to know the box takes on a phone. */
const TAKEN_EVERY_MS = 60_000;

/** What `KnownAddresses` needs. */
export interface KnownAddressesOptions {
  readonly db: Database;
  readonly clock: Clock;
  /** What the machine, or the container, says of itself right now (`readBoxNames`). */
  readonly machine: () => BoxNames;
  /** DOORKEEP_ADDRESSES. */
  readonly told: BoxNames;
  /** Whether it is in a container: its own names and addresses lead no phone to it. */
  readonly inContainer: boolean;
}

/** See the head of this file. */
export class KnownAddresses {
  readonly #options: KnownAddressesOptions;
  #learned: readonly LearnedAddress[];
  #takenMs: MonotonicMs | undefined;

  constructor(options: KnownAddressesOptions) {
    this.#options = options;
    this.#learned = learnedAddresses(options.db);
  }

  /** Whether it learns from those who come. */
  get inContainer(): boolean {
    return this.#options.inContainer;
  }

  /** DOORKEEP_ADDRESSES' names. */
  get toldNames(): readonly string[] {
    return this.#options.told.names;
  }

  /** What the owner sees of it. */
  get learned(): readonly LearnedAddress[] {
    return this.#learned;
  }

  /** What the certificate names, and what a browser may call the box by. */
  all(): BoxNames {
    const { told, machine } = this.#options;
    const { names, addresses } = machine();
    const learned = this.#learned.map(({ address }) => address);
    return {
      names: [...new Set([...told.names, ...names])],
      addresses: [...new Set([...told.addresses, ...learned, ...addresses])],
    };
  }

  /** What people are told to open. Nothing that somebody merely claimed: it could lead a phone to his
   * own machine. */
  shown(): BoxNames {
    const { told, machine, inContainer } = this.#options;
    const owners = this.#learned.filter(({ isOwners }) => isOwners).map(({ address }) => address);
    const { names, addresses } = inContainer ? { names: [], addresses: [] } : machine();
    return {
      names: [...new Set([...told.names, ...names])],
      addresses: [...new Set([...told.addresses, ...owners, ...addresses])],
    };
  }

  /** Somebody came by this Host, the owner of the box or anybody. Answers whether that was news. */
  cameBy(host: string, isOwners: boolean): boolean {
    if (!this.#options.inContainer) return false;
    const address = literalOf(host);
    if (address === undefined || this.#options.told.addresses.includes(address)) return false;
    const next = learn(this.#learned, { address, isOwners });
    if (next === undefined || (!isOwners && this.#takesPlaceTooSoon(next))) return false;
    this.#keep(next);
    return true;
  }

  /** From now on these of the learned ones, as the owner says. What comes back (Undo) is nobody's until the
   * owner is signed in by it: it may have been a stranger's claim. */
  keepOnly(typed: readonly string[]): void {
    const next = [...new Set(typed)].map((text) => {
      const address = privateLiteral(text);
      if (address === undefined) {
        throw new AppError('unprocessable', 'That is no private address.', {
          reason: 'foreign-address',
          hint: 'An address of the home is like 192.168.1.20.',
        });
      }
      const known = this.#learned.find((place) => place.address === address);
      return known ?? { address, isOwners: false };
    });
    this.#keep(next);
  }

  #takesPlaceTooSoon(next: readonly LearnedAddress[]): boolean {
    if (next.length > this.#learned.length) return false;
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#takenMs !== undefined && nowMs - this.#takenMs < TAKEN_EVERY_MS) return true;
    this.#takenMs = nowMs;
    return false;
  }

  #keep(next: readonly LearnedAddress[]): void {
    replaceLearnedAddresses(this.#options.db, next);
    this.#learned = next;
  }
}
