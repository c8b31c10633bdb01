/** FLV as it comes, in pieces of any size. */
import { describe, expect, it } from 'vitest';
import { type FlvItem, FlvReader } from '../../../doubles/doorbell/flv-reader.ts';

const SPS = Buffer.from('6742c01eda', 'hex');
const PPS = Buffer.from('68ce3c80', 'hex');

function tag(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(body.length, 1, 3);
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32BE(body.length + 11);
  return Buffer.concat([head, body, trailer]);
}

function nal(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

function sized(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

const idr = Buffer.from('6588840020', 'hex');
const later = Buffer.from('419a02', 'hex');
const sei = Buffer.from('060502', 'hex');
const STREAM = Buffer.concat([
  Buffer.from('FLV\x01\x01\0\0\0\x09\0\0\0\0', 'latin1'),
  tag(18, Buffer.from('metadata')),
  tag(
    9,
    Buffer.concat([
      Buffer.from([0x17, 0, 0, 0, 0]),
      Buffer.from([1, 0x42, 0xc0, 0x1e, 0xff, 0xe1]),
      sized(SPS),
      Buffer.from([1]),
      sized(PPS),
    ]),
  ),
  tag(9, Buffer.concat([Buffer.from([0x17, 1, 0, 0, 0]), nal(sei), nal(idr)])),
  tag(9, Buffer.concat([Buffer.from([0x27, 1, 0, 0, 0]), nal(later)])),
  // End of sequence.
  tag(9, Buffer.from([0x17, 2, 0, 0, 0])),
]);
const EXPECTED: FlvItem[] = [
  { kind: 'parameter sets', sets: [SPS, PPS] },
  { kind: 'picture', nals: [idr], key: true },
  { kind: 'picture', nals: [later], key: false },
];

describe('the FLV reader', () => {
  it.each([1, 2, 7, 50, STREAM.length])('reads pieces of %d bytes', (bytes) => {
    const reader = new FlvReader();
    const items: FlvItem[] = [];
    for (let at = 0; at < STREAM.length; at += bytes) {
      items.push(...reader.push(STREAM.subarray(at, at + bytes)));
    }
    expect(items).toEqual(EXPECTED);
  });

  it('gives a picture as soon as its tag is complete', () => {
    const last = STREAM.indexOf(later) + later.length + 4;
    expect(new FlvReader().push(STREAM.subarray(0, last))).toHaveLength(3);
    expect(new FlvReader().push(STREAM.subarray(0, last - 1))).toHaveLength(2);
  });

  it('refuses what is something else, and what is too large', () => {
    expect(() => new FlvReader().push(Buffer.alloc(20))).toThrow('not FLV');
    const large = Buffer.concat([STREAM.subarray(0, 13), Buffer.from([9]), Buffer.alloc(10, 0xff)]);
    expect(() => new FlvReader().push(large)).toThrow('bytes');
  });
});
