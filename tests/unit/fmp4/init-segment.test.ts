import { describe, expect, it } from 'vitest';
import { parseAacConfig, parseEsds } from '../../../server/fmp4/aac-config.ts';
import { boxAt } from '../../../server/fmp4/box.ts';
import { box, fullBox, u32, zeros } from '../../../server/fmp4/box-writer.ts';
import { avcCodecString, hevcCodecString } from '../../../server/fmp4/codec-string.ts';
import { parseInit } from '../../../server/fmp4/init-segment.ts';
import {
  AAC_ESDS,
  aacTrack,
  audioEntry,
  avcRecord,
  h264Track,
  h265Track,
  hevcRecord,
  hex,
  moov,
  SPS,
  trak,
  visualEntry,
} from '../../fixtures/fmp4-samples.ts';
import { expectCorrupt, expectError } from './corrupt-error.ts';

describe('a video track', () => {
  it('is read from its parameter sets', () => {
    expect(h264Track(SPS.high1922x1082)).toMatchObject({
      ...{ kind: 'video', codec: 'h264', codecString: 'avc1.64002a', timescale: 90_000 },
      ...{ width: 1922, height: 1082 },
    });
    expect(h265Track(SPS.hevc66x50)).toMatchObject({
      ...{ kind: 'video', codec: 'h265', codecString: 'hvc1.1.6.L30.90', width: 66, height: 50 },
    });
  });

  it('has the size of its parameter sets in the sample entry, and keeps the other boxes', () => {
    const pasp = box('pasp', u32(1, 1));
    const entry = visualEntry('avc3', pasp, box('avcC', avcRecord(SPS.high64)));
    const track = parseInit(moov('video', 15_360, entry));
    expect(track.sampleEntry.toString('latin1', 4, 8)).toBe('avc1');
    expect(track.sampleEntry.readUInt16BE(32)).toBe(64);
    expect(track.sampleEntry.readUInt16BE(34)).toBe(64);
    expect(track.sampleEntry.includes(pasp)).toBe(true);
  });

  it('is renamed from hev1 to hvc1, with its arrays of parameter sets marked complete', () => {
    const { sampleEntry } = h265Track();
    expect(sampleEntry.toString('latin1', 4, 8)).toBe('hvc1');
    const record = sampleEntry.subarray(94);
    const arrays = [0xa0, 0xa1, 0xa2].map((type) => record.indexOf(Buffer.from([type, 0, 1])));
    expect(arrays.every((at) => at > 0)).toBe(true);
    // SEI messages may be elsewhere too.
    expect(record.includes(hex('270001'))).toBe(true);
  });

  it('has a time scale in either version of the media header', () => {
    const mdhd = fullBox('mdhd', { version: 1 }, zeros(16), u32(12_800, 0, 0), zeros(4));
    const entry = visualEntry('avc1', box('avcC', avcRecord(SPS.high64)));
    const track = parseInit(boxAt(box('moov', trak('video', mdhd, entry)), 0));
    expect(track.timescale).toBe(12_800);
    expectCorrupt('field-value', () => parseInit(moov('video', 0, entry)));
  });

  it.each([
    ['mp4v', 'MPEG-4 Part 2'],
    ['jpeg', 'Motion JPEG'],
    ['zz\u0001z', '"zz?z"'],
  ])('of the kind %j is refused by name', (type, name) => {
    const error = expectError('unprocessable', 'unsupported-codec', () =>
      parseInit(moov('video', 90_000, visualEntry(type))),
    );
    expect(error.message).toBe(`Doorkeep cannot record video of the kind ${name}.`);
    expect(error.hint).toContain('H.264');
  });

  it.each([
    ['no record', () => visualEntry('avc1')],
    ['a record of another version', () => visualEntry('avc1', box('avcC', hex('02640000ff')))],
    ['no set in its record', () => visualEntry('avc1', box('avcC', hex('01640000ffe000')))],
    [
      'no set in its hvcC',
      () => visualEntry('hvc1', box('hvcC', hevcRecord().subarray(0, 22), zeros(1))),
    ],
  ])('with %s is damaged', (_name, entry) => {
    expectCorrupt('parameter-set', () => parseInit(moov('video', 90_000, entry())));
  });

  it('whose sample entry is cut short is damaged', () => {
    expectCorrupt('box-truncated', () => parseInit(moov('video', 90_000, box('avc1', zeros(50)))));
    expectCorrupt('box-truncated', () => parseInit(moov('audio', 90_000, box('mp4a', zeros(20)))));
  });
});

