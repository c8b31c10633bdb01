/**
 * Damaged media: whatever the bytes, the readers end, hold little, and throw nothing but AppErrors
 * that blame the bytes. Fixed seed; FUZZ_SEED and FUZZ_ROUNDS for longer runs by hand.
 */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../server/base/errors.ts';
import { type Box, BoxReader } from '../../server/fmp4/box-reader.ts';
import { boxAt } from '../../server/fmp4/box.ts';
import { box } from '../../server/fmp4/box-writer.ts';
import { parseFragment } from '../../server/fmp4/fragment.ts';
import { parseInit } from '../../server/fmp4/init-segment.ts';
import { adoptParameterSets, changedParameterSets } from '../../server/fmp4/parameter-sets.ts';
import { buildPart, type PartTables, readPart } from '../../server/fmp4/part.ts';
import { planExport } from '../../server/fmp4/progressive.ts';
import {
  AAC_ESDS,
  aacTrack,
  audioEntry,
  avcRecord,
  fragment,
  h264Track,
  h265Track,
  hevcRecord,
  moov,
  PPS,
  prefixed,
  sample,
  SPS,
  visualEntry,
  VPS_HEVC,
} from '../fixtures/fmp4-samples.ts';
import { randomFrom } from '../fixtures/random-from.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 1500);

/** One 16 MiB box may be open, and the garbage collector may be a few behind. */
const MEMORY_MAX_BYTES = 256 * 1024 * 1024;

type Random = ReturnType<typeof randomFrom>;

/** Numbers at which fields break. */
const EDGES = [0, 1, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** `bytes` with one to four things wrong. */
function damaged(bytes: Buffer, random: Random): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let count = 1 + random(4); count > 0 && result.length > 4; count -= 1) {
    const at = random(result.length);
    switch (random(5)) {
      case 0:
        result[at] = random(256);
        break;
      case 1:
        result.writeUInt32BE(EDGES[random(EDGES.length)]!, Math.min(at, result.length - 4));
        break;
      case 2:
        result = result.subarray(0, at);
        break;
      case 3:
        result = Buffer.concat([result.subarray(0, at), result.subarray(random(result.length))]);
        break;
      default:
        result[at] = result[at]! ^ (1 << random(8));
    }
  }
  return result;
}

/** What `run` returns, or the reason of the AppError that it throws; fails for anything else. */
function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === 'internal') throw error;
    return error.reason ?? error.kind;
  }
}

/** Boxes and how it ended, with the bytes fed in pieces of at most `pieceBytes`. */
function boxesOf(bytes: Buffer, nextPiece: () => number): { boxes: Box[]; end: string } {
  const reader = new BoxReader();
  const boxes: Box[] = [];
  const end = outcome(() => {
    for (let at = 0; at < bytes.length;) {
      const length = nextPiece();
      for (const one of reader.push(bytes.subarray(at, at + length))) boxes.push(one);
      at += length;
    }
    reader.end();
    return 'whole';
  });
  return { boxes, end };
}

const KEY_FRAME = Buffer.concat(
  [SPS.high64, PPS.high, Buffer.from('6588843a', 'hex')].map((nal) => prefixed(nal, 4)),
);
const HEVC_KEY_FRAME = Buffer.concat(
  [VPS_HEVC, SPS.hevc66x50, PPS.hevc, Buffer.from('2601af26', 'hex')].map((nal) =>
    prefixed(nal, 4),
  ),
);

/** Parts with B-frames, uneven durations, and sound that lags. */
const PARTS = [0, 1, 2].map((index) => {
  const start = 90_000 + index * 18_000;
  const frames = [0, 12_000, -3000].map((compositionOffsetTicks, frame) =>
    sample({
      durationTicks: 6000 + frame,
      sizeBytes: 20,
      compositionOffsetTicks,
      sync: frame === 0,
    }),
  );
  const packets = new Array(8).fill(sample({ durationTicks: 1024, sizeBytes: 9 })) as [];
  const video = [fragment('video', start, frames)];
  const audio = [fragment('audio', 40_000 + index * 8192, packets)];
  return Buffer.concat(buildPart({ sequenceNumber: index + 1, video, audio }));
});

const H264_MOOV = moov('video', 90_000, visualEntry('avc1', box('avcC', avcRecord(SPS.high64))));
const H265_MOOV = moov('video', 90_000, visualEntry('hev1', box('hvcC', hevcRecord())));
const AAC_MOOV = moov('audio', 48_000, audioEntry('mp4a', box('esds', AAC_ESDS)));
const STREAM = Buffer.concat([box('ftyp', Buffer.from('iso6')), H264_MOOV.bytes, ...PARTS]);

