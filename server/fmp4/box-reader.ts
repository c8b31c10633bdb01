/** Cuts a byte stream into top-level boxes, however the pipe happened to split it. */
import { type Box, type BoxHeader, LONG_HEADER_BYTES, printable, readBoxHeader } from './box.ts';
import { corrupt } from './corrupt.ts';

export type { Box } from './box.ts';

/** The most bytes a top-level box may have, header included, by type. */
export interface BoxLimits {
  readonly byType: ReadonlyMap<string, number>;
  /** For every type that is not named. */
  readonly other: number;
}

/** What ffmpeg writes for one camera. The reader never holds more than the largest of these. */
export const STREAM_BOX_LIMITS: BoxLimits = {
  byType: new Map([
    // A dozen brands take 64 bytes.
    ['ftyp', 4 * 1024],
    // One track without samples takes about 1 KiB; the rest is room for long parameter sets.
    ['moov', 1024 * 1024],
    // 12 bytes per sample: room for 20,000 samples, where a fragment has one frame or 0.1 s.
    ['moof', 256 * 1024],
    // A key frame of 4K H.264 at the best quality cameras offer is 2 to 4 MiB.
    ['mdat', 16 * 1024 * 1024],
  ]),
  // styp, sidx, prft, free: tens of bytes each.
  other: 64 * 1024,
};

/** A box of which not all bytes have come. */
interface OpenBox {
  readonly header: BoxHeader;
  readonly bytes: Buffer;
  filledBytes: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * Incremental reader. A box that lies whole in one chunk is a view of it; any other is copied once,
 * into a buffer of its exact size. After an error the reader stays broken: a byte stream that lost
 * its framing has no next box.
 */
export class BoxReader {
  readonly #limits: BoxLimits;
  /** The first bytes of a box whose header is not complete; shorter than LONG_HEADER_BYTES. */
  #carry: Buffer = NOTHING;
  #open: OpenBox | undefined;
  #broken = false;

  constructor(limits: BoxLimits = STREAM_BOX_LIMITS) {
    this.#limits = limits;
  }

  /**
   * The boxes that `chunk` completes, in order; iterate to the end. The chunk must not be written
   * to afterwards. Throws `corrupt` where the bytes stop making sense, after the boxes before it.
   */
  *push(chunk: Buffer): Generator<Box, void, undefined> {
    if (this.#broken) throw corrupt('box-order', 'bytes after a damaged box');
    // Whoever leaves the loop early, by an error of ours or of the consumer's, leaves it broken.
    this.#broken = true;
    for (let at = 0; at < chunk.length;) {
      const whole = this.#wholeBox(chunk, at);
      if (whole !== undefined) {
        at += whole.bytes.length;
        yield whole;
        continue;
      }
      at += this.#collect(chunk, at);
      const collected = this.#takeComplete();
      if (collected !== undefined) yield collected;
    }
    this.#broken = false;
  }

  /** Says that no more bytes come. Throws `corrupt` (box-truncated) in the middle of a box. */
  end(): void {
    if (this.#open !== undefined || this.#carry.length > 0) {
      throw corrupt('box-truncated', `ended inside ${printable(this.#open?.header.type ?? '')}`);
    }
  }

  /** A box that begins at `at` and lies in `chunk` entirely. */
  #wholeBox(chunk: Buffer, at: number): Box | undefined {
    if (this.#open !== undefined || this.#carry.length > 0) return undefined;
    const header = this.#header(chunk, at);
    if (header === undefined || header.sizeBytes > chunk.length - at) return undefined;
    const { type, headerBytes } = header;
    return { type, headerBytes, bytes: chunk.subarray(at, at + header.sizeBytes) };
  }

  /** Adds what there is to the box that is being collected; answers how many bytes it took. */
  #collect(chunk: Buffer, at: number): number {
    if (this.#open !== undefined) {
      const copied = chunk.copy(this.#open.bytes, this.#open.filledBytes, at);
      this.#open.filledBytes += copied;
      return copied;
    }
    const carried = this.#carry.length;
    const start = Buffer.concat([
      this.#carry,
      chunk.subarray(at, at + LONG_HEADER_BYTES - carried),
    ]);
    const header = this.#header(start, 0);
    if (header === undefined) {
      this.#carry = start;
      return start.length - carried;
    }
    // Not from the pool: a box lives as long as its GOP and would keep unrelated slices alive.
    const bytes = Buffer.allocUnsafeSlow(header.sizeBytes);
    this.#open = { header, bytes, filledBytes: start.copy(bytes) };
    this.#carry = NOTHING;
    return this.#open.filledBytes - carried;
  }

  #takeComplete(): Box | undefined {
    const open = this.#open;
    if (open === undefined || open.filledBytes < open.bytes.length) return undefined;
    this.#open = undefined;
    return { type: open.header.type, headerBytes: open.header.headerBytes, bytes: open.bytes };
  }

  #header(bytes: Buffer, at: number): BoxHeader | undefined {
    const header = readBoxHeader(bytes, at);
    if (header === undefined) return undefined;
    const limit = this.#limits.byType.get(header.type) ?? this.#limits.other;
    if (header.sizeBytes > limit) {
      const type = printable(header.type);
      throw corrupt('box-too-large', `${type} of ${header.sizeBytes} bytes, limit ${limit}`);
    }
    return header;
  }
}
