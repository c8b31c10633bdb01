import { describe, expect, it } from 'vitest';
import { boxAt } from '../../../server/fmp4/box.ts';
import { box, fullBox, u32 } from '../../../server/fmp4/box-writer.ts';
import { parseFragment } from '../../../server/fmp4/fragment.ts';
import { MAX_SAMPLES_PER_TABLE } from '../../../server/fmp4/sample-table.ts';
import { fragmentFrom, hex, moof, type TrafFields } from '../../fixtures/fmp4-samples.ts';
import { expectCorrupt } from './corrupt-error.ts';

const SYNC = 0x0200_0000;
const OTHER = 0x0101_0000;
const PAYLOAD = Buffer.from('0123456789');

/** Builds the moof twice: data offsets depend on its size, which does not depend on them. */
function withOffset(fields: (dataOffset: number) => TrafFields): Buffer {
  return moof(fields(moof(fields(0)).length + 8));
}

describe('a fragment', () => {
  it('with defaults for all samples', () => {
    const bytes = withOffset((at) => ({
      tfhd: [0x2_003a, 1, 1, 100, 5, OTHER],
      truns: [[0, 0x1, 2, at]],
    }));
    const fragment = fragmentFrom('video', bytes, PAYLOAD);
    const one = { durationTicks: 100, sizeBytes: 5, compositionOffsetTicks: 0, sync: false };
    expect(fragment).toMatchObject({
      ...{ kind: 'video', decodeTimeTicks: 7000, durationTicks: 200, key: false },
      samples: [one, one],
    });
    expect(fragment.payload).toEqual(PAYLOAD);
    expect(fragment.bytes).toEqual(Buffer.concat([bytes, box('mdat', PAYLOAD)]));
  });

  it('with a first sample that differs, and composition offsets', () => {
    const bytes = withOffset((at) => ({
      tfhd: [0x2_0028, 1, 100, OTHER],
      truns: [[1, 0xa05, 2, at, SYNC, 4, 200, 6, -100]],
    }));
    expect(fragmentFrom('video', bytes, PAYLOAD)).toMatchObject({
      key: true,
      samples: [
        { durationTicks: 100, sizeBytes: 4, compositionOffsetTicks: 200, sync: true },
        { durationTicks: 100, sizeBytes: 6, compositionOffsetTicks: -100, sync: false },
      ],
    });
  });

  it('with everything per sample, in two runs, the second without its own offset', () => {
    const bytes = withOffset((at) => ({
      tfhd: [0x2_0000, 1],
      truns: [
        [0, 0xf01, 1, at, 10, 3, SYNC, 0],
        [0, 0x700, 1, 20, 7, OTHER],
      ],
    }));
    expect(fragmentFrom('video', bytes, PAYLOAD).samples).toEqual([
      { durationTicks: 10, sizeBytes: 3, compositionOffsetTicks: 0, sync: true },
      { durationTicks: 20, sizeBytes: 7, compositionOffsetTicks: 0, sync: false },
    ]);
  });

  it('whose second run has its offset', () => {
    const second = (gap: number): Buffer =>
      withOffset((at) => ({
        tfhd: [0x2_0028, 1, 10, SYNC],
        truns: [
          [0, 0x201, 1, at, 3],
          [0, 0x201, 1, at + 3 + gap, 7],
        ],
      }));
    expect(fragmentFrom('video', second(0), PAYLOAD).samples.length).toBe(2);
    expectCorrupt('sample-size', () => fragmentFrom('video', second(1), PAYLOAD));
  });

  it('of sound is always a key fragment', () => {
    const bytes = withOffset((at) => ({
      tfhd: [0x2_0038, 1, 1024, 10, OTHER],
      truns: [[0, 0x1, 1, at]],
    }));
    expect(fragmentFrom('audio', bytes, PAYLOAD)).toMatchObject({
      key: true,
      samples: [{ sync: true }],
    });
  });

  it('has a decode time of 32 or 64 bits', () => {
    const at = (tfdt: Buffer): Buffer =>
      withOffset((offset) => ({
        tfdt,
        tfhd: [0x2_0038, 1, 10, 10, SYNC],
        truns: [[0, 0x1, 1, offset]],
      }));
    const time = (tfdt: Buffer): number => fragmentFrom('video', at(tfdt), PAYLOAD).decodeTimeTicks;
    expect(time(fullBox('tfdt', {}, u32(0xffff_ffff)))).toBe(0xffff_ffff);
    const most = fullBox('tfdt', { version: 1 }, hex('001fffffffffffff'));
    expect(time(most)).toBe(Number.MAX_SAFE_INTEGER);
    // What a negative decode time looks like.
    const negative = fullBox('tfdt', { version: 1 }, hex('fffffffffffffc00'));
    expectCorrupt('field-value', () => time(negative));
  });

  it('is a view when moof and mdat lie side by side, a copy when they do not', () => {
    const bytes = withOffset((at) => ({
      tfhd: [0x2_0038, 1, 10, 10, SYNC],
      truns: [[0, 0x1, 1, at]],
    }));
    const both = Buffer.concat([bytes, box('mdat', PAYLOAD)]);
    const first = boxAt(both, 0);
    const together = parseFragment('video', first, boxAt(both, bytes.length));
    // The buffers themselves may share Node's pool.
    expect(together.bytes.byteOffset).toBe(both.byteOffset);
    const apart = parseFragment('video', first, boxAt(box('mdat', PAYLOAD), 0));
    expect(apart).toEqual(together);
    expect(apart.bytes.byteOffset).not.toBe(both.byteOffset);
  });

  it('without samples is not a key fragment', () => {
    const bytes = withOffset((at) => ({ tfhd: [0x2_0000, 1], truns: [[0, 0x1, 0, at]] }));
    expect(fragmentFrom('audio', bytes, Buffer.alloc(0))).toMatchObject({
      key: false,
      samples: [],
    });
  });
});

