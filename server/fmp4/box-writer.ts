/** Writes boxes and big-endian fields (ISO/IEC 14496-12 4.2). */
import { AppError } from '../base/errors.ts';

/** A box around `content`. Throws `internal` beyond 4 GiB: only `mdat` gets there (`boxHeader`). */
export function box(type: string, ...content: readonly Buffer[]): Buffer {
  let sizeBytes = 8;
  for (const piece of content) sizeBytes += piece.length;
  return Buffer.concat([u32(sizeBytes), Buffer.from(type, 'latin1'), ...content], sizeBytes);
}

/** A box with version and flags in front of its content. */
export function fullBox(
  type: string,
  { version = 0, flags = 0 }: { version?: number; flags?: number },
  ...content: readonly Buffer[]
): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...content);
}

/** The header of a box whose content is written elsewhere; 64-bit size only where it must be. */
export function boxHeader(type: string, contentBytes: number): Buffer {
  const name = Buffer.from(type, 'latin1');
  if (contentBytes + 8 <= U32_MAX) return Buffer.concat([u32(contentBytes + 8), name]);
  return Buffer.concat([u32(1), name, u64(contentBytes + 16)]);
}

/** The largest number a 32-bit field holds. */
export const U32_MAX = 0xffff_ffff;

/** 16-bit fields, one after another. */
export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

/** 32-bit fields, one after another. Throws `internal` for a number that does not fit. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, index) => {
    if (!(value >= 0 && value <= U32_MAX)) {
      throw new AppError('internal', `${value} does not fit a 32-bit field`);
    }
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}

/** A 64-bit field; `value` is an exact integer, that is below 2^53. */
export function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** A field of `length` zero bytes. */
export function zeros(length: number): Buffer {
  return Buffer.alloc(length);
}

/** A whole array as 32-bit fields, without a call per number. */
export function u32Array(values: Uint32Array | Int32Array): Buffer {
  const bytes = Buffer.from(values.slice().buffer);
  // Every machine Doorkeep runs on is little-endian; the file is big-endian (14496-12 4.2).
  return bytes.swap32();
}
