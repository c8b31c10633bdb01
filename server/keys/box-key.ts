/**
 * The box key: protects what the box must be able to read by itself after a reboot, such as camera
 * passwords. It lies on the same disk, so a thief of the disk has both; it keeps them out of
 * backups of the database alone, and out of sight of whoever reads the database.
 */
import { createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { AppError } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import { KEY_BYTES, openGcm, sealGcm } from './aes-gcm.ts';

/** First byte of everything sealed, so that another cipher or key can follow. */
const VERSION = 1;

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
    return Buffer.concat([
      Buffer.from([VERSION]),
      sealGcm(this.#key, plaintext, bind(associatedData)),
    ]);
  }

  /** Opens what `seal` made. Another key, other associated data or a changed bit: `corrupt`. */
  open(sealed: Uint8Array, associatedData: string): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes[0] !== VERSION) throw unreadable();
    const plaintext = openGcm(this.#key, bytes.subarray(1), bind(associatedData));
    if (plaintext === undefined) throw unreadable();
    return plaintext;
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

function unreadable(): AppError {
  return new AppError('corrupt', 'a sealed value does not open with this box key', {
    hint: 'It was sealed on another box or changed on disk: type it in again.',
  });
}
