/**
 * What a segment file is made of: an init segment, then parts. A part is one `moof` with a `traf`
 * per track and one `mdat` (ISO/IEC 14496-12 8.8); it is written at once and durable or not there.
 */
import { AppError } from '../base/errors.ts';
import { boxAt, childBoxes, contentOf } from './box.ts';
import { box, boxHeader, fullBox, u32 } from './box-writer.ts';
import { corrupt } from './corrupt.ts';
import type { Fragment } from './fragment.ts';
import { type MovieTrack, movieBox, TRACK_IDS } from './movie-boxes.ts';
import { EMPTY_TABLE, type SampleTable, sizeOf } from './sample-table.ts';
import { parseTrackFragment } from './track-fragment.ts';
import { joinFragments, trackFragmentBox } from './track-fragment-box.ts';
import type { AudioTrack, Track, VideoTrack } from './track.ts';

/** What `buildPart` joins. At least one of the lists is not empty. */
export interface PartContent {
  /** 1, 2, 3 … within the segment (8.8.5). */
  readonly sequenceNumber: number;
  /** In decode order; sound may belong to a picture of an earlier part. */
  readonly video: readonly Fragment[];
  readonly audio: readonly Fragment[];
}

/** A part as it can be found again without its media. */
export interface PartTables {
  readonly video: SampleTable;
  readonly audio: SampleTable;
  /** The `moof`. */
  readonly moofBytes: number;
  /** The whole part: up to the last byte of its last sample. */
  readonly sizeBytes: number;
}

/** Data offsets of `trun` are signed 32-bit numbers (8.8.8). */
const PART_MAX_BYTES = 0x7fff_ffff;

/** Milliseconds: nothing in the header of a fragmented movie is a duration. */
const MOVIE_TIMESCALE = 1000;

/**
 * `ftyp` and `moov` of a segment: video is track 1, sound track 2. Each track keeps its own
 * timescale, and decode times are the run's.
 */
export function buildInit(video: VideoTrack, audio?: AudioTrack): Buffer {
  // iso6: `tfdt` and default-base-is-moof are understood.
  const ftyp = box('ftyp', Buffer.from('iso6\0\0\0\x01iso6isommp41', 'latin1'));
  const tracks = audio === undefined ? [video] : [video, audio];
  const trex = tracks.map((track) => fullBox('trex', {}, u32(TRACK_IDS[track.kind], 1, 0, 0, 0)));
  const header = { timescale: MOVIE_TIMESCALE, duration: 0, createdEpochSeconds: undefined };
  return Buffer.concat([ftyp, movieBox(header, tracks.map(initTrack), box('mvex', ...trex))]);
}

/**
 * The part as buffers for one gathered write: headers first, then the payloads, which are not
 * copied. Where a fragment does not begin at the end of the one before it, the sample before it is
 * given the length that keeps time true. Throws `corrupt` (decode-time) when time runs backwards,
 * `exhausted` beyond 2 GiB, `internal` when there is nothing to write.
 */
export function buildPart(content: PartContent): Buffer[] {
  const groups = (
    [
      ['video', content.video],
      ['audio', content.audio],
    ] as const
  )
    .filter(([, fragments]) => fragments.length > 0)
    .map(([kind, fragments]) => ({
      trackId: TRACK_IDS[kind],
      table: joinFragments(fragments),
      payloads: fragments.map((fragment) => fragment.payload),
    }));
  if (groups.length === 0) throw new AppError('internal', 'a part without media');
  const mfhd = fullBox('mfhd', {}, u32(content.sequenceNumber));
  const moofAt = (start: number): Buffer => {
    let offset = start;
    const trafs = groups.map(({ trackId, table }) => {
      const traf = trackFragmentBox(trackId, table, offset);
      offset += sizeOf(table);
      return traf;
    });
    return box('moof', mfhd, ...trafs);
  };
  const dataBytes = groups.reduce((total, { table }) => total + sizeOf(table), 0);
  const mdatHeader = boxHeader('mdat', dataBytes);
  // The data offsets have a fixed width, so a first draft tells how long the box will be.
  const moofBytes = moofAt(0).length;
  if (moofBytes + mdatHeader.length + dataBytes > PART_MAX_BYTES) {
    throw new AppError('exhausted', `a part of ${dataBytes} bytes, limit ${PART_MAX_BYTES}`);
  }
  const moof = moofAt(moofBytes + mdatHeader.length);
  return [Buffer.concat([moof, mdatHeader]), ...groups.flatMap(({ payloads }) => payloads)];
}

/**
 * Reads the head of a part; `bytes` begins with its `moof` and may go on. A track that the part
 * does not have is an empty table. Throws `corrupt`.
 */
export function readPart(bytes: Buffer): PartTables {
  const moof = boxAt(bytes, 0);
  if (moof.type !== 'moof') throw corrupt('box-missing', 'a part begins with moof');
  let video = EMPTY_TABLE;
  let audio = EMPTY_TABLE;
  let sizeBytes = moof.bytes.length;
  for (const traf of childBoxes(contentOf(moof))) {
    if (traf.type !== 'traf') continue;
    const { trackId, table } = parseTrackFragment(traf);
    if (table.offsetBytes < sizeBytes) throw corrupt('sample-size', 'tracks overlap');
    sizeBytes = table.offsetBytes + sizeOf(table);
    if (trackId === TRACK_IDS.video) video = table;
    else if (trackId === TRACK_IDS.audio) audio = table;
    else throw corrupt('field-value', `track ${trackId}`);
  }
  return { video, audio, moofBytes: moof.bytes.length, sizeBytes };
}

function initTrack(track: Track): MovieTrack {
  const size = track.kind === 'video' ? track : { width: 0, height: 0 };
  return {
    kind: track.kind,
    trackId: TRACK_IDS[track.kind],
    timescale: track.timescale,
    ...{ mediaDuration: 0, movieDuration: 0 },
    ...{ width: size.width, height: size.height },
    sampleEntries: [track.sampleEntry],
    edits: undefined,
    // All four are mandatory (8.6.1.2, 8.7) and empty: the samples are in the parts.
    sampleBoxes: [
      fullBox('stts', {}, u32(0)),
      fullBox('stsc', {}, u32(0)),
      fullBox('stsz', {}, u32(0, 0)),
      fullBox('stco', {}, u32(0)),
    ],
  };
}
