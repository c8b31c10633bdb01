import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { buildPlaylist } from '../../../server/playback/playlist.ts';
import type { RecordedPart, RecordedSegment } from '../../../server/storage/recordings.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const CAMERA = '00000000000000c1';

/** Parts of 2 s and 1,000 bytes behind an init of 800, key frames where `keys` has a k. */
function segment(
  place: { runId?: number; sequence?: number; atMs: number; initSizeBytes?: number },
  keys: string,
  partMs = 2_000,
): RecordedSegment {
  const { runId = 1, sequence = 0, atMs, initSizeBytes = 800 } = place;
  const parts = keys.split('').map((letter, index): RecordedPart => ({
    offsetBytes: initSizeBytes + index * 1_000,
    sizeBytes: 1_000,
    startMs: epochMs(T0 + atMs + index * partMs),
    durationMs: partMs,
    key: letter === 'k',
  }));
  const startMs = epochMs(T0 + atMs);
  return { segmentId: 1, cameraId: CAMERA, runId, sequence, startMs, initSizeBytes, parts };
}

function build(segments: readonly RecordedSegment[]): string[] {
  const runs = new Map(
    segments.map(({ runId }) => [
      runId,
      { anchorMs: epochMs(T0 - runId), codecs: `avc1.${runId}` },
    ]),
  );
  return (buildPlaylist({ segments, runs }) ?? '').trimEnd().split('\n');
}

function tagged(lines: readonly string[], tag: string): string[] {
  return lines.filter((line) => line.startsWith(tag)).map((line) => line.slice(tag.length));
}

