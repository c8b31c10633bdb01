import { createCipheriv } from 'node:crypto';
import { expect, it } from 'vitest';
import { giveBack } from '../../../server/base/give-back.ts';

const MIB = 1024 * 1024;

function sealed(sizeBytes: number): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', Buffer.alloc(32), Buffer.alloc(12), {
    authTagLength: 16,
  });
  return cipher.update(Buffer.alloc(sizeBytes));
}

it('frees what a cipher answered', () => {
  const buffer = sealed(MIB);
  giveBack(buffer);
  expect(buffer).toHaveLength(0);
  // A second time is nothing.
  giveBack(buffer);
});

it('leaves what is small, and what is a part of something', () => {
  const small = Buffer.from('a few bytes');
  const whole = Buffer.alloc(MIB, 7);
  const part = whole.subarray(0, MIB / 2);
  giveBack(small);
  giveBack(part);
  expect(small.toString()).toBe('a few bytes');
  expect(part).toEqual(Buffer.alloc(MIB / 2, 7));
});

it('keeps memory outside the heap flat without a collection', () => {
  const held = (): number => process.memoryUsage().arrayBuffers;
  const before = held();
  for (let round = 0; round < 256; round += 1) {
    const buffer = Buffer.allocUnsafeSlow(MIB);
    giveBack(buffer);
  }
  expect(held() - before).toBeLessThan(8 * MIB);
});
