/**
 * Where fragments lie in time: the little of ISO/IEC 14496-12 that a player has to know itself. Pure.
 * The bytes are the box's own; what does not read is undefined and costs the viewer a new beginning.
 */

/** What fragments of a track leave to the init segment. */
export interface TrackDefaults {
  /** Ticks per second (8.4.2). */
  readonly timescale: number;
  /** Of a sample, in ticks (`trex`, 8.8.3). */
  readonly durationTicks: number;
  readonly sampleFlags: number;
}

/** By track number, as the init segment has them. */
export type Tracks = ReadonlyMap<number, TrackDefaults>;

/** A fragment of one track, in milliseconds of media time. */
export interface FragmentTimes {
  readonly trackId: number;
  readonly startMs: number;
  readonly durationMs: number;
  /** Decoding can begin here. */
  readonly key: boolean;
}

/** The video of everything that Doorkeep sends is track 1. */
export const VIDEO_TRACK = 1;

/** sample_is_non_sync_sample (8.8.3.1). */
const NON_SYNC = 0x1_0000;

/** A box header with a 64-bit size; ours are shorter. */
const LONG_SIZE = 1;

/** The tracks of an init segment; undefined for what is none. */
export function readTracks(init: Uint8Array): Tracks | undefined {
  const moov = find(boxesIn(init), 'moov');
  if (moov === undefined) return undefined;
  const inMoov = boxesIn(moov);
  const defaults = new Map<number, DataView>();
  for (const trex of all(boxesIn(find(inMoov, 'mvex') ?? NOTHING), 'trex')) {
    if (trex.byteLength >= 24) defaults.set(viewOf(trex).getUint32(4), viewOf(trex));
  }
  const tracks = new Map<number, TrackDefaults>();
  for (const trak of all(inMoov, 'trak')) {
    const inTrak = boxesIn(trak);
    const trackId = afterTimes(find(inTrak, 'tkhd'));
    const timescale = afterTimes(find(boxesIn(find(inTrak, 'mdia') ?? NOTHING), 'mdhd'));
    if (trackId === undefined || timescale === undefined || timescale === 0) return undefined;
    const trex = defaults.get(trackId);
    const durationTicks = trex?.getUint32(12) ?? 0;
    tracks.set(trackId, { timescale, durationTicks, sampleFlags: trex?.getUint32(20) ?? 0 });
  }
  return tracks.size === 0 ? undefined : tracks;
}

/** The times of a movie fragment; undefined for what is none, or of a track that was not announced. */
export function readFragmentTimes(bytes: Uint8Array, tracks: Tracks): FragmentTimes | undefined {
  const moof = find(boxesIn(bytes), 'moof');
  const inTraf = boxesIn(find(boxesIn(moof ?? NOTHING), 'traf') ?? NOTHING);
  const [header, time] = [find(inTraf, 'tfhd'), find(inTraf, 'tfdt')];
  if (header === undefined || time === undefined || time.byteLength < 8) return undefined;
  const fragment = fragmentDefaults(header, tracks);
  if (fragment === undefined) return undefined;
  const { trackId, timescale } = fragment;
  const view = viewOf(time);
  const isLong = view.getUint8(0) === 1 && time.byteLength >= 12;
  const startTicks = isLong ? Number(view.getBigUint64(4)) : view.getUint32(4);
  let durationTicks = 0;
  let firstFlags: number | undefined;
  for (const trun of all(inTraf, 'trun')) {
    const samples = readSamples(trun, fragment);
    if (samples === undefined) return undefined;
    durationTicks += samples.durationTicks;
    firstFlags ??= samples.firstFlags;
  }
  if (firstFlags === undefined) return undefined;
  return {
    trackId,
    startMs: (startTicks / timescale) * 1_000,
    durationMs: (durationTicks / timescale) * 1_000,
    key: (firstFlags & NON_SYNC) === 0,
  };
}

