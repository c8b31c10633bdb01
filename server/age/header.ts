/**
 * The header of an age file (C2SP age.md, "Header"): text that wraps the file key for each
 * recipient, authenticated by a key derived from it. `age-encryption` makes and opens it; how far it
 * reaches is found here, because the package reads streams without a limit.
 */
import { randomBytes } from 'node:crypto';
import { Decrypter, Encrypter, type Recipient } from 'age-encryption';
import { AppError } from '../base/errors.ts';
import { FILE_KEY_BYTES } from './chunks.ts';
import { sealedCorrupt } from './corrupt.ts';
import { type AgeIdentity, unreadableIdentity } from './identity.ts';
import { X25519Identity, X25519Recipient } from './x25519.ts';

/** Bytes of the nonce between header and first chunk. */
export const PAYLOAD_NONCE_BYTES = 16;

/** More than 600 recipients; a header of ours has one or two. */
export const HEADER_MAX_BYTES = 65_536;

/** Each costs a scalar multiplication when a header is opened: 32 are a few milliseconds. */
export const STANZAS_MAX = 32;

/** The beginning of a sealed file, and the key to the rest. */
export interface SealedHeader {
  /** The text of the header and the payload nonce: everything before the first chunk. */
  readonly bytes: Buffer;
  readonly payloadNonce: Buffer;
  readonly fileKey: Buffer;
}

/** Where the parts of a file's beginning lie. */
export interface HeaderExtent {
  /** Bytes of the text, which a key process needs to find the file key. */
  readonly textBytes: number;
  /** Bytes before the first chunk. */
  readonly totalBytes: number;
}

const VERSION_LINE = 'age-encryption.org/v1';

/** A type and arguments, each of visible ASCII. */
const STANZA_LINE = /^->( [!-~]+)+$/;

/** Base64 without padding, 48 bytes a line; a stanza ends with a shorter one. */
const BODY_LINE = /^[A-Za-z0-9+/]{0,64}$/;
const FULL_BODY_LINE_CHARS = 64;

/** 32 bytes of HMAC-SHA-256. */
const MAC_LINE = /^--- [A-Za-z0-9+/]{43}$/;

/** Longer than any line that one of those can be; arguments of X25519 have 43 characters. */
const LINE_MAX_CHARS = 1_024;

/**
 * A new file key, wrapped for `recipients` (`age1…`). Throws `invalid` for a recipient that is none.
 *
 * The package seals an empty payload on the way. Its nonce is thrown away with it: under ours
 * another stream key comes out, so nothing was ever sealed with that.
 */
export async function sealHeader(recipients: readonly string[]): Promise<SealedHeader> {
  if (recipients.length === 0 || recipients.length > STANZAS_MAX) {
    throw new AppError('internal', `a header has 1 to ${STANZAS_MAX} recipients`);
  }
  const encrypter = new Encrypter();
  let fileKey: Buffer | undefined;
  const capture: Recipient = {
    wrapFileKey: (key) => {
      fileKey = Buffer.from(key);
      return [];
    },
  };
  let sealed: Buffer;
  try {
    encrypter.addRecipient(capture);
    for (const recipient of recipients) {
      encrypter.addRecipient(new X25519Recipient(x25519Only(recipient)));
    }
    sealed = Buffer.from(await encrypter.encrypt(new Uint8Array(0)));
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw unreadableRecipient(thrown);
  }
  if (fileKey?.length !== FILE_KEY_BYTES) throw new AppError('internal', 'no file key was made');
  const text = sealed.subarray(0, headerExtent(sealed).textBytes);
  const payloadNonce = randomBytes(PAYLOAD_NONCE_BYTES);
  return { bytes: Buffer.concat([text, payloadNonce]), payloadNonce, fileKey };
}

/** Other kinds of recipients would make files that the printed key or Debian's age cannot open. */
function x25519Only(recipient: string): string {
  if (/^age1[02-9ac-hj-np-z]{58}$/.test(recipient)) return recipient;
  throw unreadableRecipient();
}

