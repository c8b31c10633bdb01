/** A range of a footage file as a stream: one piece in memory, however slow the reader. */
import { Readable } from 'node:stream';
import { toAppError } from '../base/errors.ts';
import type { SegmentReader } from './segment-reader.ts';

/** Two seconds of 1 Mbit/s, or a third of a large group of pictures: system calls do not count, and
 * twenty viewers hold 10 MB. */
const PIECE_BYTES = 256 * 1024;

/** An inclusive range of bytes. */
export interface ByteSpan {
  readonly first: number;
  readonly last: number;
}

/** Takes over `reader`: it is closed when the stream ends, breaks or is destroyed. */
export function segmentStream(reader: SegmentReader, span: ByteSpan): Readable {
  let at = span.first;
  const readPiece = async (stream: Readable): Promise<void> => {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, span.last + 1 - at));
    await reader.read(piece, at);
    at += piece.length;
    stream.push(piece);
  };
  return new Readable({
    highWaterMark: PIECE_BYTES,
    read() {
      if (at > span.last) {
        this.push(null);
        return;
      }
      readPiece(this).catch((thrown: unknown) => {
        this.destroy(toAppError(thrown));
      });
    },
    destroy(error, done) {
      // A read that is under way is waited for by the file itself.
      reader.close().then(
        () => {
          done(error);
        },
        (thrown: unknown) => {
          done(error ?? toAppError(thrown, 'io'));
        },
      );
    },
  });
}
