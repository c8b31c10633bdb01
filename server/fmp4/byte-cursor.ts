/** Reads big-endian fields in order and never beyond the end. */
import { corrupt } from './corrupt.ts';

/** A position in a buffer; each read moves it. Throws `corrupt` (box-truncated) past the end. */
export class ByteCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }

  u24(): number {
    return this.#bytes.readUIntBE(this.#advance(3), 3);
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  /** 64 bits; beyond 2^53 a number is no longer exact, and no time or size of ours gets there. */
  u64(): number {
    const value = this.u32() * 2 ** 32 + this.u32();
    if (value > Number.MAX_SAFE_INTEGER) throw corrupt('field-value', '64-bit field beyond 2^53');
    return value;
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Buffer {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  #advance(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      throw corrupt('box-truncated', `${length} bytes wanted, ${this.remaining} left`);
    }
    this.#at = at + length;
    return at;
  }
}
