import { describe, expect, it } from 'vitest';
import { boxAt, childBoxes, childrenAt, contentOf, findBox } from '../../../server/fmp4/box.ts';
import type { ExportPart, ExportRun } from '../../../server/fmp4/export-selection.ts';
import type { Fragment } from '../../../server/fmp4/fragment.ts';
import { buildPart, readPart } from '../../../server/fmp4/part.ts';
import { type ExportPlan, planExport } from '../../../server/fmp4/progressive.ts';
import { allocateTable } from '../../../server/fmp4/sample-table.ts';
import { commonTimescale, rescale, roundedQuotient } from '../../../server/fmp4/timescale.ts';
import { aacTrack, fragment, h264Track, sample, SPS } from '../../fixtures/fmp4-samples.ts';
import { expectCorrupt, expectError } from './corrupt-error.ts';

const ANCHOR_MS = 1_790_000_000_000;
const VIDEO = h264Track(SPS.high64, 1000);
const AUDIO = aacTrack(48_000);

/** One second of picture: a key frame and nine others, 100 ms each, of 100 + index bytes. */
function gop(startMs: number): Fragment[] {
  return Array.from({ length: 10 }, (_, index) =>
    fragment('video', startMs + index * 100, [
      sample({ durationTicks: 100, sizeBytes: 100 + index, sync: index === 0 }),
    ]),
  );
}

/** Packets of 1024 ticks and 7 bytes. */
function sound(startTicks: number, packets: number): Fragment {
  const one = sample({ durationTicks: 1024, sizeBytes: 7 });
  return fragment('audio', startTicks, new Array(packets).fill(one) as (typeof one)[]);
}

/** Parts one after another in one file, 1000 bytes from its start. */
function partsOf(source: number, ...contents: Fragment[][]): ExportPart[] {
  let offsetBytes = 1000;
  return contents.map((content, index) => {
    const [video, audio] = (['video', 'audio'] as const).map((kind) =>
      content.filter((one) => one.kind === kind),
    );
    const bytes = buildPart({ sequenceNumber: index + 1, video: video!, audio: audio! });
    const tables = readPart(Buffer.concat(bytes));
    const part = { source, offsetBytes, tables };
    offsetBytes += tables.sizeBytes;
    return part;
  });
}

function runOf(parts: ExportPart[], more: Partial<ExportRun> = {}): ExportRun {
  return { video: VIDEO, audio: undefined, anchorMs: ANCHOR_MS, parts, ...more };
}

const RANGE = { fromMs: ANCHOR_MS, toMs: ANCHOR_MS + 3_600_000 };

/** The tables of one track of a plan, as numbers. */
interface ReadTrack {
  timescale: number;
  tkhd: Buffer;
  edits: { durationTicks: number; mediaTime: number }[];
  stts: number[];
  ctts: number[];
  stss: number[] | undefined;
  sizes: number[];
  chunks: { offset: number; samples: number; description: number }[];
  entries: number;
  types: string[];
}

function readTracks(plan: ExportPlan): ReadTrack[] {
  const moov = boxAt(plan.header, boxAt(plan.header, 0).bytes.length);
  const traks = childBoxes(contentOf(moov)).filter(({ type }) => type === 'trak');
  return traks.map((trak) => {
    const mdia = childrenAt([trak], 'trak', 'mdia');
    const stbl = childrenAt(mdia, 'minf', 'stbl');
    const content = (type: string): Buffer | undefined => {
      const found = findBox(stbl, type);
      return found === undefined ? undefined : contentOf(found).subarray(4);
    };
    const numbers = (type: string): number[] | undefined => words(content(type));
    const mdhd = contentOf(findBox(mdia, 'mdhd')!);
    const elst = contentOf(findBox(childrenAt([trak], 'trak', 'edts'), 'elst')!);
    return {
      timescale: mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12),
      tkhd: contentOf(findBox(childrenAt([trak], 'trak'), 'tkhd')!),
      edits: readEdits(elst),
      stts: numbers('stts')!.slice(1),
      ctts: numbers('ctts')?.slice(1) ?? [],
      stss: numbers('stss')?.slice(1),
      sizes: numbers('stsz')!.slice(2),
      chunks: readChunks(
        numbers('stsc')!.slice(1),
        numbers('stco')?.slice(1) ?? longWords(content('co64')!),
      ),
      entries: content('stsd')!.readUInt32BE(0),
      types: stbl.map(({ type }) => type),
    };
  });
}

