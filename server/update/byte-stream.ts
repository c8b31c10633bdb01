/** Bytes that come in pieces, taken in the lengths that a format has. */
import { AppError } from '../base/errors.ts';

/** See the head of this file. */
export class ByteStream {
  readonly #pieces: AsyncIterator<Buffer>;
  #held = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Up to `max` bytes, at least one; undefined at the end. */
  async some(max: number): Promise<Buffer | undefined> {
    while (this.#held.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return undefined;
      this.#held = Buffer.from(next.value);
    }
    const taken = this.#held.subarray(0, max);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }

  /** So many bytes, in pieces; `corrupt` when there are fewer. */
  async *exactly(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      const piece = await this.some(left);
      if (piece === undefined) throw new AppError('corrupt', 'the bytes end too early');
      left -= piece.length;
      yield piece;
    }
  }

  /** The same in one piece; for small ones. */
  async whole(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.exactly(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }
}
