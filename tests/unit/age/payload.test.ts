import { describe, expect, it } from 'vitest';
import {
  CHUNK_BYTES,
  chunkNonce,
  CHUNKS_MAX,
  ChunkOpener,
  ChunkSealer,
  plaintextBytesOf,
  SEALED_CHUNK_BYTES,
  TAG_BYTES,
} from '../../../server/age/chunks.ts';
import { randomFrom } from '../../fixtures/random-from.ts';

const KEY = Buffer.alloc(16, 7);
const NONCE = Buffer.alloc(16, 9);

const random = randomFrom(4);

function bytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

describe('the payload of a sealed file', () => {
  it('is ended after a crash with the last chunk, which was never sealed before', () => {
    const sealer = ChunkSealer.atStart(KEY, NONCE);
    const first = bytes(CHUNK_BYTES);
    const whole = Buffer.concat(sealer.whole(first));
    const ender = ChunkSealer.forLast(KEY, NONCE, sealer.next);
    const last = Buffer.concat(ender.last(Buffer.from('the tail')));
    const opener = new ChunkOpener(KEY, NONCE);
    expect(opener.open(0, whole, false).equals(first)).toBe(true);
    expect(opener.open(1, last, true).toString()).toBe('the tail');
    expect(() => ChunkSealer.forLast(KEY, NONCE, 1).whole(first)).toThrow(
      expect.objectContaining({ kind: 'internal' }),
    );
  });

  it('is sealed in order, and ends', () => {
    const sealer = ChunkSealer.atStart(KEY, NONCE);
    const internal: unknown = expect.objectContaining({ kind: 'internal' });
    expect(() => sealer.whole(bytes(10))).toThrow(internal);
    expect(() => sealer.last(bytes(CHUNK_BYTES + 1))).toThrow(internal);
    sealer.whole(bytes(CHUNK_BYTES));
    expect(() => sealer.last(Buffer.alloc(0))).toThrow(internal);
    sealer.last(bytes(1));
    expect(() => sealer.last(bytes(1))).toThrow(internal);
    expect(() => sealer.whole(bytes(CHUNK_BYTES))).toThrow(internal);
  });

  it('has lengths that no payload can have', () => {
    const impossible = [
      0,
      1,
      TAG_BYTES - 1,
      SEALED_CHUNK_BYTES + 1,
      SEALED_CHUNK_BYTES + TAG_BYTES,
    ];
    for (const length of impossible) {
      expect(() => plaintextBytesOf(length)).toThrow(
        expect.objectContaining({ kind: 'corrupt', reason: 'chunk-size' }),
      );
    }
    expect(plaintextBytesOf(TAG_BYTES)).toBe(0);
    expect(plaintextBytesOf(SEALED_CHUNK_BYTES)).toBe(CHUNK_BYTES);
    expect(plaintextBytesOf(SEALED_CHUNK_BYTES + TAG_BYTES + 1)).toBe(CHUNK_BYTES + 1);
  });

  it('has a nonce of its own for each chunk, last and not last', () => {
    // Every one of the 4 M × 2 nonces is its number and the flag: injective, because it reads back.
    for (const chunk of [0, 1, 255, 256, 65_535, 65_536, CHUNKS_MAX - 1]) {
      for (const last of [false, true]) {
        const nonce = chunkNonce(chunk, last);
        expect(nonce).toHaveLength(12);
        expect(BigInt(`0x${nonce.subarray(0, 11).toString('hex')}`)).toBe(BigInt(chunk));
        expect(nonce[11]).toBe(last ? 1 : 0);
      }
    }
    for (const chunk of [-1, 0.5, CHUNKS_MAX, Number.NaN]) {
      expect(() => chunkNonce(chunk, false)).toThrow(
        expect.objectContaining({ reason: 'chunk-number' }),
      );
    }
  });
});