describe('a playlist', () => {
  it('names the init once and each group of pictures by its bytes', () => {
    expect(build([segment({ runId: 7, sequence: 3, atMs: 0 }, 'kk')])).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-DOORKEEP-RUN:ANCHOR="2026-01-01T11:59:59.993Z",CODECS="avc1.7"',
      `#EXT-X-MAP:URI="${CAMERA}/7/3.mp4",BYTERANGE="800@0"`,
      '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T12:00:00.000Z',
      '#EXTINF:2,',
      '#EXT-X-BYTERANGE:1000@800',
      `${CAMERA}/7/3.mp4`,
      '#EXTINF:2,',
      '#EXT-X-BYTERANGE:1000@1800',
      `${CAMERA}/7/3.mp4`,
      '#EXT-X-ENDLIST',
    ]);
  });

  it('goes on into the next file of a run without a word', () => {
    const lines = build([
      segment({ sequence: 0, atMs: 0 }, 'kk'),
      segment({ sequence: 1, atMs: 4_000 }, 'kk'),
    ]);
    expect(tagged(lines, '#EXT-X-MAP')).toHaveLength(1);
    expect(tagged(lines, '#EXT-X-DISCONTINUITY')).toEqual([]);
    expect(tagged(lines, '#EXT-X-PROGRAM-DATE-TIME:')).toHaveLength(1);
    expect(tagged(lines, CAMERA)).toEqual(['/1/0.mp4', '/1/0.mp4', '/1/1.mp4', '/1/1.mp4']);
  });

  it('joins parts that begin without a key frame to the one before', () => {
    const lines = build([segment({ atMs: 0 }, 'k..kk.')]);
    expect(tagged(lines, '#EXTINF:')).toEqual(['6,', '2,', '4,']);
    expect(tagged(lines, '#EXT-X-BYTERANGE:')).toEqual(['3000@800', '1000@3800', '2000@4800']);
    expect(tagged(lines, '#EXT-X-TARGETDURATION:')).toEqual(['6']);
  });

  it('joins key frames that follow one another faster than a player can ask', () => {
    const lines = build([segment({ atMs: 0 }, 'k'.repeat(30), 100)]);
    expect(tagged(lines, '#EXTINF:')).toEqual(['0.9,', '0.9,', '0.9,', '0.3,']);
    expect(tagged(build([segment({ atMs: 0 }, 'kkkk', 1_000)]), '#EXTINF:')).toHaveLength(4);
  });

  it('says where footage is missing, and when it goes on', () => {
    const lines = build([
      segment({ sequence: 0, atMs: 0 }, 'k'),
      segment({ sequence: 1, atMs: 10_000 }, 'k'),
    ]);
    const from = lines.indexOf('#EXT-X-DISCONTINUITY');
    expect(lines.slice(from, from + 3)).toEqual([
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T12:00:10.000Z',
      '#EXTINF:2,',
    ]);
    expect(tagged(lines, '#EXT-X-MAP')).toHaveLength(1);
  });

  it('begins another run with its own init and its own anchor, also without a gap', () => {
    const lines = build([
      segment({ runId: 1, atMs: 0 }, 'k'),
      segment({ runId: 2, atMs: 2_000, initSizeBytes: 900 }, 'k'),
    ]);
    const from = lines.indexOf('#EXT-X-DISCONTINUITY');
    expect(lines.slice(from, from + 4)).toEqual([
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-DOORKEEP-RUN:ANCHOR="2026-01-01T11:59:59.998Z",CODECS="avc1.2"',
      `#EXT-X-MAP:URI="${CAMERA}/2/0.mp4",BYTERANGE="900@0"`,
      '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T12:00:02.000Z',
    ]);
  });

  it('names the init again where the file of a run has another one', () => {
    const lines = build([
      segment({ sequence: 0, atMs: 0 }, 'k'),
      segment({ sequence: 1, atMs: 2_000, initSizeBytes: 812 }, 'k'),
    ]);
    expect(tagged(lines, '#EXT-X-MAP')).toHaveLength(2);
    expect(tagged(lines, '#EXT-X-DISCONTINUITY')).toHaveLength(1);
  });

  it('lets no rounding add up, and calls no rounding a gap', () => {
    // 15 fps from a camera whose seconds are a little short: parts of 1,999.5 ms.
    const whole = segment({ atMs: 0 }, 'k'.repeat(1_000));
    const parts = whole.parts.map((part, index) => ({
      ...part,
      startMs: epochMs(T0 + Math.round(index * 1_999.5)),
      durationMs: 1_999,
    }));
    const lines = build([{ ...whole, parts }]);
    expect(tagged(lines, '#EXT-X-DISCONTINUITY')).toEqual([]);
    const total = tagged(lines, '#EXTINF:').reduce((sum, text) => sum + parseFloat(text), 0);
    expect(total).toBeCloseTo((999 * 1_999.5 + 1_999) / 1_000, 2);
  });

  it('rounds the longest entry to whole seconds, as players check it', () => {
    expect(tagged(build([segment({ atMs: 0 }, 'k.', 1_245)]), '#EXT-X-TARGETDURATION:')).toEqual([
      '2',
    ]);
    expect(tagged(build([segment({ atMs: 0 }, 'k', 300)]), '#EXT-X-TARGETDURATION:')).toEqual([
      '1',
    ]);
  });

  it('gives a frame without a length the least there is', () => {
    expect(tagged(build([segment({ atMs: 0 }, 'k', 0)]), '#EXTINF:')).toEqual(['0.001,']);
  });

  it('keeps sound that came behind the last picture', () => {
    const whole = segment({ atMs: 0 }, 'k.');
    const [picture, tail] = whole.parts;
    const sound = { ...tail!, durationMs: 0, sizeBytes: 60 };
    const lines = build([{ ...whole, parts: [picture!, sound] }]);
    expect(tagged(lines, '#EXT-X-BYTERANGE:')).toEqual(['1060@800']);
    expect(tagged(lines, '#EXTINF:')).toEqual(['2,']);
  });

  it('leaves out what nothing before it can decode, and is not there for nothing', () => {
    expect(tagged(build([segment({ atMs: 0 }, '..k')]), '#EXT-X-BYTERANGE:')).toEqual([
      '1000@2800',
    ]);
    expect(buildPlaylist({ segments: [segment({ atMs: 0 }, '..')], runs: new Map() })).toBe(
      undefined,
    );
    expect(buildPlaylist({ segments: [], runs: new Map() })).toBe(undefined);
  });

  it('of a segment without a run is a defect', () => {
    expect(() => buildPlaylist({ segments: [segment({ atMs: 0 }, 'k')], runs: new Map() })).toThrow(
      expect.objectContaining({ kind: 'internal' }),
    );
  });

  it('of a whole day has an entry for each group of pictures', () => {
    const day = Array.from({ length: 1_440 }, (_, index) =>
      segment({ sequence: index, atMs: index * 60_000 }, 'k'.repeat(30)),
    );
    expect(tagged(build(day), '#EXTINF:')).toHaveLength(43_200);
  });
});
