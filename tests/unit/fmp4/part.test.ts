import { describe, expect, it } from 'vitest';
import { box, fullBox, u32 } from '../../../server/fmp4/box-writer.ts';
import { boxAt, childBoxes, childrenAt, contentOf } from '../../../server/fmp4/box.ts';
import type { Fragment } from '../../../server/fmp4/fragment.ts';
import { parseTrack } from '../../../server/fmp4/init-segment.ts';
import { buildInit, buildPart, readPart } from '../../../server/fmp4/part.ts';
import {
  MAX_SAMPLES_PER_TABLE,
  type SampleTable,
  valueAt,
} from '../../../server/fmp4/sample-table.ts';
import {
  aacTrack,
  fragment,
  h264Track,
  h265Track,
  moof,
  sample,
  SPS,
} from '../../fixtures/fmp4-samples.ts';
import { expectCorrupt, expectError } from './corrupt-error.ts';

const frame = (durationTicks: number, sizeBytes: number, sync = false): ReturnType<typeof sample> =>
  sample({ durationTicks, sizeBytes, sync });

function readBack(...content: Fragment[]): { video: SampleTable; audio: SampleTable } {
  const video = content.filter(({ kind }) => kind === 'video');
  const audio = content.filter(({ kind }) => kind === 'audio');
  return readPart(Buffer.concat(buildPart({ sequenceNumber: 1, video, audio })));
}

function rows(table: SampleTable): number[][] {
  return Array.from({ length: table.count }, (_, i) =>
    [table.durations, table.sizes, table.compositionOffsets, table.sync].map(
      (column) => column[i]!,
    ),
  );
}

describe('buildInit', () => {
  it('describes picture and sound as tracks 1 and 2, each in its time scale', () => {
    const video = h264Track(SPS.high1922x1082);
    const audio = aacTrack();
    const init = buildInit(video, audio);
    const [ftyp, moov] = childBoxes(init);
    expect([ftyp?.type, moov?.type]).toEqual(['ftyp', 'moov']);
    const tracks = childBoxes(contentOf(moov!)).filter(({ type }) => type === 'trak');
    expect(tracks.length).toBe(2);
    const ids = tracks.map((track) => childrenAt([track], 'trak')[0]!.bytes.readUInt32BE(20));
    expect(ids).toEqual([1, 2]);
    expect(init.includes(video.sampleEntry)).toBe(true);
    expect(init.includes(audio.sampleEntry)).toBe(true);
    expect(childrenAt([moov!], 'moov', 'mvex').length).toBe(2);
    expect(tracks.map(parseTrack)).toEqual([video, audio]);
  });

  it('describes a picture alone', () => {
    const moov = boxAt(buildInit(h265Track()), 28);
    expect(childrenAt([moov], 'moov').map(({ type }) => type)).toEqual(['mvhd', 'trak', 'mvex']);
  });
});

