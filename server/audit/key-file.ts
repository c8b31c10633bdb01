/**
 * `DATA/keys/audit.key`: the key that tags the next entry and the one after it, and no earlier one. Two slots,
 * written in place and in turn: a rename would leave the old key in blocks that are free, and a log of the
 * database until it is emptied. docs/design/audit.md, "The current key".
 */
import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { AppError } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import { AUDIT_BYTES, EPOCH_ID_BYTES, nextAuditKey } from '../keys/audit-key.ts';
import type { BoxKey } from '../keys/box-key.ts';

/** The file in `DATA/keys`. Not in a backup: what it brings back goes on with another key. */
export const AUDIT_KEY_NAME = 'audit.key';

/** A page of its own for each slot: no write of one touches the other. */
const SLOT_BYTES = 4_096;

/** Epoch, number of the household's key, first entry, next entry, key, hash of the entry before. */
const PLAIN_BYTES = EPOCH_ID_BYTES + 4 + 8 + 8 + 2 * AUDIT_BYTES;
/** The box key adds a version, a nonce and a tag. */
const SEALED_BYTES = PLAIN_BYTES + 29;
const SLOTS = [0, 1] as const;

type Slot = (typeof SLOTS)[number];

/** What is needed for the next entry. */
export interface AuditState {
  readonly epochId: Buffer;
  /** Undefined: the epoch began while everything was locked. */
  readonly generation: number | undefined;
  readonly firstSequence: number;
  readonly next: number;
  readonly key: Buffer;
  /** Of the entry before the next; as it lies in a slot, of the newest one when that was written. */
  readonly lastHash: Buffer;
}

/** A state, and which slot its key came from. */
export interface FoundState extends AuditState {
  readonly slot: Slot;
}

/** The file's calls, all of them durable when they return; tests let them fail and die. */
export interface SlotDisk {
  /** The whole file; undefined where there is none. */
  read(): Promise<Buffer | undefined>;
  create(content: Buffer): Promise<void>;
  write(position: number, bytes: Buffer): void;
  close(): void;
}

/** See the head of this file. */
export class AuditKeyFile {
  readonly #disk: SlotDisk;
  readonly #boxKey: BoxKey;
  readonly #boxId: string;
  /** Which slot holds the key that counts. */
  #current: Slot = 0;

  constructor(disk: SlotDisk, keys: { readonly boxKey: BoxKey; readonly boxId: string }) {
    this.#disk = disk;
    this.#boxKey = keys.boxKey;
    this.#boxId = keys.boxId;
  }

  /** What the slots hold: none; one, of two keys that follow each other or of one alone; or two that have
   * nothing to do with each other, where a stop came while an epoch began. */
  async read(): Promise<FoundState[]> {
    const content = await this.#disk.read();
    if (content?.length !== SLOT_BYTES * SLOTS.length) {
      await this.#disk.create(Buffer.alloc(SLOT_BYTES * SLOTS.length));
      return [];
    }
    const states = SLOTS.flatMap((slot) => {
      const state = this.#open(content.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES));
      return state === undefined ? [] : { ...state, slot };
    });
    return asPair(states) ?? states;
  }

  /** start 2: `state` is what came of the key in this slot, which is the last to be overwritten. */
  settle({ slot, ...state }: FoundState): void {
    this.#current = slot;
    this.replace(state);
  }

  /** Writes `state` beside the key that counts. */
  writeBeside(state: AuditState): void {
    this.#disk.write(this.#other * SLOT_BYTES, this.#seal(state));
  }

  /** What was written beside counts from here on. */
  turn(): void {
    this.#current = this.#other;
  }

  /** add 3: the key beside counts, and the one that counted is overwritten with that after `state`. */
  moveOn(state: AuditState): void {
    this.turn();
    const key = nextAuditKey(state.key);
    this.writeBeside({ ...state, key, next: state.next + 1 });
    key.fill(0);
  }