describe('a damaged fragment', () => {
  const good: TrafFields = { tfhd: [0x2_0038, 1, 10, 10, SYNC] };

  it.each<[string, Parameters<typeof expectCorrupt>[0], (at: number) => TrafFields]>([
    ['sizes beyond mdat', 'sample-size', (at) => ({ ...good, truns: [[0, 0x1, 2, at]] })],
    ['samples elsewhere', 'sample-size', (at) => ({ ...good, truns: [[0, 0x1, 1, at + 1]] })],
    ['no data offset', 'box-missing', () => ({ ...good, truns: [[0, 0, 1]] })],
    ['no trun', 'box-missing', () => good],
    [
      'absolute offsets',
      'field-value',
      (at) => ({ tfhd: [0x1, 1, 0, 0], truns: [[0, 0x1, 0, at]] }),
    ],
    ['no duration', 'field-value', (at) => ({ tfhd: [0x30, 1, 10, SYNC], truns: [[0, 1, 1, at]] })],
    ['no size', 'field-value', (at) => ({ tfhd: [0x28, 1, 10, SYNC], truns: [[0, 1, 1, at]] })],
    ['no flags', 'field-value', (at) => ({ tfhd: [0x18, 1, 10, 10], truns: [[0, 1, 1, at]] })],
    [
      'fewer entries than it says',
      'box-truncated',
      (at) => ({ ...good, truns: [[0, 0x201, 2, at, 5]] }),
    ],
    [
      'more samples than any fragment has',
      'sample-size',
      (at) => ({ ...good, truns: [[0, 0x1, MAX_SAMPLES_PER_TABLE + 1, at]] }),
    ],
  ])('%s', (_name, reason, fields) => {
    expectCorrupt(reason, () => fragmentFrom('video', withOffset(fields), PAYLOAD));
  });

  it('of no track, or of two', () => {
    expectCorrupt('field-value', () => fragmentFrom('video', moof(), PAYLOAD));
    expectCorrupt('field-value', () => fragmentFrom('video', moof(good, good), PAYLOAD));
  });
});