function unreadableRecipient(cause?: unknown): AppError {
  return new AppError('invalid', 'This public key cannot be read.', {
    hint: 'Put the file that it stands in back from a copy.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * How far the header in `bytes` reaches. Throws `corrupt`: `header-truncated` when more bytes could
 * complete it.
 */
export function headerExtent(bytes: Buffer): HeaderExtent {
  const lines = new HeaderLines(bytes);
  const start = lines.next();
  if (start !== VERSION_LINE) throw sealedCorrupt('header-format', 'not an age file');
  let line = lines.next();
  for (let stanzas = 0; !line.startsWith('---'); stanzas += 1) {
    if (stanzas === STANZAS_MAX) throw sealedCorrupt('header-too-large', 'too many recipients');
    if (!STANZA_LINE.test(line)) throw sealedCorrupt('header-format', 'no stanza');
    do {
      line = lines.next();
      if (!BODY_LINE.test(line)) throw sealedCorrupt('header-format', 'body of a stanza');
    } while (line.length === FULL_BODY_LINE_CHARS);
    line = lines.next();
  }
  if (!MAC_LINE.test(line)) throw sealedCorrupt('header-format', 'no MAC');
  const textBytes = lines.at;
  const totalBytes = textBytes + PAYLOAD_NONCE_BYTES;
  if (totalBytes > bytes.length) throw sealedCorrupt('header-truncated', 'no payload nonce');
  return { textBytes, totalBytes };
}

/** Walks the lines of a header without reading beyond its limits. */
class HeaderLines {
  readonly #bytes: Buffer;
  /** Where the next line begins. */
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): string {
    const window = this.#bytes.subarray(this.at, this.at + LINE_MAX_CHARS + 1);
    const length = window.indexOf(0x0a);
    if (length === -1) {
      if (window.length > LINE_MAX_CHARS) throw sealedCorrupt('header-format', 'a long line');
      throw sealedCorrupt('header-truncated', 'the header does not end');
    }
    this.at += length + 1;
    if (this.at > HEADER_MAX_BYTES - PAYLOAD_NONCE_BYTES) {
      throw sealedCorrupt('header-too-large', 'the header is too long');
    }
    return window.toString('latin1', 0, length);
  }
}

/** A header that was opened. */
export interface OpenedHeader extends HeaderExtent {
  readonly payloadNonce: Buffer;
  readonly fileKey: Buffer;
}

/** Opens the header at the beginning of `bytes`, whatever follows it; `corrupt` when it cannot. */
export async function openHeader(bytes: Buffer, identity: AgeIdentity): Promise<OpenedHeader> {
  const extent = headerExtent(bytes);
  const fileKey = await fileKeyOf(bytes.subarray(0, extent.textBytes), [identity]);
  const payloadNonce = payloadNonceOf(bytes, extent);
  return { ...extent, payloadNonce, fileKey };
}

/** The nonce behind the text of a header. */
export function payloadNonceOf(bytes: Buffer, { textBytes, totalBytes }: HeaderExtent): Buffer {
  return Buffer.from(bytes.subarray(textBytes, totalBytes));
}

/** The file key in the text of a header (up to and with its MAC line) that one of the identities opens;
 * `corrupt` (`header-no-key`) when none does, or when it is no header. */
export async function fileKeyOf(
  text: Uint8Array,
  identities: readonly AgeIdentity[],
): Promise<Buffer> {
  const decrypter = new Decrypter();
  try {
    for (const identity of identities) decrypter.addIdentity(new X25519Identity(identity));
  } catch {
    throw unreadableIdentity();
  }
  let fileKey: Buffer;
  try {
    fileKey = Buffer.from(await decrypter.decryptHeader(Uint8Array.from(text)));
  } catch (thrown) {
    throw sealedCorrupt('header-no-key', 'the header does not open', thrown);
  }
  if (fileKey.length !== FILE_KEY_BYTES) throw sealedCorrupt('header-no-key', 'length of the key');
  return fileKey;
}