function words(bytes: Buffer | undefined): number[] | undefined {
  if (bytes === undefined) return undefined;
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(i * 4));
}

function longWords(bytes: Buffer): number[] {
  return Array.from({ length: (bytes.length - 4) / 8 }, (_, i) =>
    Number(bytes.readBigUInt64BE(4 + i * 8)),
  );
}

function readEdits(elst: Buffer): ReadTrack['edits'] {
  const long = elst[0] === 1;
  return Array.from({ length: elst.readUInt32BE(4) }, (_, i) => {
    const at = 8 + i * (long ? 20 : 12);
    return long
      ? {
          durationTicks: Number(elst.readBigUInt64BE(at)),
          mediaTime: Number(elst.readBigInt64BE(at + 8)),
        }
      : { durationTicks: elst.readUInt32BE(at), mediaTime: elst.readInt32BE(at + 4) };
  });
}

function readChunks(stsc: number[], offsets: number[]): ReadTrack['chunks'] {
  let entry = 0;
  return offsets.map((offset, index) => {
    if (stsc[(entry + 1) * 3] === index + 1) entry += 1;
    return { offset, samples: stsc[entry * 3 + 1]!, description: stsc[entry * 3 + 2]! };
  });
}

describe('the range', () => {
  const parts = partsOf(4, gop(0), gop(1000), gop(2000));

  it.each([
    [-5000, 60_000, 0, 3000],
    [1500, 1501, 1000, 1600],
    [1000, 1100, 1000, 1100],
    [999, 1000, 0, 1000],
    [2950, 9000, 2000, 3000],
  ])('%i to %i ms becomes %i to %i', (from, to, actualFrom, actualTo) => {
    const range = { fromMs: ANCHOR_MS + from, toMs: ANCHOR_MS + to };
    const plan = planExport([runOf(parts)], range);
    expect([plan.fromMs - ANCHOR_MS, plan.toMs - ANCHOR_MS]).toEqual([actualFrom, actualTo]);
    const frames = (actualTo - actualFrom) / 100;
    expect(readTracks(plan)[0]?.sizes.length).toBe(frames);
    const copied = plan.copies.reduce((total, { length }) => total + length, 0);
    expect(plan.totalBytes).toBe(plan.header.length + copied);
  });

  it('without footage is said so', () => {
    for (const [from, to] of [
      [3000, 9000],
      [-9000, 0],
    ] as const) {
      const range = { fromMs: ANCHOR_MS + from, toMs: ANCHOR_MS + to };
      expectError('not-found', 'nothing-recorded', () => planExport([runOf(parts)], range));
    }
    expectError('not-found', 'nothing-recorded', () => planExport([], RANGE));
    const noKey = partsOf(0, gop(0).slice(1));
    expectError('not-found', 'nothing-recorded', () => planExport([runOf(noKey)], RANGE));
  });

  it('begins at the first key frame when there is none before the mark', () => {
    const late = partsOf(0, [...gop(0).slice(5), ...gop(1000)]);
    const plan = planExport([runOf(late)], { ...RANGE, fromMs: ANCHOR_MS + 600 });
    expect(plan.fromMs).toBe(ANCHOR_MS + 1000);
    expect(plan.copies).toEqual([
      { source: 0, offset: 1000 + late[0]!.tables.video.offsetBytes + 535, length: 1045 },
    ]);
  });
});

