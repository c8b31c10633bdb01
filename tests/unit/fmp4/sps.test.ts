import { describe, expect, it } from 'vitest';
import { BitReader, unescapeNal } from '../../../server/fmp4/bit-reader.ts';
import { parseH264Sps } from '../../../server/fmp4/h264-sps.ts';
import { parseH265Sps } from '../../../server/fmp4/h265-sps.ts';
import { hex, SPS } from '../../fixtures/fmp4-samples.ts';
import { expectCorrupt } from './corrupt-error.ts';

/** Bits from text: `1`, `0`, `ue:5`, `se:-2`, `8:100` (eight bits of 100). */
function bits(...parts: string[]): Buffer {
  let text = '';
  for (const part of parts) {
    const [kind = '', value] = part.split(':');
    if (value === undefined) text += kind;
    else if (kind === 'ue') text += ue(Number(value));
    else if (kind === 'se')
      text += ue(Number(value) > 0 ? 2 * Number(value) - 1 : -2 * Number(value));
    else text += Number(value).toString(2).padStart(Number(kind), '0');
  }
  text = text.padEnd(Math.ceil(text.length / 8) * 8, '0');
  return Buffer.from(text.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
}

function ue(value: number): string {
  const binary = (value + 1).toString(2);
  return '0'.repeat(binary.length - 1) + binary;
}

/** An H.264 SPS of the main profile: 4 by 3 macroblocks; what is given replaces its parts. */
function mainSps({ order = ['ue:2'], crop = ['0'], width = 'ue:3' } = {}): Buffer {
  const start = ['8:103', '8:77', '8:0', '8:30', 'ue:0', 'ue:0'];
  return bits(...start, ...order, 'ue:1', '0', width, 'ue:2', '1', '1', ...crop, '1');
}

describe('H.264', () => {
  it.each([
    ['high64', 64, 64, 1, 8],
    ['high1922x1082', 1922, 1082, 1, 8],
    ['interlaced64x72', 64, 72, 1, 8],
    ['high444', 64, 64, 3, 8],
    ['high10WithScalingLists', 64, 64, 1, 10],
    ['baseline', 64, 64, 1, 8],
  ] as const)('%s', (name, width, height, chromaFormat, depth) => {
    expect(parseH264Sps(SPS[name])).toEqual({
      ...{ id: 0, width, height, chromaFormat },
      ...{ bitDepthLuma: depth, bitDepthChroma: depth },
    });
  });

  it('reads each kind of picture order', () => {
    for (const order of [
      ['ue:0', 'ue:4'],
      ['ue:1', '0', 'se:1', 'se:-1', 'ue:2', 'se:3', 'se:-4'],
      ['ue:2'],
    ]) {
      expect(parseH264Sps(mainSps({ order }))).toMatchObject({ width: 64, height: 48 });
    }
    const order = ['ue:1', '0', 'se:0', 'se:0', 'ue:256'];
    expectCorrupt('parameter-set', () => parseH264Sps(mainSps({ order })));
  });

  it('applies the crop and refuses what is left of nothing', () => {
    const crop = ['1', 'ue:1', 'ue:2', 'ue:3', 'ue:4'];
    expect(parseH264Sps(mainSps({ crop }))).toMatchObject({ width: 58, height: 34 });
    const all = ['1', 'ue:16', 'ue:16', 'ue:0', 'ue:0'];
    expectCorrupt('parameter-set', () => parseH264Sps(mainSps({ crop: all })));
    expectCorrupt('parameter-set', () => parseH264Sps(mainSps({ width: 'ue:99999' })));
  });

  it('crops separate colour planes and monochrome by single samples', () => {
    const high = (format: string[]): Buffer =>
      bits(
        ...['8:103', '8:244', '8:0', '8:30', 'ue:0', ...format, 'ue:0', 'ue:0', '0', '0'],
        ...['ue:0', 'ue:2', 'ue:1', '0', 'ue:3', 'ue:2', '1', '1'],
        ...['1', 'ue:1', 'ue:0', 'ue:1', 'ue:0', '1'],
      );
    for (const format of [['ue:3', '1'], ['ue:3', '0'], ['ue:0']]) {
      expect(parseH264Sps(high(format))).toMatchObject({ width: 63, height: 47 });
    }
    expect(parseH264Sps(high(['ue:2']))).toMatchObject({ width: 62, height: 47 });
    expectCorrupt('parameter-set', () => parseH264Sps(high(['ue:4'])));
  });

  it('passes over scaling lists, also those that end early', () => {
    const lists = [...['1', 'se:-8'], ...['1', ...Array<string>(16).fill('se:1')], '0', '0'];
    const large = [...['0', '0'], ...['1', ...Array<string>(64).fill('se:0')], '0'];
    const sps = bits(
      ...['8:103', '8:100', '8:0', '8:30', 'ue:0', 'ue:1', 'ue:0', 'ue:0', '0', '1'],
      ...[...lists, ...large, 'ue:0', 'ue:2', 'ue:1', '0', 'ue:3', 'ue:2', '1', '1', '0', '1'],
    );
    expect(parseH264Sps(sps)).toMatchObject({ width: 64, height: 48 });
    // 4:4:4 has four more lists.
    const twelve = bits(
      ...['8:103', '8:244', '8:0', '8:30', 'ue:0', 'ue:3', '0', 'ue:0', 'ue:0', '0', '1', '12:0'],
      ...['ue:0', 'ue:2', 'ue:1', '0', 'ue:3', 'ue:2', '1', '1', '0', '1'],
    );
    expect(parseH264Sps(twelve)).toMatchObject({ width: 64, height: 48 });
  });

  it('refuses bit depths that do not exist', () => {
    const sps = bits('8:103', '8:100', '8:0', '8:30', 'ue:0', 'ue:1', 'ue:9', '32:0');
    expectCorrupt('parameter-set', () => parseH264Sps(sps));
  });

  it('refuses every truncation', () => {
    // The last bytes are VUI, which is not read.
    for (let length = 0; length < 8; length += 1) {
      expectCorrupt('parameter-set', () => parseH264Sps(SPS.high64.subarray(0, length)));
    }
  });
});

describe('H.265', () => {
  it.each([
    ['hevc64', 64, 64],
    ['hevc66x50', 66, 50],
  ] as const)('%s', (name, width, height) => {
    expect(parseH265Sps(SPS[name])).toMatchObject({
      ...{ id: 0, width, height, chromaFormat: 1, bitDepthLuma: 8, bitDepthChroma: 8 },
      ...{ temporalLayers: 1, temporalIdNested: true },
      profileTierLevel: hex('01600000009000000000001e'),
    });
  });

  it('passes over the profiles and levels of sub-layers', () => {
    const sps = bits(
      ...['16:16897', '4:0', '3:2', '1', '32:0', '32:0', '32:0', '1', '0', '0', '1', '12:0'],
      ...['32:0', '32:0', '24:0', '8:30', 'ue:3', 'ue:3', '1', 'ue:640', 'ue:360', '0'],
      ...['ue:2', 'ue:2', '1'],
    );
    expect(parseH265Sps(sps)).toMatchObject({
      ...{ id: 3, width: 640, height: 360, temporalLayers: 3, bitDepthLuma: 10 },
    });
  });

  it('refuses more sub-layers than there are, and every truncation', () => {
    const sps = bits('16:16897', '4:0', '3:7', '1', '32:0', '32:0', '32:0', '32:0');
    expectCorrupt('parameter-set', () => parseH265Sps(sps));
    for (let length = 0; length < 20; length += 1) {
      expectCorrupt('parameter-set', () => parseH265Sps(SPS.hevc64.subarray(0, length)));
    }
  });
});

describe('bits', () => {
  it('lose emulation prevention, and only that', () => {
    expect(unescapeNal(hex('000003 01 000003 000003 03 0003'))).toEqual(
      hex('0000 01 0000 0000 03 0003'),
    );
  });

  it('spell signed and unsigned numbers', () => {
    const reader = new BitReader(bits('ue:0', 'ue:7', 'se:0', 'se:5', 'se:-5', '32:4294967295'));
    expect([reader.ue(), reader.ue(), reader.se(), reader.se(), reader.se()]).toEqual([
      ...[0, 7, 0, 5, -5],
    ]);
    expect(reader.bits(32)).toBe(0xffff_ffff);
  });

  it('hold no number beyond 32 bits', () => {
    expectCorrupt('parameter-set', () => new BitReader(Buffer.alloc(8)).ue());
  });
});