  /** Writes both: `state`, and the key after it over the one that counted. */
  replace(state: AuditState): void {
    this.writeBeside(state);
    this.moveOn(state);
  }

  close(): void {
    this.#disk.close();
  }

  get #other(): Slot {
    return this.#current === 0 ? 1 : 0;
  }

  #seal({ epochId, generation, firstSequence, next, key, lastHash }: AuditState): Buffer {
    const numbers = Buffer.alloc(20);
    numbers.writeUInt32BE(generation ?? 0, 0);
    numbers.writeBigUInt64BE(BigInt(firstSequence), 4);
    numbers.writeBigUInt64BE(BigInt(next), 12);
    const plain = Buffer.concat([epochId, numbers, key, lastHash]);
    const sealed = this.#boxKey.seal(plain, this.#place);
    plain.fill(0);
    return sealed;
  }

  #open(slot: Buffer): AuditState | undefined {
    try {
      const plain = this.#boxKey.open(slot.subarray(0, SEALED_BYTES), this.#place);
      if (plain.length !== PLAIN_BYTES) return undefined;
      let at = EPOCH_ID_BYTES;
      const [generation, firstSequence, next] = [
        plain.readUInt32BE(at),
        Number(plain.readBigUInt64BE(at + 4)),
        Number(plain.readBigUInt64BE(at + 12)),
      ];
      at += 20;
      return {
        ...{ epochId: plain.subarray(0, EPOCH_ID_BYTES), firstSequence, next },
        generation: generation === 0 ? undefined : generation,
        key: plain.subarray(at, at + AUDIT_BYTES),
        lastHash: plain.subarray(at + AUDIT_BYTES),
      };
    } catch (thrown) {
      // Empty, torn by a power cut, or another box's.
      if (thrown instanceof AppError && thrown.kind === 'corrupt') return undefined;
      throw thrown;
    }
  }

  get #place(): string {
    return `record key of ${this.#boxId}`;
  }
}

/** A key and the one after it are one state: the first counts, and the second knows the newest hash. */
function asPair(states: readonly FoundState[]): [FoundState] | undefined {
  const [first, second] = [...states].sort((a, b) => a.next - b.next);
  if (first === undefined || second?.next !== first.next + 1) return undefined;
  if (!first.epochId.equals(second.epochId)) return undefined;
  return [{ ...first, lastHash: second.lastHash }];
}

/** The file itself. */
export class RealSlotDisk implements SlotDisk {
  readonly #path: string;
  #handle: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  read(): Promise<Buffer | undefined> {
    return readPrivateFile(this.#path, SLOT_BYTES * SLOTS.length);
  }

  create(content: Buffer): Promise<void> {
    return writeFileAtomic(this.#path, content, 0o600);
  }

  write(position: number, bytes: Buffer): void {
    try {
      this.#handle ??= openSync(this.#path, constants.O_RDWR | constants.O_NOFOLLOW);
      writeSync(this.#handle, bytes, 0, bytes.length, position);
      fdatasyncSync(this.#handle);
    } catch (cause) {
      throw new AppError('io', 'could not write the key of the record', {
        cause,
        hint: 'Check that the disk works and that Doorkeep may write to its data folder.',
      });
    }
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}

/** The file as it is, for who only looks: beside a running server, or after it. */
export async function peekAuditState(
  path: string,
  keys: { readonly boxKey: BoxKey; readonly boxId: string },
): Promise<AuditState | undefined> {
  const content = await readPrivateFile(path, SLOT_BYTES * SLOTS.length);
  if (content === undefined) return undefined;
  const disk: SlotDisk = {
    read: () => Promise.resolve(content),
    create: () => Promise.resolve(),
    write: () => undefined,
    close: () => undefined,
  };
  const states = await new AuditKeyFile(disk, keys).read();
  // Of two, a new epoch counts when its first entry is there, and only who has the rows knows that.
  return states.sort((a, b) => a.next - b.next || b.firstSequence - a.firstSequence).at(-1);
}