describe('the file', () => {
  it('copies picture and sound of a part in one piece and keeps them side by side', () => {
    const parts = partsOf(4, [...gop(0), sound(0, 46)], [...gop(1000), sound(47_104, 47)]);
    const plan = planExport([runOf(parts, { audio: AUDIO })], RANGE);
    expect(plan.copies.map(({ source, length }) => [source, length])).toEqual([
      [4, 1045 + 46 * 7],
      [4, 1045 + 47 * 7],
    ]);
    const [video, audio] = readTracks(plan);
    const dataAt = plan.header.length;
    expect(video?.chunks).toEqual([
      { offset: dataAt, samples: 10, description: 1 },
      { offset: dataAt + 1045 + 322, samples: 10, description: 1 },
    ]);
    expect(audio?.chunks).toEqual([
      { offset: dataAt + 1045, samples: 46, description: 1 },
      { offset: dataAt + 2 * 1045 + 322, samples: 47, description: 1 },
    ]);
    expect(video?.stss).toEqual([1, 11]);
    expect(video?.stts).toEqual([20, 100]);
    expect(audio?.stts).toEqual([93, 1024]);
    expect(audio?.stss).toBeUndefined();
    expect(video?.tkhd.subarray(76)).toEqual(Buffer.from('0040000000400000', 'hex'));
  });

  it('takes the sound of a picture from the next part, and none behind the picture', () => {
    // The sound of the second before lies in each part; the third part has sound only to give.
    const parts = partsOf(
      0,
      gop(0),
      [...gop(1000), sound(0, 46)],
      [...gop(2000), sound(47_104, 47)],
    );
    const range = { fromMs: ANCHOR_MS + 1000, toMs: ANCHOR_MS + 1500 };
    const plan = planExport([runOf(parts, { audio: AUDIO })], range);
    const [video, audio] = readTracks(plan);
    expect(video?.sizes.length).toBe(5);
    // Packets 45 to 70 hold 1.0 to 1.5 s; packet 45 is the preroll of packet 46 (0.981 to 1.003 s).
    expect(audio?.sizes.length).toBe(71 - 45);
    expect(audio?.chunks.map(({ samples }) => samples)).toEqual([1, 25]);
    // 1.0 s is 48,000, the first packet begins at 46,080.
    expect(audio?.edits).toEqual([{ durationTicks: 24_000, mediaTime: 1920 }]);
    expect(video?.edits).toEqual([{ durationTicks: 24_000, mediaTime: 0 }]);
  });

  it('needs no packet before the first when that is apart or not there', () => {
    const begin = (...audio: Fragment[]): ReadTrack => {
      const parts = partsOf(0, gop(0), [...gop(1000), ...audio]);
      const range = { fromMs: ANCHOR_MS + 1000, toMs: ANCHOR_MS + 2000 };
      return readTracks(planExport([runOf(parts, { audio: AUDIO })], range))[1]!;
    };
    expect(begin(sound(47_500, 4)).edits[0]).toMatchObject({ mediaTime: 500 });
    expect(begin(sound(46_476, 5)).edits[0]).toMatchObject({ mediaTime: 1524 });
    const apart = partsOf(0, [...gop(0), sound(0, 1)], [...gop(1000), sound(47_500, 4)]);
    const plan = planExport([runOf(apart, { audio: AUDIO })], {
      ...RANGE,
      fromMs: ANCHOR_MS + 1000,
    });
    expect(readTracks(plan)[1]?.sizes.length).toBe(4);
  });

  it('waits for sound that begins later', () => {
    const parts = partsOf(0, [...gop(0), sound(14_400, 10)]);
    const [, audio] = readTracks(planExport([runOf(parts, { audio: AUDIO })], RANGE));
    expect(audio?.edits).toEqual([
      { durationTicks: 14_400, mediaTime: -1 },
      { durationTicks: 10_240, mediaTime: 0 },
    ]);
  });

  it('has no sound track when no sound falls into it', () => {
    const parts = partsOf(0, [...gop(0), sound(48_000, 10)]);
    expect(readTracks(planExport([runOf(parts, { audio: AUDIO })], RANGE)).length).toBe(1);
    expect(readTracks(planExport([runOf(parts)], RANGE)).length).toBe(1);
  });

  it('shows B-frames in their order, from the key frame on', () => {
    // Decoded I P b b, shown I b b P; two frames of delay.
    const offsets = [200, 400, 100, 100, 400, 100, 100];
    const samples = offsets.map((compositionOffsetTicks, index) =>
      sample({ durationTicks: 100, sizeBytes: 10, compositionOffsetTicks, sync: index === 0 }),
    );
    const parts = partsOf(0, [fragment('video', 5000, samples)]);
    const shown = (toMs: number): ReadTrack => {
      const plan = planExport([runOf(parts)], { fromMs: 0, toMs: ANCHOR_MS + toMs });
      expect(plan.fromMs).toBe(ANCHOR_MS + 5200);
      expect(plan.toMs).toBe(ANCHOR_MS + Math.min(5900, toMs));
      return readTracks(plan)[0]!;
    };
    const whole = shown(6000);
    expect(whole.ctts).toEqual([1, 200, 1, 400, 2, 100, 1, 400, 2, 100]);
    expect(whole.edits).toEqual([{ durationTicks: 700, mediaTime: 200 }]);
    // Up to the second b: the P frame that it needs comes along, unseen.
    const cut = shown(5500);
    expect(cut.sizes.length).toBe(4);
    expect(cut.edits).toEqual([{ durationTicks: 300, mediaTime: 200 }]);
  });

  it('has signed composition offsets where there are negative ones', () => {
    const tracks = (...offsets: number[]): ReadTrack => {
      const samples = offsets.map((compositionOffsetTicks, index) =>
        sample({ durationTicks: 100, compositionOffsetTicks, sync: index === 0 }),
      );
      const parts = partsOf(0, [fragment('video', 100, samples)]);
      return readTracks(planExport([runOf(parts)], { ...RANGE, fromMs: 0 }))[0]!;
    };
    const later = tracks(0, 100, -100);
    expect(later.ctts).toEqual([1, 0, 1, 100, 1, 0xffff_ff9c]);
    expect(later.edits).toEqual([{ durationTicks: 300, mediaTime: 0 }]);
    // A first picture that would be shown before the media begins moves all of them.
    const first = tracks(-50, 0);
    expect(first.ctts).toEqual([1, 0, 1, 50]);
    expect(first.edits).toEqual([{ durationTicks: 250, mediaTime: 0 }]);
  });
});

