/** A range of a footage file as a stream: one piece in memory, however slow the reader. */
import { Readable } from 'node:stream';
import { BufferPool } from '../base/buffer-pool.ts';
import { toAppError } from '../base/errors.ts';
import type { SegmentReader } from './segment-reader.ts';

/** Two seconds of 1 Mbit/s, or a third of a large group of pictures: system calls do not count, and
 * twenty viewers hold 10 MB. */
const PIECE_BYTES = 256 * 1024;

/** Two for each of four viewers, one that is being sent and one that is being filled; 2 MB. */
const pieces = new BufferPool({ sizeBytes: PIECE_BYTES, spareMax: 8, secret: true });

/** An inclusive range of bytes. */
export interface ByteSpan {
  readonly first: number;
  readonly last: number;
}

/** Takes over `reader`: it is closed when the stream ends, breaks or is destroyed. */
export function segmentStream(reader: SegmentReader, span: ByteSpan): Readable {
  return new SegmentStream(reader, span);
}

/**
 * Who pipes it to a destination, as an answer over HTTP is sent, says for each piece when it was
 * written; only those are used again. Whoever reads it otherwise may keep what was read.
 */
class SegmentStream extends Readable {
  readonly #reader: SegmentReader;
  readonly #span: ByteSpan;
  /** The buffer that each piece on its way lies in. */
  readonly #buffers = new WeakMap<Buffer, Buffer>();
  #at: number;

  constructor(reader: SegmentReader, span: ByteSpan) {
    super({ highWaterMark: PIECE_BYTES });
    this.#reader = reader;
    this.#span = span;
    this.#at = span.first;
  }

  override _read(): void {
    if (this.#at > this.#span.last) {
      this.push(null);
      return;
    }
    this.#readPiece().catch((thrown: unknown) => {
      this.destroy(toAppError(thrown));
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // A read that is under way is waited for by the file itself.
    this.#reader.close().then(
      () => {
        done(error);
      },
      (thrown: unknown) => {
        done(error ?? toAppError(thrown, 'io'));
      },
    );
  }

  /** As every stream's, and it hears when a piece has been written. */
  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    const goOn = (): void => {
      this.resume();
    };
    this.on('data', (piece: Buffer) => {
      const hasRoom = destination.write(piece, () => {
        this.#giveBack(piece);
      });
      if (hasRoom) return;
      this.pause();
      destination.once('drain', goOn);
    });
    if (options?.end !== false) {
      this.once('end', () => {
        destination.end();
      });
    }
    destination.emit('pipe', this);
    return destination;
  }

  async #readPiece(): Promise<void> {
    const buffer = pieces.take();
    const piece = buffer.subarray(0, Math.min(PIECE_BYTES, this.#span.last + 1 - this.#at));
    try {
      await this.#reader.read(piece, this.#at);
    } catch (thrown) {
      pieces.give(buffer);
      throw thrown;
    }
    this.#at += piece.length;
    this.#buffers.set(piece, buffer);
    this.push(piece);
  }

  #giveBack(piece: Buffer): void {
    const buffer = this.#buffers.get(piece);
    if (buffer === undefined) return;
    this.#buffers.delete(piece);
    pieces.give(buffer);
  }
}