describe('buildPart', () => {
  it('is read back as it was, with offsets into its bytes', () => {
    const video = [
      fragment('video', 90_000, [sample({ durationTicks: 6000, sizeBytes: 9, sync: true })], 1),
      fragment('video', 96_000, [frame(6000, 3)], 2),
    ];
    const audio = [fragment('audio', 40_000, [frame(1024, 4, true), frame(1024, 5, true)], 3)];
    const buffers = buildPart({ sequenceNumber: 7, video, audio });
    // The payloads themselves, not copies of them.
    expect(buffers.slice(1)).toEqual([...video, ...audio].map(({ payload }) => payload));
    expect(buffers[1]).toBe(video[0]?.payload);
    const bytes = Buffer.concat(buffers);
    const tables = readPart(bytes);
    expect(tables.sizeBytes).toBe(bytes.length);
    expect(tables.video).toMatchObject({ decodeTimeTicks: 90_000, count: 2 });
    expect(rows(tables.video)).toEqual([
      [6000, 9, 0, 1],
      [6000, 3, 0, 0],
    ]);
    expect(tables.audio).toMatchObject({ decodeTimeTicks: 40_000, count: 2 });
    expect(bytes.subarray(tables.video.offsetBytes, tables.video.offsetBytes + 12)).toEqual(
      Buffer.concat([Buffer.alloc(9, 1), Buffer.alloc(3, 2)]),
    );
    expect(bytes.subarray(tables.audio.offsetBytes)).toEqual(Buffer.alloc(9, 3));
    // The head alone is enough.
    expect(readPart(bytes.subarray(0, tables.moofBytes))).toEqual(tables);
  });

  it.each([
    ['equal samples', [frame(10, 1, true), frame(10, 2, true)], 104],
    ['a key frame first', [frame(10, 1, true), frame(10, 2), frame(10, 3)], 112],
    ['different durations', [frame(10, 1), frame(11, 2), frame(10, 3)], 116],
    ['key frames in between', [frame(10, 1), frame(10, 2, true), frame(10, 3)], 116],
    ['everything different', [frame(1, 1), frame(2, 2, true), frame(3, 3)], 124],
    ['composition offsets', [sample({ compositionOffsetTicks: 5 }), sample({})], 112],
    ['negative ones', [sample({ compositionOffsetTicks: -5 }), sample({})], 112],
  ])('is as short as %s allow', (_name, samples, moofBytes) => {
    const one = fragment('video', 0, samples);
    const tables = readPart(
      Buffer.concat(buildPart({ sequenceNumber: 1, video: [one], audio: [] })),
    );
    expect(tables.moofBytes).toBe(moofBytes);
    expect(rows(tables.video)).toEqual(
      samples.map((s) => [s.durationTicks, s.sizeBytes, s.compositionOffsetTicks, s.sync ? 1 : 0]),
    );
    expect(tables.audio.count).toBe(0);
  });

  it('has sound alone, and fragments without samples', () => {
    const empty = fragment('audio', 50, []);
    const tables = readBack(
      empty,
      fragment('audio', 50, [frame(1024, 3, true)]),
      fragment('audio', 1074, []),
    );
    expect(rows(tables.audio)).toEqual([[1024, 3, 0, 1]]);
    expect(tables.video.count).toBe(0);
    expect(readBack(empty).audio).toMatchObject({ count: 0, decodeTimeTicks: 0 });
    const late = fragment('audio', 90, [frame(1024, 3, true)]);
    expect(readBack(empty, late).audio.decodeTimeTicks).toBe(90);
  });

  it('keeps time true where fragments are apart or overlap', () => {
    const at = (time: number): Fragment => fragment('video', time, [frame(10, 1, true)]);
    expect(rows(readBack(at(0), at(25), at(33)).video).map(([duration]) => duration)).toEqual([
      ...[25, 8, 10],
    ]);
  });

  it('refuses time that runs backwards, or jumps beyond 32 bits', () => {
    const at = (time: number): Fragment => fragment('video', time, [frame(10, 1, true)]);
    expectCorrupt('decode-time', () => readBack(at(100), at(99)));
    expectCorrupt('decode-time', () => readBack(at(0), at(2 ** 33)));
    expect(readBack(at(2 ** 52), at(2 ** 52 + 7)).video.decodeTimeTicks).toBe(2 ** 52);
  });

  it('has limits', () => {
    expectError('internal', undefined, () => readBack());
    const huge = { ...fragment('video', 0, []), samples: [frame(1, 2 ** 31)] };
    expectError('exhausted', undefined, () => readBack(huge));
    const many = new Array(MAX_SAMPLES_PER_TABLE + 1).fill(frame(1, 1)) as Fragment['samples'];
    expectCorrupt('sample-size', () => readBack(fragment('video', 0, many)));
  });
});

describe('readPart', () => {
  const samples = [0x2_0038, 1, 10, 10, 0] as const;

  it('has no cell beyond the columns', () => {
    expect(valueAt(Uint32Array.of(7), 1)).toBe(0);
  });

  it('refuses what is no part', () => {
    expectCorrupt('box-missing', () => readPart(box('mdat')));
    expectCorrupt('box-truncated', () => readPart(box('moof', u32(1)).subarray(0, -1)));
    const stranger = moof({ tfhd: [0x2_0038, 3, 10, 10, 0], truns: [[0, 1, 1, 999]] });
    expectCorrupt('field-value', () => readPart(stranger));
  });

  it('refuses tracks that lie in each other', () => {
    const one = { tfhd: samples, truns: [[0, 1, 2, 500]] } as const;
    const two = { tfhd: [0x2_0038, 2, 10, 10, 0], truns: [[0, 1, 2, 519]] } as const;
    expectCorrupt('sample-size', () => readPart(moof(one, two)));
    expectCorrupt('sample-size', () => readPart(moof({ tfhd: samples, truns: [[0, 1, 1, 8]] })));
  });

  it('reads a part without samples', () => {
    const bytes = box('moof', fullBox('mfhd', {}, u32(1)));
    expect(readPart(bytes)).toMatchObject({
      sizeBytes: 24,
      video: { count: 0 },
      audio: { count: 0 },
    });
  });
});