describe('several runs', () => {
  const other = h264Track(SPS.high1922x1082, 90_000);

  function second(startMs: number): ExportRun {
    const scaled = gop(0).map((one) => ({
      ...one,
      decodeTimeTicks: one.decodeTimeTicks * 90,
      samples: one.samples.map((each) => ({ ...each, durationTicks: 9000 })),
    }));
    const parts = partsOf(1, [...scaled, sound(0, 46)]);
    return { video: other, audio: AUDIO, anchorMs: ANCHOR_MS + startMs, parts };
  }

  it('keep the wall clock over a gap, in both tracks', () => {
    const first = runOf(partsOf(0, [...gop(0), sound(0, 46)]), { audio: AUDIO });
    const plan = planExport([first, second(5000)], RANGE);
    const [video, audio] = readTracks(plan);
    expect(video).toMatchObject({ timescale: 90_000, entries: 2 });
    expect(video?.stts).toEqual([9, 9000, 1, 4100 * 90, 10, 9000]);
    expect(video?.chunks.map(({ description }) => description)).toEqual([1, 2]);
    // 46 packets of 1024, the last stretched to 5 s.
    expect(audio?.stts).toEqual([45, 1024, 1, 240_000 - 45 * 1024, 46, 1024]);
    expect(audio?.entries).toBe(1);
    expect(plan.toMs).toBe(ANCHOR_MS + 6000);
    // The larger of the two sizes, in 16.16.
    expect(video?.tkhd.readUInt16BE(76)).toBe(1922);
  });

  it('with sound in the second only', () => {
    const plan = planExport([runOf(partsOf(0, gop(0))), second(1500)], RANGE);
    const audio = readTracks(plan)[1];
    expect(audio?.edits[0]).toEqual({ durationTicks: 1.5 * 720_000, mediaTime: -1 });
  });

  it('follow each other when the clock was set back', () => {
    const first = runOf(partsOf(0, [...gop(0), sound(0, 47)]), { audio: AUDIO });
    const plan = planExport([first, second(-3_600_000)], { ...RANGE, fromMs: 0 });
    const [video, audio] = readTracks(plan);
    expect(video?.stts).toEqual([20, 9000]);
    // The packet that reached beyond the first run's picture is cut short.
    expect(audio?.stts).toEqual([46, 1024, 1, 48_000 - 46 * 1024, 46, 1024]);
  });

  it('cut sound short but never turn it around', () => {
    // The first run's last packet begins 1 tick before the second run.
    const first = runOf(partsOf(0, [...gop(0), sound(47_999, 1)]), { audio: AUDIO });
    const stts = (startMs: number): number[] | undefined =>
      readTracks(planExport([first, second(startMs)], RANGE))[1]?.stts;
    expect(stts(1000)).toEqual([1, 1, 46, 1024]);
    const early = runOf(partsOf(0, [...gop(0).slice(0, 9), sound(43_000, 1)]), { audio: AUDIO });
    const plan = planExport([early, second(890)], RANGE);
    expect(readTracks(plan)[1]?.stts).toEqual([1, 200, 46, 1024]);
  });

  it('skip sound before their first picture', () => {
    const parts = partsOf(1, [...gop(1000), sound(47_000, 10)]);
    const later = runOf(parts, { audio: AUDIO, anchorMs: ANCHOR_MS + 1000 });
    const plan = planExport([runOf(partsOf(0, gop(0))), later], RANGE);
    // The packet at 47,000 began before the key frame at 48,000.
    expect(readTracks(plan)[1]?.sizes.length).toBe(9);
  });

  it('refuse a gap that one sample cannot fill', () => {
    const hours = (count: number): ExportRun[] => [
      second(0),
      { ...second(0), anchorMs: ANCHOR_MS + count * 3_600_000 },
    ];
    const range = { ...RANGE, toMs: Infinity };
    expect(planExport(hours(13), range).toMs).toBe(ANCHOR_MS + 13 * 3_600_000 + 1000);
    expectError('unprocessable', 'gap-too-long', () => planExport(hours(14), range));
  });
});

