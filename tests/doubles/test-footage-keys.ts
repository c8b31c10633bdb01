/**
 * Footage keys of a household that is open unless a test locks it. The identity is a real one; all
 * files have one file key, so that no test waits for curves, and payload nonces of their own.
 */
import { randomBytes } from 'node:crypto';
import {
  fileKeyOf,
  PAYLOAD_NONCE_BYTES,
  sealHeader,
  type SealedHeader,
} from '../../server/age/header.ts';
import { type AgeIdentity, newIdentity, recipientOf } from '../../server/age/identity.ts';
import { AppError } from '../../server/base/errors.ts';
import type { FootageKeys } from '../../server/storage/file-keys.ts';

/** See the head of this file. */
export class TestFootageKeys implements FootageKeys {
  readonly identity: AgeIdentity;
  readonly #header: SealedHeader;
  isOpen = true;
  /** Told, not used: another one is a new key of the household. */
  recipient = 'the first one';
  /** Headers that were opened. */
  opened = 0;
  /** Headers that were not, because it was locked. */
  refused = 0;
  /** What the key process answers in place of a key. */
  problem: AppError | undefined;

  private constructor(identity: AgeIdentity, header: SealedHeader) {
    this.identity = identity;
    this.#header = header;
  }

  static async create(): Promise<TestFootageKeys> {
    const identity = await newIdentity();
    return new TestFootageKeys(identity, await sealHeader([await recipientOf(identity)]));
  }

  newHeader(): Promise<SealedHeader> {
    const text = this.#header.bytes.subarray(0, -PAYLOAD_NONCE_BYTES);
    const payloadNonce = randomBytes(PAYLOAD_NONCE_BYTES);
    const fileKey = Buffer.from(this.#header.fileKey);
    return Promise.resolve({ bytes: Buffer.concat([text, payloadNonce]), payloadNonce, fileKey });
  }

  async unwrapFileKey(header: Buffer): Promise<Buffer> {
    if (!this.isOpen) {
      this.refused += 1;
      throw new AppError('locked', 'Locked.', { hint: 'Unlock.' });
    }
    if (this.problem !== undefined) {
      this.refused += 1;
      throw this.problem;
    }
    this.opened += 1;
    return fileKeyOf(header, [this.identity]);
  }
}
