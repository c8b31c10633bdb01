/** The header of a sealed file, read from its beginning. */
import {
  HEADER_MAX_BYTES,
  headerExtent,
  type HeaderExtent,
  payloadNonceOf,
} from '../age/header.ts';
import { AppError } from '../base/errors.ts';
import { type FootageFile, readUpTo } from './footage-files.ts';

/** What a file begins with; the key process opens the text. */
export interface FileHeader {
  /** Bytes before the first chunk. */
  readonly totalBytes: number;
  readonly text: Buffer;
  readonly payloadNonce: Buffer;
}

/** A header of ours has 200 bytes; a longer one is read a second time. */
export const HEADER_GUESS_BYTES = 1_024;

/** Reads it; `corrupt` when there is none. */
export async function readHeader(file: FootageFile): Promise<FileHeader> {
  const guess = await startOf(file, HEADER_GUESS_BYTES);
  try {
    return headerIn(guess, headerExtent(guess));
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.reason !== 'header-truncated') throw thrown;
  }
  const longer = await startOf(file, HEADER_MAX_BYTES);
  return headerIn(longer, headerExtent(longer));
}

/** Up to so many bytes from the beginning of a file. */
export async function startOf(file: FootageFile, sizeBytes: number): Promise<Buffer> {
  const bytes = Buffer.alloc(sizeBytes);
  return bytes.subarray(0, await readUpTo(file, bytes, 0));
}

function headerIn(bytes: Buffer, extent: HeaderExtent): FileHeader {
  const { textBytes, totalBytes } = extent;
  const payloadNonce = payloadNonceOf(bytes, extent);
  return { totalBytes, text: bytes.subarray(0, textBytes), payloadNonce };
}
