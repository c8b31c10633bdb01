import { expect, it } from 'vitest';
import { BufferPool } from '../../../server/base/buffer-pool.ts';

const KIB = 1024;

function pool(changes: Partial<ConstructorParameters<typeof BufferPool>[0]> = {}): BufferPool {
  return new BufferPool({ sizeBytes: 64 * KIB, spareMax: 2, secret: false, ...changes });
}

it('hands out what was given back', () => {
  const buffers = pool();
  const first = buffers.take();
  expect(first).toHaveLength(64 * KIB);
  buffers.give(first);
  expect(buffers.take()).toBe(first);
});

it('never hands out a buffer that is in use', () => {
  const buffers = pool();
  const out = new Set<Buffer>();
  let seed = 7;
  for (let round = 0; round < 2_000; round += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    const [oldest] = out;
    if (seed % 2 === 0 && oldest !== undefined) {
      out.delete(oldest);
      buffers.give(oldest);
      continue;
    }
    const taken = buffers.take();
    expect(out.has(taken)).toBe(false);
    expect([...out].some((other) => other.buffer === taken.buffer)).toBe(false);
    out.add(taken);
  }
});

it('keeps no more than it was told to, and frees the rest at once', () => {
  const buffers = pool();
  const taken = Array.from({ length: 10 }, () => buffers.take());
  taken.forEach((buffer) => {
    buffers.give(buffer);
  });
  expect(buffers.spare).toBe(2);
  expect(taken.map(({ length }) => length).sort((a, b) => b - a)).toEqual([
    ...[64 * KIB, 64 * KIB],
    ...Array.from({ length: 8 }, () => 0),
  ]);
});

it('takes back only what is out, and once', () => {
  const buffers = pool();
  const buffer = buffers.take();
  expect(() => {
    buffers.give(buffer.subarray(0, 10));
  }).toThrow(/not out/);
  expect(() => {
    buffers.give(Buffer.alloc(64 * KIB));
  }).toThrow(/not out/);
  buffers.give(buffer);
  expect(() => {
    buffers.give(buffer);
  }).toThrow(/not out/);
  expect(buffers.spare).toBe(1);
});

it('overwrites a secret when it is given back, and not before', () => {
  const buffers = pool({ secret: true });
  const buffer = buffers.take().fill('plaintext');
  expect(buffer.includes('plaintext')).toBe(true);
  buffers.give(buffer);
  expect(buffer.every((byte) => byte === 0)).toBe(true);
  // The counter-check: what is no secret is left as it is.
  const open = pool();
  const other = open.take().fill('ciphertext');
  open.give(other);
  expect(other.includes('ciphertext')).toBe(true);
});

it('lends one for as long as the work takes, also when that fails', async () => {
  const buffers = pool();
  const answer = buffers.lend((buffer) => {
    expect(buffers.take()).not.toBe(buffer);
    return Promise.resolve(buffer.length);
  });
  await expect(answer).resolves.toBe(64 * KIB);
  await expect(buffers.lend(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(buffers.spare).toBe(1);
});
