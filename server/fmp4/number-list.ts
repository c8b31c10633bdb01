/** Growing columns of 32-bit numbers for the sample tables of an export. */
import { u32, u32Array } from './box-writer.ts';
import { valueAt } from './sample-table.ts';

/** A typed array that doubles: 4 bytes per entry where an array of objects takes 50 and more. */
export class U32List {
  #values = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** All entries, big-endian, behind their count. */
  toCountedBytes(): Buffer {
    return Buffer.concat([u32(this.#length), u32Array(this.#values.subarray(0, this.#length))]);
  }

  /** Adds to an entry that is there. */
  increment(index: number): void {
    this.#values[index] = valueAt(this.#values, index) + 1;
  }
}

/** (count, value) pairs of equal neighbours, as `stts` and `ctts` store them (8.6.1). */
export class RunLengthList {
  readonly #pairs = new U32List();
  #last: number | undefined;

  push(value: number): void {
    if (value === this.#last) {
      this.#pairs.increment(this.#pairs.length - 2);
      return;
    }
    this.#pairs.push(1);
    // Negative offsets become their two's complement.
    this.#pairs.push(value);
    this.#last = value;
  }

  /** The pairs behind their number. */
  toCountedBytes(): Buffer {
    const bytes = this.#pairs.toCountedBytes();
    bytes.writeUInt32BE(this.#pairs.length / 2, 0);
    return bytes;
  }
}
