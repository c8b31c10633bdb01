/**
 * The box key: protects what the box must be able to read by itself after a reboot, such as camera
 * passwords. It lies on the same disk, so a thief of the disk has both; it keeps them out of
 * backups of the database alone, and out of sight of whoever reads the database.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { AppError } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';

/** AES-256. */
const KEY_BYTES = 32;

/** 96 bits, the length GCM is made for (NIST SP 800-38D 5.2.1.1). Random: its 8.3 allows 2^32
 * messages under one key, and a household seals a few hundred. */
const NONCE_BYTES = 12;

/** The longest tag; shorter ones weaken GCM more than their length says (SP 800-38D appendix C). */
const TAG_BYTES = 16;

/** First byte of everything sealed, so that another cipher or key can follow. */
const VERSION = 1;
const HEADER_BYTES = 1 + NONCE_BYTES;

/** Seals small secrets with AES-256-GCM. Sealed form: version, nonce, ciphertext, tag. */
export class BoxKey {
  readonly #key: KeyObject;

  private constructor(key: KeyObject) {
    this.#key = key;
  }

  /**
   * Reads the key, or makes it when there is none. A file that is short, long or readable by others
   * is a `conflict` AppError: a new key in its place would make every camera password unreadable.
   */
  static async load(path: string): Promise<BoxKey> {
    const bytes = (await readPrivateFile(path, KEY_BYTES)) ?? (await createKey(path));
    if (bytes.length !== KEY_BYTES) {
      throw new AppError('conflict', 'the box key file (keys/box.key) is damaged', {
        reason: 'unsafe-file',
        hint:
          'Put keys/box.key back from a copy of the data folder. Without it, delete the file and ' +
          'type the camera passwords again.',
      });
    }
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return new BoxKey(key);
  }

  /** Seals `plaintext`; it opens only with the same `associatedData` (whose and what it is). */
  seal(plaintext: Uint8Array, associatedData: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const header = Buffer.concat([Buffer.from([VERSION]), nonce]);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(bind(associatedData));
    const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([header, body, cipher.getAuthTag()]);
  }

  /** Opens what `seal` made. Another key, other associated data or a changed bit: `corrupt`. */
  open(sealed: Uint8Array, associatedData: string): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes[0] !== VERSION) throw unreadable();
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(1, HEADER_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(bind(associatedData));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    try {
      const body = bytes.subarray(HEADER_BYTES, bytes.length - TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch (cause) {
      throw unreadable(cause);
    }
  }
}

/** The version is authenticated too, so that no later format can be passed off as this one. */
function bind(associatedData: string): Buffer {
  return Buffer.concat([Buffer.from([VERSION]), Buffer.from(associatedData)]);
}

async function createKey(path: string): Promise<Buffer> {
  const bytes = randomBytes(KEY_BYTES);
  await writeFileAtomic(path, bytes, 0o600);
  return bytes;
}

function unreadable(cause?: unknown): AppError {
  return new AppError('corrupt', 'a sealed value does not open with this box key', {
    hint: 'It was sealed on another box or changed on disk: type it in again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