/** 8.8.7: optional fields in the order of their flags. */
function fragmentDefaults(
  tfhd: Uint8Array,
  tracks: Tracks,
): (TrackDefaults & { readonly trackId: number }) | undefined {
  const view = viewOf(tfhd);
  if (tfhd.byteLength < 8) return undefined;
  const flags = view.getUint32(0) & 0xff_ffff;
  const trackId = view.getUint32(4);
  const track = tracks.get(trackId);
  if (track === undefined) return undefined;
  let at = 8;
  if ((flags & 0x01) !== 0) at += 8;
  if ((flags & 0x02) !== 0) at += 4;
  const hasDuration = (flags & 0x08) !== 0;
  const hasFlags = (flags & 0x20) !== 0;
  const flagsAt = at + (hasDuration ? 4 : 0) + ((flags & 0x10) === 0 ? 0 : 4);
  if (tfhd.byteLength < flagsAt + (hasFlags ? 4 : 0)) return undefined;
  return {
    ...{ trackId, timescale: track.timescale },
    durationTicks: hasDuration ? view.getUint32(at) : track.durationTicks,
    sampleFlags: hasFlags ? view.getUint32(flagsAt) : track.sampleFlags,
  };
}

/** 8.8.8: the sum of the durations, and the flags of the first sample. */
function readSamples(
  trun: Uint8Array,
  defaults: TrackDefaults,
): { readonly durationTicks: number; readonly firstFlags: number | undefined } | undefined {
  const view = viewOf(trun);
  if (trun.byteLength < 8) return undefined;
  const flags = view.getUint32(0) & 0xff_ffff;
  const count = view.getUint32(4);
  const firstFlagsAt = 8 + ((flags & 0x01) === 0 ? 0 : 4);
  const hasFirstFlags = (flags & 0x04) !== 0;
  const samplesAt = firstFlagsAt + (hasFirstFlags ? 4 : 0);
  const hasDuration = (flags & 0x100) !== 0;
  const fields = [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0).length;
  if (samplesAt + count * fields * 4 > trun.byteLength) return undefined;
  if (count === 0) return { durationTicks: 0, firstFlags: undefined };
  let durationTicks = hasDuration ? 0 : count * defaults.durationTicks;
  for (let sample = 0; hasDuration && sample < count; sample += 1) {
    durationTicks += view.getUint32(samplesAt + sample * fields * 4);
  }
  if (hasFirstFlags) return { durationTicks, firstFlags: view.getUint32(firstFlagsAt) };
  if ((flags & 0x400) === 0) return { durationTicks, firstFlags: defaults.sampleFlags };
  const before = [0x100, 0x200].filter((flag) => (flags & flag) !== 0).length;
  return { durationTicks, firstFlags: view.getUint32(samplesAt + before * 4) };
}

/** `tkhd` (8.3.2) and `mdhd` (8.4.2): after two times of 32 or 64 bits stands what is wanted. */
function afterTimes(content: Uint8Array | undefined): number | undefined {
  if (content === undefined || content.byteLength < 24) return undefined;
  const view = viewOf(content);
  return view.getUint32(view.getUint8(0) === 1 ? 20 : 12);
}

interface Box {
  readonly type: string;
  readonly content: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** The boxes side by side in `bytes`; a box that reaches beyond them ends the list. */
function boxesIn(bytes: Uint8Array): Box[] {
  const boxes: Box[] = [];
  const view = viewOf(bytes);
  for (let at = 0; at + 8 <= bytes.byteLength;) {
    const size = view.getUint32(at);
    if (size === LONG_SIZE || size < 8 || at + size > bytes.byteLength) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    boxes.push({ type, content: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

function find(boxes: readonly Box[], type: string): Uint8Array | undefined {
  return boxes.find((box) => box.type === type)?.content;
}

function all(boxes: readonly Box[], type: string): Uint8Array[] {
  return boxes.filter((box) => box.type === type).map(({ content }) => content);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
