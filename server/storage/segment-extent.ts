/** How much plaintext a segment has, by the lengths of its file and tail alone: what a locked box can
 * know. Pure. */
import { CHUNK_BYTES, plaintextBytesOf, SEALED_CHUNK_BYTES } from '../age/chunks.ts';
import { tailRecords } from './tail.ts';

/**
 * Plaintext from the beginning on without a hole. `payloadBytes`: the file behind its header.
 * Without a tail the file is finished, and its last chunk counts.
 */
export function durablePlaintextBytes(payloadBytes: number, tail: Buffer | undefined): number {
  const whole = Math.max(0, Math.floor(payloadBytes / SEALED_CHUNK_BYTES));
  if (tail === undefined) {
    const restBytes = payloadBytes - whole * SEALED_CHUNK_BYTES;
    // What is behind the whole chunks may be no chunk: the disk lost what it had said was safe.
    return restBytes > SEALED_CHUNK_BYTES - CHUNK_BYTES
      ? plaintextBytesOf(payloadBytes)
      : whole * CHUNK_BYTES;
  }
  let endBytes = whole * CHUNK_BYTES;
  for (const { chunk, offsetBytes, sizeBytes } of tailRecords(tail)) {
    const startBytes = chunk * CHUNK_BYTES + offsetBytes;
    if (startBytes <= endBytes) endBytes = Math.max(endBytes, startBytes + sizeBytes);
  }
  return endBytes;
}
