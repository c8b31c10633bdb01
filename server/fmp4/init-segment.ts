/** The `moov` of a single-track output of ffmpeg; the `ftyp` before it says nothing we need. */
import { type Box, childBoxes, childrenAt, contentOf, findBox, requireBox } from './box.ts';
import { ByteCursor } from './byte-cursor.ts';
import { corrupt } from './corrupt.ts';
import { audioTrack, videoTrack } from './sample-entry.ts';
import type { Track } from './track.ts';

/** What the one track of a `moov` is. Throws like `parseTrack`. */
export function parseInit(moov: Box): Track {
  const tracks = childBoxes(contentOf(moov)).filter((box) => box.type === 'trak');
  const [trak] = tracks;
  if (trak === undefined || tracks.length > 1) {
    throw corrupt('field-value', `${tracks.length} tracks instead of one`);
  }
  return parseTrack(trak);
}

/**
 * What a `trak` is, also one that `buildInit` wrote. The size comes from the sequence parameter
 * set, H.265 comes out as `hvc1`. Throws `corrupt`, or `unprocessable` (unsupported-codec) naming
 * what it found.
 */
export function parseTrack(trak: Box): Track {
  const media = childrenAt([trak], 'trak', 'mdia');
  const timescale = readTimescale(contentOf(requireBox(media, 'mdhd')));
  const entry = readSampleEntry(media);
  // The media header says which it is; `hdlr` says the same in other words (8.4.3).
  const isVideo = findBox(childrenAt(media, 'minf'), 'vmhd') !== undefined;
  return isVideo ? videoTrack(entry, timescale) : audioTrack(entry, timescale);
}

/** 8.4.2: two times of 32 or 64 bits, then the timescale. */
function readTimescale(mdhd: Buffer): number {
  const cursor = new ByteCursor(mdhd);
  const version = cursor.u8();
  cursor.skip(3 + (version === 1 ? 16 : 8));
  const timescale = cursor.u32();
  if (timescale === 0) throw corrupt('field-value', 'timescale 0');
  return timescale;
}

/** 8.5.2: a count, then the entries; ffmpeg writes one. */
function readSampleEntry(media: readonly Box[]): Box {
  const stsd = requireBox(childrenAt(media, 'minf', 'stbl'), 'stsd');
  const cursor = new ByteCursor(contentOf(stsd));
  cursor.skip(4);
  const count = cursor.u32();
  const [entry] = childBoxes(cursor.take(cursor.remaining));
  if (count !== 1 || entry === undefined) {
    throw corrupt('field-value', `${count} sample entries instead of one`);
  }
  return entry;
}
