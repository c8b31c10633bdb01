import { describe, expect, it } from 'vitest';
import { box, fullBox, u32 } from '../../../server/fmp4/box-writer.ts';
import { TrackReader, type TrackItem } from '../../../server/ingest/track-reader.ts';
import { aacTrack, h264Track, moof } from '../../fixtures/fmp4-samples.ts';
import { buildInit } from '../../../server/fmp4/part.ts';

const init = buildInit(h264Track());

/** One fragment of one frame, as ffmpeg writes it. */
function fragment(decodeTimeTicks: number, payload = Buffer.from('frame')): Buffer {
  const content = (offsetBytes: number): Buffer =>
    moof({
      tfhd: [0x020000, 1],
      tfdt: fullBox('tfdt', { version: 1 }, u32(0, decodeTimeTicks)),
      // One sample: data offset; duration, size, flags (a key frame).
      truns: [[0, 0x701, 1, offsetBytes, 6_000, payload.length, 0x02000000]],
    });
  const lengthBytes = content(0).length;
  return Buffer.concat([content(lengthBytes + 8), box('mdat', payload)]);
}

function readAll(
  bytes: Buffer,
  pieceBytes: number,
  kind: 'video' | 'audio' = 'video',
): TrackItem[] {
  const reader = new TrackReader(kind);
  const items: TrackItem[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    items.push(...reader.push(bytes.subarray(at, at + pieceBytes)));
  }
  return items;
}

function summary(items: readonly TrackItem[]): string[] {
  return items.map((item) =>
    item.type === 'track'
      ? `${item.track.kind} track`
      : `${item.fragment.decodeTimeTicks}: ${item.fragment.payload.toString()}`,
  );
}

const stream = Buffer.concat([init, fragment(0), fragment(6_000, Buffer.from('more'))]);
const whole = ['video track', '0: frame', '6000: more'];

describe('a track and its fragments', () => {
  it.each([1, 7, 64, 1_000_000])('come out whole from pieces of %i bytes', (pieceBytes) => {
    expect(summary(readAll(stream, pieceBytes))).toEqual(whole);
  });

  it('come out as soon as they are complete', () => {
    const reader = new TrackReader('video');
    const first = init.length + fragment(0).length;
    expect(summary(reader.push(stream.subarray(0, first - 1)))).toEqual(['video track']);
    expect(summary(reader.push(stream.subarray(first - 1, first)))).toEqual(['0: frame']);
  });

  it('may have boxes between them that nobody knows', () => {
    const bytes = Buffer.concat([
      ...[box('styp', Buffer.from('msdh')), init, box('free', Buffer.alloc(9))],
      ...[fragment(0), box('mfra'), fragment(6_000, Buffer.from('more'))],
    ]);
    expect(summary(readAll(bytes, 50))).toEqual(whole);
  });
});

describe('what does not belong there', () => {
  const [ftyp, moov] = [
    init.subarray(0, init.readUInt32BE(0)),
    init.subarray(init.readUInt32BE(0)),
  ];
  it.each([
    ['a moov without ftyp', moov, 'video'],
    ['a second moov', Buffer.concat([init, moov]), 'video'],
    ['a fragment before its track', Buffer.concat([ftyp, fragment(0)]), 'video'],
    ['mdat without moof', Buffer.concat([init, box('mdat', Buffer.from('x'))]), 'video'],
    ['one moof for two mdat', Buffer.concat([init, fragment(0), box('mdat')]), 'video'],
    ['a picture where sound should be', init, 'audio'],
    ['sound where a picture should be', soundInit(), 'video'],
    ['text', Buffer.from('HTTP/1.1 404 Not Found\r\n\r\n'), 'video'],
  ] as const)('is corrupt: %s', (_name, bytes, kind) => {
    expect(() => readAll(bytes, 64, kind)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });

  it('takes sound as sound', () => {
    expect(summary(readAll(soundInit(), 64, 'audio'))).toEqual(['audio track']);
  });
});

/** An init segment of sound alone. */
function soundInit(): Buffer {
  const { sampleEntry } = aacTrack();
  const mdhd = fullBox('mdhd', {}, u32(0, 0, 48_000, 0), Buffer.alloc(4));
  const stbl = box('stbl', fullBox('stsd', {}, u32(1), sampleEntry));
  const minf = box('minf', fullBox('smhd', {}, Buffer.alloc(4)), stbl);
  return Buffer.concat([
    box('ftyp', Buffer.from('isom\0\0\0\0isom', 'latin1')),
    box('moov', box('trak', box('mdia', mdhd, minf))),
  ]);
}
