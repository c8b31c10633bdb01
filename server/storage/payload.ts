/**
 * A sealed payload: the bytes of one column of one row. Pure; docs/design/sealing.md, "Payloads in the
 * index".
 *
 * Version, id of the day key, 24 random bytes, then the padded plaintext sealed with ChaCha20-Poly1305.
 * Each payload has a key of its own, derived from the day key and the random bytes, so its nonce can be
 * zero, as in the stanza of an age header. Nothing is counted: no restart, no clock and no copy of the
 * database that is put back can make a key serve twice.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import type { UtcDay } from '../base/time.ts';

/** Where a payload belongs; it opens nowhere else. */
export interface PayloadPlace {
  readonly day: UtcDay;
  readonly table: string;
  readonly column: string;
  readonly rowId: string | number;
}

const VERSION = 1;
const ID_BYTES = 8;
const RANDOM_BYTES = 24;
const HEAD_BYTES = 1 + ID_BYTES + RANDOM_BYTES;
const TAG_BYTES = 16;
const CIPHER = 'chacha20-poly1305';

/** HKDF's `info` (RFC 5869 3.2). */
const KEY_INFO = 'doorkeep payload v1';

/** Each key seals one payload. */
const NONCE = Buffer.alloc(12);

/** Lengths tell: "cat" is not "person". Short ones are all alike, longer ones roughly. */
const PAD_TO_BYTES = 64;

/** A note of a person and the details of an event are less; pictures are files. */
export const PAYLOAD_MAX_BYTES = 64 * 1024;

/** Seals `plaintext` under a day key. */
export function sealPayload(
  dayKey: { readonly id: Buffer; readonly key: Buffer },
  place: PayloadPlace,
  plaintext: Uint8Array,
): Buffer {
  if (plaintext.length > PAYLOAD_MAX_BYTES) {
    throw new AppError('internal', `a payload of ${String(plaintext.length)} bytes`);
  }
  const head = Buffer.concat([Buffer.from([VERSION]), dayKey.id, randomBytes(RANDOM_BYTES)]);
  const key = payloadKey(dayKey.key, head);
  const padded = pad(plaintext);
  const cipher = createCipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated(head, place), { plaintextLength: padded.length });
  const sealed = Buffer.concat([head, cipher.update(padded), cipher.final(), cipher.getAuthTag()]);
  key.fill(0);
  padded.fill(0);
  return sealed;
}

/** The id of the day key that a payload names; undefined for what is no payload. */
export function dayKeyIdOf(sealed: Buffer): Buffer | undefined {
  const isOne = sealed[0] === VERSION && sealed.length >= HEAD_BYTES + PAD_TO_BYTES + TAG_BYTES;
  return isOne ? sealed.subarray(1, 1 + ID_BYTES) : undefined;
}

/** Opens what `sealPayload` made. Undefined for another key, another place and a changed bit, which
 * cannot be told apart. */
export function openPayload(
  dayKey: Buffer,
  place: PayloadPlace,
  sealed: Buffer,
): Buffer | undefined {
  if (dayKeyIdOf(sealed) === undefined) return undefined;
  const head = sealed.subarray(0, HEAD_BYTES);
  const body = sealed.subarray(HEAD_BYTES, sealed.length - TAG_BYTES);
  const key = payloadKey(dayKey, head);
  const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES });
  key.fill(0);
  decipher.setAAD(associated(head, place), { plaintextLength: body.length });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const padded = decipher.update(body);
  try {
    decipher.final();
  } catch {
    // Node has one error for a tag that does not fit, and the caller one answer.
    return undefined;
  }
  return padded.subarray(0, padded.lastIndexOf(0x80));
}

function payloadKey(dayKey: Buffer, head: Buffer): Buffer {
  const random = head.subarray(1 + ID_BYTES, HEAD_BYTES);
  return Buffer.from(hkdfSync('sha256', dayKey, random, KEY_INFO, 32));
}

/** ISO/IEC 7816-4: one bit, then zeros, so that the end is found whatever the plaintext ends with. */
function pad(plaintext: Uint8Array): Buffer {
  const bytes = Math.ceil((plaintext.length + 1) / PAD_TO_BYTES) * PAD_TO_BYTES;
  const padded = Buffer.alloc(bytes);
  padded.set(plaintext);
  padded[plaintext.length] = 0x80;
  return padded;
}

/** As JSON, in which no two places are written alike: a row id 1 is not a row id "1". */
function associated(head: Buffer, { day, table, column, rowId }: PayloadPlace): Buffer {
  return Buffer.concat([head, Buffer.from(JSON.stringify([day, table, column, rowId]))]);
}
