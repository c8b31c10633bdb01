import { describe, expect, it } from 'vitest';
import {
  adoptParameterSets,
  changedParameterSets,
  hasPicture,
} from '../../../server/fmp4/parameter-sets.ts';
import { asParameterSet, isSlice, nalType } from '../../../server/fmp4/parameter-set.ts';
import { box } from '../../../server/fmp4/box-writer.ts';
import { parseInit } from '../../../server/fmp4/init-segment.ts';
import type { VideoTrack } from '../../../server/fmp4/track.ts';
import {
  avcRecord,
  h264Track,
  h265Track,
  hex,
  moov,
  PPS,
  prefixed,
  SPS,
  visualEntry,
  VPS_HEVC,
} from '../../fixtures/fmp4-samples.ts';
import { expectCorrupt } from './corrupt-error.ts';

const AUD = hex('09f0');
const SEI = hex('0605ff');
const IDR = hex('6588843a');
const HEVC_AUD = hex('460150');
const HEVC_IDR = hex('2601af26');
/** The picture parameter set with id 1: ue(1) is 010. */
const PPS_1 = hex('685bc3cb22c0');

function sampleOf(...nals: Buffer[]): Buffer {
  return Buffer.concat(nals.map((nal) => prefixed(nal, 4)));
}

describe('a picture in a sample', () => {
  it.each([
    ['H.264', h264Track(), [AUD, SPS.high64, PPS.high, SEI, IDR], true],
    ['H.264, a slice alone', h264Track(), [hex('419a24')], true],
    ['H.265', h265Track(), [HEVC_AUD, VPS_HEVC, HEVC_IDR], true],
    ['H.264, parameter sets alone', h264Track(), [AUD, SPS.high64, PPS.high, SEI], false],
    ['H.265, parameter sets alone', h265Track(), [HEVC_AUD, VPS_HEVC, SPS.hevc64], false],
    ['nothing', h264Track(), [], false],
  ])('%s', (_name, track, nals, expected) => {
    expect(hasPicture(track, sampleOf(...nals))).toBe(expected);
  });

  it('is not looked for beyond the sample', () => {
    expectCorrupt('sample-size', () => hasPicture(h264Track(), sampleOf(AUD, IDR).subarray(0, -1)));
  });
});

describe('parameter sets in a key frame', () => {
  const track = h264Track(SPS.high64);

  it.each([
    ['none', [IDR]],
    ['an access unit delimiter and SEI', [AUD, SEI, IDR]],
    ['the same ones', [AUD, SPS.high64, PPS.high, SEI, IDR]],
    ['the same ones with zero bytes behind them', [Buffer.concat([SPS.high64, hex('0000')]), IDR]],
    ['another one, but behind the picture', [IDR, SPS.baseline]],
    ['an empty NAL unit', [Buffer.alloc(0), IDR]],
    ['nothing at all', []],
  ])('are no change: %s', (_name, nals) => {
    expect(changedParameterSets(track, sampleOf(...nals))).toBe(false);
    expect(adoptParameterSets(track, sampleOf(...nals))).toBe(track);
  });

  it.each([
    ['another size', [SPS.high1922x1082, PPS.high, IDR]],
    ['another picture parameter set', [hex('68e8c3cb22c0'), IDR]],
    ['a new id', [SPS.high64, PPS.high, PPS_1, IDR]],
    ['the last of two counts', [SPS.high64, SPS.baseline, IDR]],
  ])('are a change: %s', (_name, nals) => {
    expect(changedParameterSets(track, sampleOf(...nals))).toBe(true);
    const adopted = adoptParameterSets(track, sampleOf(...nals));
    expect(changedParameterSets(adopted, sampleOf(...nals))).toBe(false);
  });

  it('are adopted: size, codec string and record follow', () => {
    const nals = sampleOf(SPS.high1922x1082, PPS.high, PPS_1, IDR);
    const adopted = adoptParameterSets(track, nals);
    expect(adopted).toMatchObject({
      ...{ width: 1922, height: 1082, codecString: 'avc1.64002a', timescale: 90_000 },
    });
    // As a fresh run with these sets in its announcement.
    const fresh = h264Track(SPS.high1922x1082);
    expect(adopted.sampleEntry.includes(SPS.high1922x1082)).toBe(true);
    expect(adopted.sampleEntry.includes(PPS_1)).toBe(true);
    expect(adopted.sampleEntry.subarray(8, 94)).not.toEqual(fresh.sampleEntry.subarray(8, 94));
    const only = adoptParameterSets(track, sampleOf(SPS.high1922x1082, IDR));
    expect(only).toEqual(fresh);
  });

  it('are adopted by a profile without chroma format in its record', () => {
    const fresh = h264Track(SPS.baseline);
    expect(adoptParameterSets(track, sampleOf(SPS.baseline, IDR))).toEqual(fresh);
  });

  it.each([1, 2, 4])('are found behind lengths of %i bytes', (nalLengthBytes) => {
    const record = avcRecord(SPS.high64, PPS.high, nalLengthBytes);
    const entry = visualEntry('avc1', box('avcC', record));
    const short = parseInit(moov('video', 90_000, entry)) as VideoTrack;
    const nals = [SPS.high64, PPS.high, PPS_1, IDR].map((nal) => prefixed(nal, nalLengthBytes));
    expect(changedParameterSets(short, Buffer.concat(nals))).toBe(true);
    expect(
      changedParameterSets(short, Buffer.concat([...nals.slice(0, 2), ...nals.slice(3)])),
    ).toBe(false);
  });

  it('that reach beyond the sample are damage', () => {
    expectCorrupt('sample-size', () => changedParameterSets(track, hex('00000005 6742')));
    expectCorrupt('sample-size', () => changedParameterSets(track, hex('0000')));
  });

  it('that cannot be read are damage', () => {
    expectCorrupt('parameter-set', () => changedParameterSets(track, sampleOf(hex('6764'))));
    // ue(256) as the id of a picture parameter set.
    expectCorrupt('parameter-set', () => changedParameterSets(track, sampleOf(hex('68008080'))));
  });

  it('that are too many for a record are damage', () => {
    // Ids 1 to 31 beside the one that is known; 5 bits count 31.
    const many = Array.from({ length: 31 }, (_, index) => {
      const id = (index + 2).toString(2);
      const ue = '0'.repeat(id.length - 1) + id;
      // A baseline set of 16 by 16: frame number 0, order type 2, one reference, no crop.
      const bits = `${ue}1 011 010 0 1 1 1 1 0 0 1`.replaceAll(' ', '').padEnd(32, '0');
      const tail = Buffer.alloc(4);
      tail.writeUInt32BE(parseInt(bits, 2));
      return Buffer.concat([hex('6742c00a'), tail]);
    });
    expectCorrupt('parameter-set', () => adoptParameterSets(track, sampleOf(...many, IDR)));
  });
});

