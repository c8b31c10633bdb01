/**
 * The X25519 stanza of a header (C2SP age.md, "The X25519 recipient type") with the curve of
 * `node:crypto`, for the library's own places for such a thing: its curve is JavaScript and takes
 * milliseconds, for each segment that is begun and for each that is opened.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { bech32 } from '@scure/base';
import { type Identity, type Recipient, Stanza } from 'age-encryption';
import { FILE_KEY_BYTES, TAG_BYTES } from './chunks.ts';

const TYPE = 'X25519';
const KEY_BYTES = 32;
const CIPHER = 'chacha20-poly1305';

/** Each wrapping key seals one file key. */
const NONCE = Buffer.alloc(12);

const HKDF_INFO = 'age-encryption.org/v1/X25519';

/** What stands before the 32 bytes of a key in DER (RFC 8410 sections 4 and 7). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

/** Seals file keys to one recipient (`age1…`); throws for text that is none. */
export class X25519Recipient implements Recipient {
  readonly #raw: Buffer;
  readonly #key: KeyObject;

  constructor(recipient: string) {
    this.#raw = bytesOf(recipient, 'age');
    this.#key = publicKeyOf(this.#raw);
  }

  wrapFileKey(fileKey: Uint8Array): Stanza[] {
    const ephemeral = generateKeyPairSync('x25519');
    const share = rawOf(ephemeral.publicKey);
    const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: this.#key });
    const cipher = createCipheriv(CIPHER, wrapKey(shared, share, this.#raw), NONCE, {
      authTagLength: TAG_BYTES,
    });
    const sealed = cipher.update(fileKey);
    cipher.final();
    const body = Uint8Array.from(Buffer.concat([sealed, cipher.getAuthTag()]));
    return [new Stanza([TYPE, base64Of(share)], body)];
  }
}

/** Opens file keys with one identity (`AGE-SECRET-KEY-1…`); throws for text that is none. */
export class X25519Identity implements Identity {
  readonly #key: KeyObject;
  readonly #recipient: Buffer;

  constructor(identity: string) {
    const raw = bytesOf(identity.toLowerCase(), 'age-secret-key-');
    const der = Buffer.concat([PRIVATE_PREFIX, raw]);
    this.#key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    this.#recipient = rawOf(createPublicKey(this.#key));
    raw.fill(0);
    der.fill(0);
  }

  /** null when no stanza is for this identity. */
  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null {
    for (const { args, body } of stanzas) {
      const [type, text, ...more] = args;
      if (type !== TYPE || text === undefined || more.length > 0) continue;
      const share = Buffer.from(text, 'base64');
      if (share.length !== KEY_BYTES || base64Of(share) !== text) continue;
      const fileKey = this.#open(share, Buffer.from(body));
      if (fileKey !== undefined) return fileKey;
    }
    return null;
  }

  #open(share: Buffer, body: Buffer): Uint8Array | undefined {
    // Before it is opened: a longer one could be made to open with several keys (age.md).
    if (body.length !== FILE_KEY_BYTES + TAG_BYTES) return undefined;
    try {
      const shared = diffieHellman({ privateKey: this.#key, publicKey: publicKeyOf(share) });
      const decipher = createDecipheriv(CIPHER, wrapKey(shared, share, this.#recipient), NONCE, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(body.subarray(FILE_KEY_BYTES));
      const fileKey = decipher.update(body.subarray(0, FILE_KEY_BYTES));
      decipher.final();
      return Uint8Array.from(fileKey);
    } catch {
      // Sealed to somebody else, or no point that gives a secret (RFC 7748 6.1): not for us.
      return undefined;
    }
  }
}

function wrapKey(shared: Buffer, share: Buffer, recipient: Buffer): Buffer {
  const salt = Buffer.concat([share, recipient]);
  return Buffer.from(hkdfSync('sha256', shared, salt, HKDF_INFO, KEY_BYTES));
}

function publicKeyOf(raw: Buffer): KeyObject {
  const key = Buffer.concat([PUBLIC_PREFIX, raw]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

function rawOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length);
}

function bytesOf(text: string, prefix: string): Buffer {
  const { prefix: found, bytes } = bech32.decodeToBytes(text);
  if (found !== prefix || bytes.length !== KEY_BYTES) throw new RangeError(`no ${prefix} key`);
  return Buffer.from(bytes);
}

/** Without padding, as headers have it. */
function base64Of(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
