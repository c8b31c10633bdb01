/** Bits of a parameter set: emulation prevention removed, Exp-Golomb read. */
import { corrupt } from './corrupt.ts';

/**
 * The payload of a NAL unit without the 0x03 after each 00 00 (ITU-T H.264 7.3.1, H.265 7.3.1.1).
 * The NAL unit header stays in front.
 */
export function unescapeNal(nal: Buffer): Buffer {
  const out = Buffer.allocUnsafe(nal.length);
  let length = 0;
  let zeroRun = 0;
  for (const byte of nal) {
    if (zeroRun >= 2 && byte === 3) {
      zeroRun = 0;
      continue;
    }
    out[length] = byte;
    length += 1;
    zeroRun = byte === 0 ? zeroRun + 1 : 0;
  }
  return out.subarray(0, length);
}

/** Reads most significant bit first. Throws `corrupt` (parameter-set) past the end. */
export class BitReader {
  readonly #bytes: Buffer;
  #bit = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** One bit as a truth value. */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** `count` bits, at most 32, as an unsigned number. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) {
      const byte = this.#bytes[this.#bit >> 3];
      if (byte === undefined) throw corrupt('parameter-set', 'parameter set ends too soon');
      value = value * 2 + ((byte >> (7 - (this.#bit & 7))) & 1);
      this.#bit += 1;
    }
    return value;
  }

  skip(count: number): void {
    this.#bit += count;
  }

  /** ue(v): unsigned Exp-Golomb (H.264 9.1), at most 2^32 - 2. */
  ue(): number {
    let zeroBits = 0;
    while (!this.flag()) {
      zeroBits += 1;
      if (zeroBits > 31) throw corrupt('parameter-set', 'number too long in a parameter set');
    }
    return 2 ** zeroBits - 1 + this.bits(zeroBits);
  }

  /** se(v): signed Exp-Golomb (H.264 9.1.1). */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
  }
}