describe('a sound track', () => {
  it('is read from its AudioSpecificConfig', () => {
    expect(aacTrack()).toMatchObject({
      ...{ kind: 'audio', codec: 'aac', codecString: 'mp4a.40.2', timescale: 48_000 },
      ...{ sampleRate: 48_000, channels: 1 },
    });
  });

  it('takes the number of channels from the sample entry when the stream carries the layout', () => {
    const esds = Buffer.from(AAC_ESDS);
    // AudioSpecificConfig 11 88: channelConfiguration is the middle of the second byte.
    esds[esds.indexOf(hex('1188')) + 1] = 0x80;
    const track = parseInit(moov('audio', 48_000, audioEntry('mp4a', box('esds', esds))));
    expect(track).toMatchObject({ channels: 2 });
  });

  it.each([
    ['Opus', audioEntry('Opus'), 'Opus'],
    [
      'mp4a.6b',
      audioEntry(
        'mp4a',
        box('esds', hex('00000000 0312 0001 00 040d 6b15000000 00000000 00000000')),
      ),
      'mp4a.6b',
    ],
  ])('of the kind %s is refused by name', (_type, entry, name) => {
    const error = expectError('unprocessable', 'unsupported-codec', () =>
      parseInit(moov('audio', 48_000, entry)),
    );
    expect(error.message).toContain(name);
    expect(error.hint).toContain('AAC');
  });

  it('without a descriptor is damaged', () => {
    expectCorrupt('box-missing', () => parseInit(moov('audio', 48_000, audioEntry('mp4a'))));
  });
});

describe('moov', () => {
  it('has one track with one sample entry', () => {
    const entry = visualEntry('avc1', box('avcC', avcRecord(SPS.high64)));
    expectCorrupt('field-value', () => parseInit(boxAt(box('moov'), 0)));
    expectCorrupt('field-value', () => parseInit(moov('video', 90_000)));
    expectCorrupt('field-value', () => parseInit(moov('video', 90_000, entry, entry)));
  });
});

describe('AudioSpecificConfig', () => {
  it.each([
    ['AAC-LC, 48 kHz, mono', '1188', 2, 48_000, 1],
    ['AAC-LC, 16 kHz, stereo', '1410', 2, 16_000, 2],
    ['7.1', '11b8', 2, 48_000, 8],
    ['an odd rate', '17800fa008', 2, 8000, 1],
    ['SBR: the rate that is heard', '2b11 88', 5, 48_000, 2],
    ['an escaped object type', 'f8e64000', 39, 48_000, 2],
  ])('%s', (_name, config, audioObjectType, sampleRate, channels) => {
    expect(parseAacConfig(hex(config))).toEqual({ audioObjectType, sampleRate, channels });
  });

  it.each(['1780 0000 08', '1688', '11f8', '11c0'])('%s names no rate or layout', (config) => {
    expectCorrupt('field-value', () => parseAacConfig(hex(config)));
  });

  it('may follow optional fields of the descriptor', () => {
    const decoder = '0411 40 15000000 0000000000000000 0502 1188';
    const flags = 'e0 1111 02 7878 2222';
    const { specificInfo } = parseEsds(hex(`00000000 031d 0001 ${flags} ${decoder}`));
    expect(specificInfo).toEqual(hex('1188'));
  });

  it('is not looked for in another descriptor', () => {
    expectCorrupt('field-value', () => parseEsds(hex('00000000 0403 000000')));
    expectCorrupt('box-truncated', () => parseEsds(hex('00000000 03ffffffff 00')));
  });
});

describe('codec strings', () => {
  it('of H.264 hold profile, compatibility and level', () => {
    expect(avcCodecString(hex('0142c01eff'))).toBe('avc1.42c01e');
  });

  it.each([
    ['main', '01 01 60000000 900000000000 5d', 'hvc1.1.6.L93.90'],
    ['main 10, high tier', '01 22 20000000 b00000000000 78', 'hvc1.2.4.H120.B0'],
    ['no constraint bytes', '01 01 60000000 000000000000 78', 'hvc1.1.6.L120'],
    [
      'a profile space, all constraint bytes',
      '01 41 00000001 010203040506 1e',
      'hvc1.A1.80000000.L30.1.2.3.4.5.6',
    ],
  ])('of H.265: %s', (_name, record, expected) => {
    expect(hevcCodecString(hex(record))).toBe(expected);
  });
});