describe('H.265 parameter sets in a key frame', () => {
  const track = h265Track(SPS.hevc64);

  it('are no change when they are the same', () => {
    const nals = sampleOf(HEVC_AUD, VPS_HEVC, SPS.hevc64, PPS.hevc, HEVC_IDR);
    expect(changedParameterSets(track, nals)).toBe(false);
  });

  it('are a change in size, and adopted', () => {
    const nals = sampleOf(VPS_HEVC, SPS.hevc66x50, PPS.hevc, HEVC_IDR, SPS.hevc64);
    expect(changedParameterSets(track, nals)).toBe(true);
    const adopted = adoptParameterSets(track, nals);
    expect(adopted).toMatchObject({ width: 66, height: 50, codecString: 'hvc1.1.6.L30.90' });
    expect(changedParameterSets(adopted, nals)).toBe(false);
    expect(adopted.sampleEntry.includes(SPS.hevc64)).toBe(false);
  });

  it('say how many temporal layers there are, and whether they nest', () => {
    const layersAt = (sps: Buffer): number | undefined => {
      const { sampleEntry } = adoptParameterSets(track, sampleOf(sps, HEVC_IDR));
      // The byte of hvcC with constantFrameRate, numTemporalLayers, temporalIdNested, lengthSize.
      return sampleEntry[sampleEntry.indexOf('hvcC') + 4 + 21];
    };
    expect(layersAt(SPS.hevc66x50)).toBe(0b0000_1111);
    const loose = Buffer.from(SPS.hevc66x50);
    // sps_temporal_id_nesting_flag.
    loose[2] = 0;
    expect(layersAt(loose)).toBe(0b0000_1011);
  });
});

describe('NAL units', () => {
  it('have a type, and slices are told apart', () => {
    expect(nalType('h264', IDR)).toBe(5);
    expect(nalType('h265', HEVC_IDR)).toBe(19);
    expect(nalType('h264', Buffer.alloc(0))).toBe(-1);
    expect([-1, 0, 1, 5, 6].map((type) => isSlice('h264', type))).toEqual([
      ...[false, false, true, true, false],
    ]);
    expect([-1, 0, 31, 32].map((type) => isSlice('h265', type))).toEqual([
      ...[false, true, true, false],
    ]);
  });

  it('are parameter sets with an id, or not', () => {
    expect(asParameterSet('h264', SEI)).toBeUndefined();
    expect(asParameterSet('h265', HEVC_AUD)).toBeUndefined();
    expect(asParameterSet('h264', PPS_1)).toMatchObject({ kind: 'pps', id: 1 });
    expect(asParameterSet('h265', VPS_HEVC)).toMatchObject({ kind: 'vps', id: 0 });
  });
});
