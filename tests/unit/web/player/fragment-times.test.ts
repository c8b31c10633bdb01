/** A player's few bytes of ISO/IEC 14496-12, against what the server writes. */
import { describe, expect, it } from 'vitest';
import { buildInit, buildPart } from '../../../../server/fmp4/part.ts';
import { readFragmentTimes, readTracks } from '../../../../web/player/fragment-times.ts';
import { aacTrack, fragment, h264Track, moof, sample } from '../../../fixtures/fmp4-samples.ts';

const video = h264Track();
const audio = aacTrack();
const both = readTracks(buildInit(video, audio))!;

function part(decodeTimeTicks: number, sync: boolean, durationTicks = 6_000): Buffer {
  const one = fragment('video', decodeTimeTicks, [sample({ sync, durationTicks, sizeBytes: 9 })]);
  return Buffer.concat(buildPart({ sequenceNumber: 1, video: [one], audio: [] }));
}

describe('tracks', () => {
  it('are those of the init segment', () => {
    expect([...both].map(([id, { timescale }]) => [id, timescale])).toEqual([
      [1, 90_000],
      [2, 48_000],
    ]);
    expect(readTracks(buildInit(video))?.size).toBe(1);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a fragment', part(0, true)],
    ['half of one', buildInit(video, audio).subarray(0, 200)],
  ])('are undefined in %s', (_what, bytes) => {
    expect(readTracks(bytes)).toBeUndefined();
  });
});

describe('a fragment', () => {
  it.each([true, false])('has its times and whether it is a key frame: %s', (key) => {
    expect(readFragmentTimes(part(180_000, key), both)).toEqual({
      ...{ trackId: 1, startMs: 2_000, key },
      durationMs: expect.closeTo(66.67, 1) as number,
    });
  });

  it('may lie beyond what 32 bits count', () => {
    const ticks = 2 ** 33;
    expect(readFragmentTimes(part(ticks, true), both)?.startMs).toBeCloseTo(ticks / 90, 3);
  });

  it('of sound counts in its own ticks', () => {
    const packets = [sample({ durationTicks: 1_024 }), sample({ durationTicks: 1_024 })];
    const content = { sequenceNumber: 1, video: [], audio: [fragment('audio', 48_000, packets)] };
    const times = readFragmentTimes(Buffer.concat(buildPart(content)), both);
    expect(times).toMatchObject({ trackId: 2, startMs: 1_000, key: true });
    expect(times?.durationMs).toBeCloseTo(42.67, 1);
  });

  it('as ffmpeg writes it has its values in the header of the track', () => {
    // default-base-is-moof, duration, size and flags; a key frame by first_sample_flags.
    const header = [0x02_0038, 1, 6_000, 900, 0x0101_0000] as const;
    const key = moof({ tfhd: header, truns: [[0, 0x05, 1, 0, 0x0200_0000]] });
    expect(readFragmentTimes(key, both)).toMatchObject({ trackId: 1, key: true });
    const delta = moof({ tfhd: header, truns: [[0, 0x01, 1, 0]] });
    expect(readFragmentTimes(delta, both)).toMatchObject({ key: false });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an init segment', buildInit(video)],
    ['a track that was not announced', moof({ tfhd: [0, 7], truns: [[0, 0x100, 1, 6_000]] })],
    ['no sample', moof({ tfhd: [0, 1] })],
    ['a table longer than its box', moof({ tfhd: [0, 1], truns: [[0, 0x100, 900, 6_000]] })],
  ])('is undefined with %s', (_what, bytes) => {
    expect(readFragmentTimes(bytes, both)).toBeUndefined();
  });

  it('never throws for bytes that were cut or changed', () => {
    const whole = part(0, true);
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => readFragmentTimes(whole.subarray(0, length), both)).not.toThrow();
      const changed = Buffer.from(whole);
      changed[length] = 0xff;
      expect(() => readFragmentTimes(changed, both)).not.toThrow();
      expect(() => readTracks(changed)).not.toThrow();
    }
  });
});
