/**
 * Keys of the segments that are being read, for as long as somebody has unlocked. A header takes the
 * key process some milliseconds, and a player asks for many parts of one segment.
 */
import { sealedCorrupt } from '../age/corrupt.ts';
import type { SealedHeader } from '../age/header.ts';
import { AppError } from '../base/errors.ts';

/** What footage is sealed to and opened with; the household's keys are one (server/keys). */
export interface FootageKeys {
  /** Somebody has unlocked. */
  readonly isOpen: boolean;
  /** What new headers are sealed to; New key changes it. Left out by who seals to one, or to none. */
  readonly recipient?: string | undefined;
  /** A new file key, sealed to the household. Throws `io` while there is none: recording waits for it as
   * it waits for a disk. */
  newHeader(): Promise<SealedHeader>;
  /** The file key behind the text of an age header; `locked` while nobody has unlocked. */
  unwrapFileKey(header: Buffer): Promise<Buffer>;
}

/** Four hours of one camera; 16 bytes each. */
const KEYS_MAX = 256;

/** See the head of this file. One for all readers, so that a lock finds every key. */
export class FileKeys {
  readonly #keys: FootageKeys;
  /** By the text of the header, which names the file key. */
  readonly #opened = new Map<string, Buffer>();

  constructor(keys: FootageKeys) {
    this.#keys = keys;
  }

  /** See `FootageKeys`. */
  get recipient(): string | undefined {
    return this.#keys.recipient;
  }

  /** For a new segment. */
  newHeader(): Promise<SealedHeader> {
    return this.#keys.newHeader();
  }

  /** The file key behind a header, the caller's own copy. `isNew`: it was not known, so its file was not
   * looked at yet. */
  async of(headerText: Buffer): Promise<{ readonly fileKey: Buffer; readonly isNew: boolean }> {
    if (!this.#keys.isOpen) this.forget();
    const name = headerText.toString('latin1');
    const known = this.#opened.get(name);
    if (known !== undefined) return { fileKey: Buffer.from(known), isNew: false };
    const fileKey = await this.#keys.unwrapFileKey(headerText).catch(noKey);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size >= KEYS_MAX && oldest !== undefined) this.#drop(oldest);
    // Somebody may have locked meanwhile.
    if (this.#keys.isOpen) this.#opened.set(name, Buffer.from(fileKey));
    return { fileKey, isNew: true };
  }

  /** At a lock: none of them stays in memory. */
  forget(): void {
    for (const name of [...this.#opened.keys()]) this.#drop(name);
  }

  #drop(name: string): void {
    this.#opened.get(name)?.fill(0);
    this.#opened.delete(name);
  }
}

/** Between processes a reason is not passed on. */
function noKey(thrown: unknown): never {
  if (!(thrown instanceof AppError) || thrown.kind !== 'corrupt') throw thrown;
  throw sealedCorrupt('header-no-key', 'the header does not open', thrown);
}
