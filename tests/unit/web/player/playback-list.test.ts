/** Playlists as the box writes them, read as the page reads them. */
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../../server/base/time.ts';
import { buildPlaylist } from '../../../../server/playback/playlist.ts';
import type { RecordedSegment } from '../../../../server/storage/recordings.ts';
import { readPlaylist } from '../../../../web/player/playback-list.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const CAMERA = '00000000000000c1';
const H264 = 'avc1.640028';
const WITH_SOUND = `${H264},mp4a.40.2`;

/** Parts of 2 s, a key frame in each; media time begins at 1 s, as ffmpeg's does. */
function segment(runId: number, atMs: number, parts: number): RecordedSegment {
  return {
    ...{ segmentId: 1, cameraId: CAMERA, runId, sequence: 0, initSizeBytes: 800 },
    startMs: epochMs(T0 + atMs),
    parts: Array.from({ length: parts }, (_, index) => ({
      ...{ offsetBytes: 800 + index * 1_000, sizeBytes: 1_000, durationMs: 2_000, key: true },
      startMs: epochMs(T0 + atMs + index * 2_000),
    })),
  };
}

function written(segments: readonly RecordedSegment[], codecs: Record<number, string>): string {
  const runs = new Map(
    segments.map(({ runId, startMs }) => [
      runId,
      { anchorMs: epochMs(startMs - 1_000), codecs: codecs[runId] ?? H264 },
    ]),
  );
  return buildPlaylist({ segments, runs }) ?? '';
}

function entriesOf(text: string): number {
  return text.split('\n').filter((line) => line.startsWith('#EXTINF')).length;
}

describe('a playlist of the box', () => {
  it('is read as stretches, and played as it came', () => {
    const text = written([segment(1, 0, 3), segment(2, 60_000, 2)], {});
    const read = readPlaylist(text, T0);
    expect(read?.text).toBe(text);
    expect(read?.timeline.stretches).toMatchObject([
      { fromMs: T0, toMs: T0 + 6_000, anchorMs: T0 - 1_000, firstEntry: 0, startS: 0 },
      {
        ...{ fromMs: T0 + 60_000, toMs: T0 + 64_000, anchorMs: T0 + 59_000 },
        ...{ firstEntry: 3, startS: 6 },
      },
    ]);
  });

  it('keeps the anchor of its run behind a hole within it', () => {
    const text = written([segment(1, 0, 1), { ...segment(1, 10_000, 1), sequence: 1 }], {});
    expect(readPlaylist(text, T0)?.timeline.stretches).toMatchObject([
      { fromMs: T0, anchorMs: T0 + 9_000 },
      { fromMs: T0 + 10_000, anchorMs: T0 + 9_000 },
    ]);
  });

  describe('in which sound is switched on and off', () => {
    const segments = [segment(1, 0, 3), segment(2, 6_000, 2), segment(3, 20_000, 1)];
    const text = written([...segments, segment(4, 40_000, 4)], { 2: WITH_SOUND, 3: WITH_SOUND });

    it.each([
      ['in front of all', -5_000, 0, 6_000, 3],
      ['in the first piece', 5_999, 0, 6_000, 3],
      ['at the beginning of the second', 6_000, 6_000, 22_000, 3],
      ['in a hole of the second', 15_000, 6_000, 22_000, 3],
      ['in the hole before the third', 30_000, 40_000, 48_000, 4],
      ['behind all', 90_000, 40_000, 48_000, 4],
    ])('gives the piece for a moment %s', (_where, atMs, fromMs, toMs, entries) => {
      const read = readPlaylist(text, T0 + atMs);
      expect([read!.timeline.fromMs - T0, read!.timeline.toMs - T0]).toEqual([fromMs, toMs]);
      expect(read!.timeline.stretches[0]).toMatchObject({ firstEntry: 0, startS: 0 });
      expect(entriesOf(read!.text)).toBe(entries);
    });

    it('makes each piece a playlist of its own', () => {
      const lines = readPlaylist(text, T0 + 6_000)!.text.split('\n');
      expect(lines.slice(0, 5)).toEqual(text.split('\n').slice(0, 5));
      expect(lines[5]).toMatch(/^#EXT-X-DOORKEEP-RUN:.*mp4a/);
      expect(lines[6]).toMatch(/^#EXT-X-MAP:.*\/2\/0\.mp4/);
      // One hole is inside it; neither the one before nor the one behind is.
      expect(lines.filter((line) => line === '#EXT-X-DISCONTINUITY')).toHaveLength(1);
      expect(lines.slice(-3)).toEqual([`${CAMERA}/3/0.mp4`, '#EXT-X-ENDLIST', '']);
    });
  });

  it.each([
    ['nothing', ''],
    ['a page', '<!doctype html>\n<p>Sign in</p>'],
    ['another playlist', '#EXTM3U\n#EXTINF:2,\nfile.mp4\n#EXT-X-ENDLIST\n'],
    [
      'a run without a time',
      '#EXTM3U\n#EXT-X-DOORKEEP-RUN:ANCHOR="soon",CODECS="a"\n#EXTINF:2,\nx',
    ],
    ['a run without footage', written([segment(1, 0, 1)], {}).replace(/#EXTINF[\s\S]*mp4\n/, '')],
  ])('is not %s', (_what, text) => {
    expect(readPlaylist(text, T0)).toBeUndefined();
  });
});
