/**
 * Parameter sets inside the samples against those of the sample entry. ffmpeg writes the entry once
 * and does not notice that a camera changed its picture size; this is how it is noticed.
 */
import { corrupt } from './corrupt.ts';
import { buildDecoderConfig, type DecoderConfig } from './decoder-config.ts';
import { asParameterSet, isSlice, nalType, type ParameterSet } from './parameter-set.ts';
import { decoderConfigOf, withDecoderConfig } from './sample-entry.ts';
import type { VideoTrack } from './track.ts';

/**
 * True when a key frame brings a parameter set that the track does not have: another content under
 * a known id, or a new id. Identical repeats are not a change, nor are AUD and SEI. `sample` is one
 * sync sample. Throws `corrupt` when its NAL units do not add up.
 */
export function changedParameterSets(track: VideoTrack, sample: Buffer): boolean {
  const config = decoderConfigOf(track);
  return inBandSets(config, sample).some((set) => !isKnown(config, set));
}

/**
 * The track as this key frame describes it: the same object when nothing differs. For the first key
 * frame of a run (the camera's announcement may be older than its encoder's settings) and for the
 * first one after a change. Throws `corrupt` when the sets cannot be read.
 */
export function adoptParameterSets(track: VideoTrack, sample: Buffer): VideoTrack {
  const config = decoderConfigOf(track);
  const inBand = inBandSets(config, sample);
  if (inBand.every((set) => isKnown(config, set))) return track;
  const sets = new Map<string, ParameterSet>();
  // What the key frame brings comes first: the sample entry takes its size from the first SPS.
  for (const set of [...inBand, ...config.sets]) {
    const key = `${set.kind} ${set.id}`;
    if (!sets.has(key)) sets.set(key, set);
  }
  return withDecoderConfig(track, buildDecoderConfig(config, [...sets.values()]));
}

/**
 * True when there is a slice of a picture in the sample. Parameter sets, AUD and SEI alone are what is
 * left of a frame when the connection ends in front of its slices; no decoder takes that for a frame.
 * Throws `corrupt` when the NAL units before the first slice do not add up.
 */
export function hasPicture(track: VideoTrack, sample: Buffer): boolean {
  const config = decoderConfigOf(track);
  for (const nal of nalUnits(config, sample)) {
    if (isSlice(config.codec, nalType(config.codec, nal))) return true;
  }
  return false;
}

/** The parameter sets in front of the first slice; a later one of the same id replaces it. */
function inBandSets(config: DecoderConfig, sample: Buffer): ParameterSet[] {
  const sets = new Map<string, ParameterSet>();
  for (const nal of nalUnits(config, sample)) {
    if (isSlice(config.codec, nalType(config.codec, nal))) break;
    const set = asParameterSet(config.codec, nal);
    if (set !== undefined) sets.set(`${set.kind} ${set.id}`, set);
  }
  return [...sets.values()];
}

/** The NAL units of a sample, read as far as they are asked for. */
function* nalUnits({ nalLengthBytes }: DecoderConfig, sample: Buffer): Generator<Buffer> {
  for (let at = 0; at < sample.length;) {
    const start = at + nalLengthBytes;
    const end = start <= sample.length ? start + sample.readUIntBE(at, nalLengthBytes) : Infinity;
    if (end > sample.length) throw corrupt('sample-size', 'a NAL unit reaches beyond its sample');
    yield sample.subarray(start, end);
    at = end;
  }
}

function isKnown(config: DecoderConfig, set: ParameterSet): boolean {
  return config.sets.some(
    (known) => known.kind === set.kind && known.id === set.id && known.nal.equals(set.nal),
  );
}
