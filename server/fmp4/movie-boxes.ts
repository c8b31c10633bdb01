/** The `moov` of what Doorkeep writes: fragmented (segments) and progressive (exports). */
import { box, fullBox, U32_MAX, u16, u32, u64, zeros } from './box-writer.ts';

/** One track of a `moov`. Durations are 0 when the samples are in fragments. */
export interface MovieTrack {
  readonly kind: 'video' | 'audio';
  readonly trackId: number;
  readonly timescale: number;
  /** In the track's timescale. */
  readonly mediaDuration: number;
  /** In the movie's timescale. */
  readonly movieDuration: number;
  /** Pixels; 0 for sound. */
  readonly width: number;
  readonly height: number;
  /** Content of `stsd`: one box per description. */
  readonly sampleEntries: readonly Buffer[];
  /** `edts`, if any. */
  readonly edits: Buffer | undefined;
  /** The boxes of `stbl` after `stsd`. */
  readonly sampleBoxes: readonly Buffer[];
}

/** What concerns the movie as a whole. */
export interface MovieHeader {
  readonly timescale: number;
  readonly duration: number;
  /** Seconds since 1970, or undefined when it is not to be stated. */
  readonly createdEpochSeconds: number | undefined;
}

/** The video of everything Doorkeep writes is track 1, the sound track 2. */
export const TRACK_IDS = { video: 1, audio: 2 } as const;

/** Seconds from 1904-01-01 to 1970-01-01: times in boxes count from 1904 (8.2.2). */
const EPOCH_1904_SECONDS = 2_082_844_800;

/** 1.0 in 16.16: the picture as it is, at normal speed. */
const FIXED_ONE = 0x1_0000;

/** Unity in 2.30 closes the transformation matrix (8.2.2). */
const MATRIX = u32(FIXED_ONE, 0, 0, 0, FIXED_ONE, 0, 0, 0, 0x4000_0000);

/** ISO 639-2 "und", 5 bits a letter: the language of a doorbell is not known. */
const LANGUAGE_UND = 0x55c4;

/** `moov` of these tracks; `extra` goes last (`mvex`). */
export function movieBox(
  header: MovieHeader,
  tracks: readonly MovieTrack[],
  ...extra: readonly Buffer[]
): Buffer {
  const nextTrackId = Math.max(...tracks.map((track) => track.trackId)) + 1;
  const mvhd = timedBox('mvhd', 0, header.createdEpochSeconds, (time) => [
    u32(header.timescale),
    time(header.duration),
    // Rate 1.0, volume 1.0 (8.8), reserved.
    u32(FIXED_ONE),
    u16(0x100),
    zeros(10),
    MATRIX,
    zeros(24),
    u32(nextTrackId),
  ]);
  return box('moov', mvhd, ...tracks.map((track) => trackBox(track, header)), ...extra);
}

function trackBox(track: MovieTrack, header: MovieHeader): Buffer {
  const isVideo = track.kind === 'video';
  // Flags: enabled, in the movie, in the preview (8.3.2).
  const tkhd = timedBox('tkhd', 7, header.createdEpochSeconds, (time) => [
    u32(track.trackId, 0),
    time(track.movieDuration),
    zeros(8),
    // Layer 0, alternate group 0, then volume 1.0 for sound.
    u16(0, 0, isVideo ? 0 : 0x100, 0),
    MATRIX,
    u32(track.width * FIXED_ONE, track.height * FIXED_ONE),
  ]);
  const mdhd = timedBox('mdhd', 0, header.createdEpochSeconds, (time) => [
    u32(track.timescale),
    time(track.mediaDuration),
    u16(LANGUAGE_UND, 0),
  ]);
  const name = Buffer.from(isVideo ? 'Video\0' : 'Sound\0', 'latin1');
  const handler = Buffer.from(isVideo ? 'vide' : 'soun', 'latin1');
  const hdlr = fullBox('hdlr', {}, u32(0), handler, zeros(12), name);
  const mediaHeader = isVideo
    ? fullBox('vmhd', { flags: 1 }, zeros(8))
    : fullBox('smhd', {}, zeros(4));
  // Flag 1: the media is in this file (8.7.2).
  const dref = fullBox('dref', {}, u32(1), fullBox('url ', { flags: 1 }));
  const stsd = fullBox('stsd', {}, u32(track.sampleEntries.length), ...track.sampleEntries);
  const stbl = box('stbl', stsd, ...track.sampleBoxes);
  const minf = box('minf', mediaHeader, box('dinf', dref), stbl);
  const edits = track.edits === undefined ? [] : [track.edits];
  return box('trak', tkhd, ...edits, box('mdia', mdhd, hdlr, minf));
}

/** The three headers with times: version 1 with 64-bit times from the moment one needs it. */
function timedBox(
  type: 'mvhd' | 'tkhd' | 'mdhd',
  flags: number,
  createdEpochSeconds: number | undefined,
  content: (time: (value: number) => Buffer) => Buffer[],
): Buffer {
  const created =
    createdEpochSeconds === undefined ? 0 : Math.floor(createdEpochSeconds) + EPOCH_1904_SECONDS;
  let isLong = created > U32_MAX;
  const note = (value: number): Buffer => {
    isLong ||= value > U32_MAX;
    return u64(value);
  };
  const long = content(note);
  if (isLong) return fullBox(type, { version: 1, flags }, u64(created), u64(created), ...long);
  return fullBox(type, { flags }, u32(created, created), ...content((value) => u32(value)));
}