describe('damaged', () => {
  it('streams are read alike wherever they are split', () => {
    const random = randomFrom(SEED);
    let harmed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = damaged(STREAM, random);
      const whole = boxesOf(bytes, () => bytes.length);
      const split = boxesOf(bytes, () => 1 + random(40));
      if (whole.end !== 'whole') harmed += 1;
      const isAlike =
        whole.end === split.end &&
        whole.boxes.length === split.boxes.length &&
        whole.boxes.every((one, index) => one.bytes.equals(split.boxes[index]!.bytes));
      expect(isAlike, `round ${round}`).toBe(true);
      expect(process.memoryUsage().arrayBuffers).toBeLessThan(MEMORY_MAX_BYTES);
    }
    // The damage is real, and not all of it is.
    expect(harmed).toBeGreaterThan(ROUNDS / 4);
    expect(harmed).toBeLessThan(ROUNDS);
  });

  it.each([
    ['H.264', H264_MOOV],
    ['H.265', H265_MOOV],
    ['AAC', AAC_MOOV],
  ])('descriptions of %s are read or refused', (_name, moovBox) => {
    const random = randomFrom(SEED + 1);
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = damaged(moovBox.bytes, random);
      const result = outcome(() => parseInit(boxAt(bytes, 0)));
      seen.add(typeof result === 'string' ? result : 'read');
    }
    expect(seen).toContain('read');
    expect(seen).toContain('box-truncated');
    expect(seen.size).toBeGreaterThan(4);
  });

  it('fragments are read or refused', () => {
    const random = randomFrom(SEED + 2);
    const seen = new Set<string>();
    const one = fragment('video', 90_000, [sample({ durationTicks: 6000, sizeBytes: 30 })]);
    const bytes = Buffer.concat(buildPart({ sequenceNumber: 1, video: [one], audio: [] }));
    for (let round = 0; round < ROUNDS; round += 1) {
      const result = outcome(() => {
        const [moof, mdat] = boxesOf(damaged(bytes, random), () => 64).boxes;
        if (moof === undefined || mdat === undefined) return 'no boxes';
        const { samples, payload } = parseFragment('video', moof, mdat);
        const total = samples.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        expect(total).toBe(payload.length);
        return 'read';
      });
      seen.add(result);
    }
    expect(seen).toContain('read');
    expect(seen).toContain('sample-size');
  });

  it.each([
    ['H.264', h264Track(SPS.high64), KEY_FRAME],
    ['H.265', h265Track(SPS.hevc64), HEVC_KEY_FRAME],
  ])('key frames of %s are compared or refused', (_name, track, keyFrame) => {
    const random = randomFrom(SEED + 3);
    const seen = new Set<boolean | string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = damaged(keyFrame, random);
      const changed = outcome(() => changedParameterSets(track, bytes));
      seen.add(changed);
      if (changed !== true) continue;
      const adopted = outcome(() => adoptParameterSets(track, bytes));
      // What was adopted is known from then on: no endless row of new runs.
      if (typeof adopted !== 'string') expect(changedParameterSets(adopted, bytes)).toBe(false);
    }
    expect(seen).toContain(true);
    expect(seen).toContain('sample-size');
  });

  it('parts are read or refused, and what was read can be planned or is refused', () => {
    const random = randomFrom(SEED + 4);
    const seen = new Set<string>();
    const [video, audio] = [h264Track(SPS.high64), aacTrack()];
    for (let round = 0; round < ROUNDS; round += 1) {
      const harmedPart = random(PARTS.length);
      const read = PARTS.map((part, index) =>
        outcome(() => readPart(index === harmedPart ? damaged(part, random) : part)),
      );
      const parts = read
        .filter((tables): tables is PartTables => typeof tables !== 'string')
        .map((tables, source) => ({ source, offsetBytes: 0, tables }));
      const range = { fromMs: random(3000) - 500, toMs: random(4000) };
      const plan = outcome(() => planExport([{ video, audio, anchorMs: 0, parts }], range));
      seen.add(typeof plan === 'string' ? plan : 'planned');
      if (typeof plan === 'string') continue;
      const copied = plan.copies.reduce((total, { length }) => total + length, 0);
      expect(plan.totalBytes).toBe(plan.header.length + copied);
      // The header is made of whole boxes up to mdat.
      expect(boxAt(plan.header, boxAt(plan.header, 0).bytes.length).type).toBe('moov');
    }
    expect(seen).toContain('planned');
    expect(seen).toContain('nothing-recorded');
  });
});