describe('large numbers', () => {
  it('of decode times keep picture and sound in step', () => {
    // 2^52 ms are beyond any camera; 2^52 ticks of sound are as many seconds as it takes.
    const seconds = 2 ** 36;
    const far = gop(seconds * 1000);
    const parts = partsOf(0, [...far, sound(seconds * 48_000 + 480, 40)]);
    const run = runOf(parts, { audio: AUDIO, anchorMs: ANCHOR_MS - seconds * 1000 });
    const [, audio] = readTracks(planExport([run], RANGE));
    expect(audio?.edits).toEqual([
      { durationTicks: 480, mediaTime: -1 },
      { durationTicks: 40_960, mediaTime: 0 },
    ]);
  });

  it('of bytes take 64-bit offsets and a 64-bit mdat', () => {
    const table = { ...allocateTable(2, 0, 100), sync: Uint8Array.of(1, 1) };
    table.sizes.fill(3_000_000_000);
    table.durations.fill(100);
    const tables = { video: table, audio: allocateTable(0, 0, 0), moofBytes: 92, sizeBytes: 0 };
    const late = { ...tables, video: { ...table, decodeTimeTicks: 200 } };
    const parts = [tables, late].map((one, source) => ({ source, offsetBytes: 0, tables: one }));
    const plan = planExport([runOf(parts)], RANGE);
    expect(plan.totalBytes).toBe(plan.header.length + 12_000_000_000);
    expect(plan.header.subarray(-16, -8)).toEqual(Buffer.from('000000016d646174', 'hex'));
    const [video] = readTracks(plan);
    expect(video?.types).toContain('co64');
    expect(video?.chunks.map(({ offset }) => offset - plan.header.length)).toEqual([
      ...[0, 6_000_000_000],
    ]);
  });

  it('of a pause in the sound take version 1 of the edit list', () => {
    // One packet that lasts 17 hours; the picture begins in the middle of it.
    const long = fragment('audio', 0, [sample({ durationTicks: 3_000_000_000, sizeBytes: 7 })]);
    const parts = partsOf(0, [...gop(60_000_000), long]);
    const run = runOf(parts, { audio: AUDIO, anchorMs: ANCHOR_MS - 60_000_000 });
    const [, audio] = readTracks(planExport([run], RANGE));
    expect(audio?.edits).toEqual([{ durationTicks: 48_000, mediaTime: 2_880_000_000 }]);
  });

  it('of composition offsets are damage when they do not fit', () => {
    const samples = [sample({ durationTicks: 100, compositionOffsetTicks: 2 ** 31 - 1 })];
    const far = runOf(partsOf(0, [fragment('video', 0, samples)]), { anchorMs: 0 });
    const range = { fromMs: 0, toMs: 2 ** 33 };
    expect(readTracks(planExport([far], range))[0]?.ctts).toEqual([1, 2 ** 31 - 1]);
    const finer = { ...far, video: h264Track(SPS.high64, 90_000), parts: partsOf(1, gop(0)) };
    expectCorrupt('field-value', () => planExport([far, finer], { ...range, fromMs: -1 }));
  });

  it('of durations take version 1 of the headers', () => {
    const days = Array.from({ length: 6 }, (_, index) => ({
      ...runOf(partsOf(index, gop(0)), { video: h264Track(SPS.high64, 1000) }),
      anchorMs: ANCHOR_MS + index * 20 * 86_400_000,
    }));
    const plan = planExport(days, { ...RANGE, toMs: Infinity });
    const [video] = readTracks(plan);
    expect(video?.tkhd[0]).toBe(1);
    expect(video?.edits).toEqual([{ durationTicks: 100 * 86_400_000 + 1000, mediaTime: 0 }]);
  });

  it('of time scales without a common one stay with the finer of edits', () => {
    expect(commonTimescale([90_000, 48_000], 10_000_000)).toBe(720_000);
    expect(commonTimescale([48_000, 9_999_991], 10_000_000)).toBe(48_000);
    expect(commonTimescale([], 10)).toBe(1);
    expect(commonTimescale([11], 10)).toBe(11);
  });

  it('are rounded to the nearest, once', () => {
    expect(rescale(2 ** 52 + 1, 90_000, 90_000)).toBe(2 ** 52 + 1);
    expect(rescale(3, 2, 1)).toBe(2);
    expect(rescale(-3, 90_000, 48_000)).toBe(-2);
    const quotients = [-3n, -2n, -1n, 0n, 1n, 2n, 3n].map((n) => roundedQuotient(n, 2n));
    expect(quotients).toEqual([-1, -1, 0, 0, 1, 1, 2]);
    expect(roundedQuotient(-7n, 4n)).toBe(-2);
  });
});

describe('damage', () => {
  it('of time running backwards between parts', () => {
    const parts = partsOf(0, gop(1000), gop(0));
    expectCorrupt('decode-time', () => planExport([runOf(parts)], { ...RANGE, fromMs: 0 }));
  });

  it('of more samples than a day has', () => {
    const count = 2400;
    const table = allocateTable(count, 0, 100);
    table.sync.fill(1);
    const tables = { video: table, audio: allocateTable(0, 0, 0), moofBytes: 92, sizeBytes: 0 };
    const part = { source: 0, offsetBytes: 0, tables };
    const parts = new Array(4200).fill(part) as ExportPart[];
    const range = { ...RANGE, fromMs: 0 };
    expectError('exhausted', 'range-too-long', () => planExport([runOf(parts)], range));
  });
});
