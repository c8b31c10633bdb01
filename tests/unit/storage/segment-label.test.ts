import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { box } from '../../../server/fmp4/box-writer.ts';
import {
  checkLabel,
  readSegmentLabel,
  segmentLabel,
  type SegmentLabel,
} from '../../../server/storage/segment-label.ts';

const label: SegmentLabel = {
  ...{ cameraId: '00000000000000c1', runId: 2 ** 40, sequence: 7 },
  ...{ anchorMs: epochMs(1_767_268_800_000), startMs: epochMs(1_767_268_860_000) },
};

function reading(bytes: Buffer) {
  return (target: Buffer, offsetBytes: number): Promise<void> => {
    if (offsetBytes + target.length > bytes.length) return Promise.reject(new Error('too short'));
    bytes.copy(target, 0, offsetBytes);
    return Promise.resolve();
  };
}

describe('a label', () => {
  it.each([
    ['of today', label],
    // A box without a battery, a second after it was switched on.
    ['of a box that begins in 1970', { ...label, anchorMs: epochMs(-400), startMs: epochMs(-1) }],
  ])('reads as it was written, behind ftyp and moov: %s', async (_when, written) => {
    const file = Buffer.concat([
      ...[box('ftyp', Buffer.alloc(20)), box('moov', Buffer.alloc(900)), segmentLabel(written)],
      box('moof', Buffer.alloc(99)),
    ]);
    expect(await readSegmentLabel(reading(file))).toEqual(written);
  });

  it.each([
    ['is not there', box('moof', Buffer.alloc(99))],
    ['is another box', box('uuid', Buffer.alloc(56, 1))],
    ['comes too late', Buffer.concat([1, 2, 3].map(() => box('free', Buffer.alloc(20))))],
  ])('that %s is none', async (_what, bytes) => {
    const file = Buffer.concat([bytes, Buffer.alloc(100)]);
    await expect(readSegmentLabel(reading(file))).rejects.toMatchObject({
      ...{ kind: 'corrupt', reason: 'segment-exchanged' },
    });
  });

  it('fits one place', () => {
    expect(() => {
      checkLabel(label, label);
    }).not.toThrow();
    for (const change of [{ cameraId: '00000000000000c2' }, { runId: 1 }, { sequence: 8 }]) {
      expect(() => {
        checkLabel(label, { ...label, ...change });
      }).toThrow(expect.objectContaining({ reason: 'segment-exchanged' }));
    }
  });
});
