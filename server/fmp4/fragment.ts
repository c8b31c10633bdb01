/** One movie fragment of one track: `moof` + `mdat` (ISO/IEC 14496-12 8.8). */
import { type Box, childBoxes, contentOf } from './box.ts';
import { corrupt } from './corrupt.ts';
import { durationOf, type SampleTable, sizeOf, valueAt } from './sample-table.ts';
import { parseTrackFragment } from './track-fragment.ts';

/** One sample (a frame of video, a packet of sound) as `trun` describes it. */
export interface Sample {
  readonly durationTicks: number;
  readonly sizeBytes: number;
  /** Presentation minus decode time; 0 without B-frames. */
  readonly compositionOffsetTicks: number;
  /** True when decoding can start here (14496-12 8.8.3.1, sample_is_non_sync_sample = 0). */
  readonly sync: boolean;
}

/** A parsed fragment of a single-track stream. Times are in the track's timescale. */
export interface Fragment {
  readonly kind: 'video' | 'audio';
  /** `tfdt`: decode time of the first sample since the run's start. */
  readonly decodeTimeTicks: number;
  /** Sum of the samples' durations. */
  readonly durationTicks: number;
  /** The first sample is a sync sample (for sound: always). */
  readonly key: boolean;
  readonly samples: readonly Sample[];
  /** `moof` and `mdat` as they came: what a live viewer is sent. */
  readonly bytes: Buffer;
  /** The samples' bytes, in order: the payload of `mdat` (a view into `bytes`). */
  readonly payload: Buffer;
}

/**
 * Reads one movie fragment of a single-track output. Throws `corrupt` when a box is missing or the
 * samples do not fill `mdat` exactly.
 */
export function parseFragment(kind: Fragment['kind'], moof: Box, mdat: Box): Fragment {
  const trafs = childBoxes(contentOf(moof)).filter((box) => box.type === 'traf');
  const traf = trafs[0];
  if (traf === undefined || trafs.length > 1) {
    throw corrupt('field-value', `${trafs.length} tracks in a fragment of one`);
  }
  const { table } = parseTrackFragment(traf);
  const payload = contentOf(mdat);
  if (table.offsetBytes !== moof.bytes.length + mdat.headerBytes) {
    throw corrupt('sample-size', `samples at ${table.offsetBytes}, not at the start of mdat`);
  }
  if (sizeOf(table) !== payload.length) {
    throw corrupt('sample-size', `samples of ${sizeOf(table)} bytes, mdat of ${payload.length}`);
  }
  const bytes = joined(moof.bytes, mdat.bytes);
  const samples = samplesOf(table, kind);
  return {
    kind,
    decodeTimeTicks: table.decodeTimeTicks,
    durationTicks: durationOf(table),
    key: samples[0]?.sync ?? false,
    samples,
    bytes,
    payload: bytes.subarray(table.offsetBytes),
  };
}

/** Both boxes as one buffer: a view when they lie side by side in one chunk, else a copy. */
function joined(moof: Buffer, mdat: Buffer): Buffer {
  const sideBySide =
    moof.buffer === mdat.buffer && moof.byteOffset + moof.length === mdat.byteOffset;
  if (!sideBySide) return Buffer.concat([moof, mdat]);
  return Buffer.from(moof.buffer, moof.byteOffset, moof.length + mdat.length);
}

function samplesOf(table: SampleTable, kind: Fragment['kind']): Sample[] {
  const samples: Sample[] = [];
  for (let index = 0; index < table.count; index += 1) {
    samples.push({
      sizeBytes: valueAt(table.sizes, index),
      durationTicks: valueAt(table.durations, index),
      compositionOffsetTicks: valueAt(table.compositionOffsets, index),
      // Every packet of AAC can be decoded; some muxers flag only the first.
      sync: kind === 'audio' || table.sync[index] === 1,
    });
  }
  return samples;
}
