import { beforeAll, describe, expect, it } from 'vitest';
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
import { type KeyPair, newKeyPair, openFile, sealFile } from '../../fixtures/sealed-file.ts';

const KEY = Buffer.alloc(16, 7);
const NONCE = Buffer.alloc(16, 9);

const random = randomFrom(4);

function bytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

const LENGTHS = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 200_000];

describe('the payload of a sealed file', () => {
  let keys: KeyPair;

  beforeAll(async () => {
    keys = await newKeyPair();
  });

  it.each(LENGTHS)('of %i bytes reads back, whole and in pieces', async (length) => {
    const plaintext = bytes(length);
    const { file } = await sealFile([keys.recipient], plaintext);
    const { reader, read } = await openFile(file, keys.identity);
    expect(reader.plaintextBytes).toBe(length);
    expect(read(0, length).equals(plaintext)).toBe(true);
    for (let round = 0; round < 50 && length > 0; round += 1) {
      const from = random(length);
      const size = random(length - from + 1);
      expect(read(from, size).equals(plaintext.subarray(from, from + size))).toBe(true);
    }
    expect(() => read(0, length + 1)).toThrow(expect.objectContaining({ reason: 'chunk-size' }));
  });

  it('that is torn gives every whole chunk, and nothing behind them', async () => {
    const plaintext = bytes(3 * CHUNK_BYTES + 500);
    const { file } = await sealFile([keys.recipient], plaintext, { torn: true });
    const cut = Buffer.concat([file, bytes(1_000)]);
    const { reader, read } = await openFile(cut, keys.identity, { torn: true });
    expect(reader.plaintextBytes).toBe(3 * CHUNK_BYTES);
    expect(read(0, 3 * CHUNK_BYTES).equals(plaintext.subarray(0, 3 * CHUNK_BYTES))).toBe(true);
  });

  it('is not taken for complete when its last chunk is missing', async () => {
    const { file } = await sealFile([keys.recipient], bytes(2 * CHUNK_BYTES + 1), { torn: true });
    const { read } = await openFile(file, keys.identity);
    expect(read(0, CHUNK_BYTES)).toHaveLength(CHUNK_BYTES);
    expect(() => read(CHUNK_BYTES, 1)).toThrow(
      expect.objectContaining({ reason: 'chunk-changed' }),
    );
  });

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
