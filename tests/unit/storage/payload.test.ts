import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UtcDay } from '../../../server/base/time.ts';
import {
  dayKeyIdOf,
  openPayload,
  PAYLOAD_MAX_BYTES,
  type PayloadPlace,
  sealPayload,
} from '../../../server/storage/payload.ts';

const dayKey = { id: randomBytes(8), key: randomBytes(32) };
const place: PayloadPlace = {
  ...{ day: 20_000 as UtcDay, table: 'event', column: 'labels', rowId: 7 },
};

const text = Buffer.from('person, parcel');
const sealed = sealPayload(dayKey, place, text);

describe('a payload', () => {
  it.each([0, 1, 62, 63, 64, 65, 127, 128, PAYLOAD_MAX_BYTES])('of %i bytes opens', (bytes) => {
    // Ends as padding does, to try how its end is found.
    const plaintext = Buffer.alloc(bytes, 0x80);
    const one = sealPayload(dayKey, place, plaintext);
    expect(openPayload(dayKey.key, place, one)?.equals(plaintext)).toBe(true);
    expect(dayKeyIdOf(one)?.equals(dayKey.id)).toBe(true);
  });

  it('is refused beyond its limit', () => {
    expect(() => sealPayload(dayKey, place, Buffer.alloc(PAYLOAD_MAX_BYTES + 1))).toThrow(
      expect.objectContaining({ kind: 'internal' }),
    );
  });

  it('shows neither its words nor how long they are', () => {
    const lengths = ['cat', 'dog', 'person', 'person, parcel'].map(
      (words) => sealPayload(dayKey, place, Buffer.from(words)).length,
    );
    expect(new Set(lengths).size).toBe(1);
    expect(sealed.includes(text)).toBe(false);
  });

  const wrong: [string, Partial<PayloadPlace>][] = [
    ['day', { day: 20_001 as UtcDay }],
    ['table', { table: 'note' }],
    ['column', { column: 'note' }],
    ['row', { rowId: 8 }],
    ['kind of row id', { rowId: '7' }],
    ['split of the names', { table: 'event","labels', column: '' }],
  ];
  it.each(wrong)('does not open in another %s', (_what, change) => {
    expect(openPayload(dayKey.key, { ...place, ...change }, sealed)).toBeUndefined();
  });

  it('does not open with another key, nor with any bit changed, nor cut or longer', () => {
    expect(openPayload(randomBytes(32), place, sealed)).toBeUndefined();
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(openPayload(dayKey.key, place, changed)).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(openPayload(dayKey.key, place, sealed.subarray(0, length))).toBeUndefined();
    }
    expect(
      openPayload(dayKey.key, place, Buffer.concat([sealed, Buffer.alloc(1)])),
    ).toBeUndefined();
  });

  it('shares nothing with another of the same words in the same place', () => {
    const heads = new Set(
      Array.from({ length: 1_000 }, () =>
        sealPayload(dayKey, place, text).subarray(9, 33).toString('hex'),
      ),
    );
    expect(heads.size).toBe(1_000);
  });
});
