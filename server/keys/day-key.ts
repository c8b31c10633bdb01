/**
 * What a sealed day key is inside: an age file to the household whose plaintext is a mark, the day,
 * the key's id and the key. The mark is why the key process hands out nothing else that is sealed to the
 * household, its own older identities above all.
 */
import { AppError } from '../base/errors.ts';

/** A key for what is stored about one day. */
export interface DayKey {
  /** Days since 1970, UTC. */
  readonly day: number;
  /** Random; payloads name their key by it. */
  readonly id: Buffer;
  readonly key: Buffer;
}

const MARK = Buffer.from('doorkeep day key v1\n');
const DAY_BYTES = 4;

/** Random 64 bits: a household makes some ten thousand in a year. */
export const DAY_KEY_ID_BYTES = 8;

const KEY_BYTES = 32;

/** The whole plaintext. */
export const DAY_KEY_SECRET_BYTES = MARK.length + DAY_BYTES + DAY_KEY_ID_BYTES + KEY_BYTES;

/** The plaintext of a day key; the caller zeroes it. */
export function encodeDayKey({ day, id, key }: DayKey): Buffer {
  if (id.length !== DAY_KEY_ID_BYTES || key.length !== KEY_BYTES) {
    throw new AppError('internal', 'a day key of another length');
  }
  const number = Buffer.alloc(DAY_BYTES);
  number.writeUInt32BE(day);
  return Buffer.concat([MARK, number, id, key]);
}

/** The day key in a plaintext, as copies; undefined for anything else. */
export function decodeDayKey(secret: Uint8Array): DayKey | undefined {
  const bytes = Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength);
  if (bytes.length !== DAY_KEY_SECRET_BYTES) return undefined;
  if (!bytes.subarray(0, MARK.length).equals(MARK)) return undefined;
  const idAt = MARK.length + DAY_BYTES;
  const keyAt = idAt + DAY_KEY_ID_BYTES;
  return {
    day: bytes.readUInt32BE(MARK.length),
    id: Buffer.from(bytes.subarray(idAt, keyAt)),
    key: Buffer.from(bytes.subarray(keyAt)),
  };
}
