import { beforeAll, describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../../server/age/chunks.ts';
import { randomFrom } from '../../fixtures/random-from.ts';
import { type KeyPair, newKeyPair, openFile, sealFile } from '../../fixtures/sealed-file.ts';

const LENGTHS = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 200_000];

const random = randomFrom(4);

function bytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}

describe('a sealed file', () => {
  let keys: KeyPair;

  beforeAll(async () => {
    keys = await newKeyPair();
  });

  it.each(LENGTHS)('of %i bytes reads back, whole and in pieces', async (length) => {
    const plaintext = bytes(length);
    const { file } = await sealFile([keys.recipient], plaintext);
    const { sizeBytes, read } = await openFile(file, keys.identity);
    expect(sizeBytes).toBe(length);
    expect((await read(0, length)).equals(plaintext)).toBe(true);
    for (let round = 0; round < 50 && length > 0; round += 1) {
      const from = random(length);
      const size = random(length - from + 1);
      expect((await read(from, size)).equals(plaintext.subarray(from, from + size))).toBe(true);
    }
    await expect(read(0, length + 1)).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('that is torn gives every whole chunk, and nothing behind them', async () => {
    const plaintext = bytes(3 * CHUNK_BYTES + 500);
    const { file } = await sealFile([keys.recipient], plaintext, { torn: true });
    const cut = Buffer.concat([file, bytes(1_000)]);
    const { read } = await openFile(cut, keys.identity);
    expect((await read(0, 3 * CHUNK_BYTES)).equals(plaintext.subarray(0, 3 * CHUNK_BYTES))).toBe(
      true,
    );
    await expect(read(3 * CHUNK_BYTES, 1)).rejects.toMatchObject({ reason: 'segment-short' });
  });
});
