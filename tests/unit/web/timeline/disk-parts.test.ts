/** The disk as one bar: every byte once, in every state that a disk gets into. */
import { describe, expect, it } from 'vitest';
import { diskParts, type DiskRoom } from '../../../../web/timeline/disk-parts.ts';

const room: DiskRoom = {
  ...{ footageBytes: 400, protectedBytes: 20, freeBytes: 500 },
  ...{ totalBytes: 1_000, reserveBytes: 10 },
};

const bytesOf = (of: DiskRoom): Record<string, number> =>
  Object.fromEntries(diskParts(of).map(({ kind, bytes }) => [kind, bytes]));

describe('a disk', () => {
  it('is footage, other things, room, and what stays free', () => {
    expect(bytesOf(room)).toEqual({
      ...{ protected: 20, footage: 380, other: 100, free: 490, reserve: 10 },
    });
  });

  it('is whole: each part begins where the one before it ends', () => {
    const parts = diskParts(room);
    let at = 0;
    for (const { from, share } of parts) {
      expect(from).toBeCloseTo(at, 10);
      at += share;
    }
    expect(at).toBeCloseTo(1, 10);
  });

  it('leaves out what there is nothing of', () => {
    expect(bytesOf({ ...room, protectedBytes: 0, footageBytes: 0 })).toEqual({
      ...{ other: 500, free: 490, reserve: 10 },
    });
  });

  it('has nothing to give while less is free than always should be', () => {
    expect(bytesOf({ ...room, freeBytes: 4 })).not.toHaveProperty('free');
    expect(bytesOf({ ...room, freeBytes: 4 })).toMatchObject({ reserve: 4 });
  });

  it('is not overfull where the index counts more than the disk admits', () => {
    const parts = diskParts({ ...room, footageBytes: 900, protectedBytes: 2_000 });
    expect(parts.map(({ kind }) => kind)).toEqual(['protected', 'free', 'reserve']);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
  });

  it('that is not there has no parts', () => {
    expect(diskParts({ ...room, totalBytes: 0 })).toEqual([]);
  });
});
