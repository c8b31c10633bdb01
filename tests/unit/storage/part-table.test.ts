import { describe, expect, it } from 'vitest';
import { decodePartTable, encodePartTable, type Part } from '../../../server/storage/part-table.ts';

/** Contiguous parts from a small generator with a fixed seed. */
function someParts(count: number, seed: number): Part[] {
  let state = seed;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % below;
  };
  const parts: Part[] = [];
  let offsetBytes = 700 + random(500);
  let startMs = 0;
  for (let i = 0; i < count; i += 1) {
    const part = {
      offsetBytes,
      sizeBytes: 1 + random(2 ** 31 - 1) * (random(4) === 0 ? 1_000 : 1),
      startMs: startMs + (random(10) === 0 ? random(500) : 0),
      durationMs: random(2_100),
      key: random(2) === 0,
    };
    parts.push(part);
    offsetBytes += part.sizeBytes;
    startMs = part.startMs + part.durationMs;
  }
  return parts;
}

describe('part table', () => {
  it.each([1, 2, 30, 3_600])('gives %i parts back as they were', (count) => {
    const parts = someParts(count, count + 7);
    expect(decodePartTable(encodePartTable(parts))).toEqual(parts);
  });

  it('needs about 7 bytes per part', () => {
    const parts = Array.from({ length: 30 }, (_, i) => ({
      offsetBytes: 800 + i * 750_000,
      sizeBytes: 750_000,
      startMs: i * 2_000,
      durationMs: 2_000,
      key: true,
    }));
    expect(encodePartTable(parts).length).toBeLessThanOrEqual(30 * 7);
  });

  it('keeps a start that lies before the end of the part before it', () => {
    const parts = [
      { offsetBytes: 10, sizeBytes: 5, startMs: 0, durationMs: 100, key: true },
      { offsetBytes: 15, sizeBytes: 5, startMs: 97, durationMs: 100, key: false },
    ];
    expect(decodePartTable(encodePartTable(parts))).toEqual(parts);
  });

  it('refuses parts that are not contiguous, and none', () => {
    const [first, second] = someParts(2, 3);
    expect(() => encodePartTable([first!, { ...second!, offsetBytes: 1 }])).toThrow(/contiguous/);
    expect(() => encodePartTable([])).toThrow(/without parts/);
    expect(() => encodePartTable([{ ...first!, durationMs: 0.5 }])).toThrow(/whole numbers/);
  });

  it('says corrupt for every truncation and for what is behind the end', () => {
    const blob = encodePartTable(someParts(5, 11));
    for (let length = 0; length < blob.length; length += 1) {
      expect(() => decodePartTable(blob.subarray(0, length))).toThrow(/part table/);
    }
    expect(() => decodePartTable(Buffer.concat([blob, Buffer.from([0])]))).toThrow(/behind/);
  });

  it('says corrupt for another version, impossible counts and numbers', () => {
    expect(() => decodePartTable(Buffer.from([2, 1, 1, 1, 1, 1]))).toThrow(/version/);
    expect(() => decodePartTable(Buffer.from([1, 0, 1]))).toThrow(/number of parts/);
    expect(() => decodePartTable(Buffer.from([1, 0xff, 0xff, 0x7f]))).toThrow(/number of parts/);
    expect(() => decodePartTable(Buffer.alloc(20, 0xff))).toThrow(/too large/);
    const big = Buffer.from([1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    expect(() => decodePartTable(big)).toThrow(/too large/);
  });
});
