/** One parameter set: which kind, which id, which bytes. */
import { BitReader, unescapeNal } from './bit-reader.ts';
import { corrupt } from './corrupt.ts';
import { parseH264Sps } from './h264-sps.ts';
import { parseH265Sps } from './h265-sps.ts';

/** Either video codec. */
export type VideoCodec = 'h264' | 'h265';

/** A NAL unit that describes the pictures after it. A later one of its kind and id replaces it. */
export interface ParameterSet {
  readonly kind: 'vps' | 'sps' | 'pps';
  readonly id: number;
  /** With its header, without trailing zero bytes. */
  readonly nal: Buffer;
}

/** nal_unit_type by kind (H.264 table 7-1, H.265 table 7-1). */
export const NAL_TYPES = {
  h264: { sps: 7, pps: 8 },
  h265: { vps: 32, sps: 33, pps: 34 },
} as const;

/** nal_unit_type; -1 for an empty NAL unit, which is nothing. */
export function nalType(codec: VideoCodec, nal: Buffer): number {
  const first = nal[0];
  if (first === undefined) return -1;
  return codec === 'h264' ? first & 0x1f : (first >> 1) & 0x3f;
}

/** True for a coded slice: what follows it belongs to a picture that is being decoded already. */
export function isSlice(codec: VideoCodec, type: number): boolean {
  return codec === 'h264' ? type >= 1 && type <= 5 : type >= 0 && type <= 31;
}

/** The NAL unit as a parameter set, undefined when it is none. Throws `corrupt` (parameter-set). */
export function asParameterSet(codec: VideoCodec, nal: Buffer): ParameterSet | undefined {
  const type = nalType(codec, nal);
  if (codec === 'h264') {
    if (type === NAL_TYPES.h264.sps) return make('sps', parseH264Sps(nal).id, 31, nal);
    if (type === NAL_TYPES.h264.pps) return make('pps', leadingUe(nal, 8), 255, nal);
    return undefined;
  }
  if (type === NAL_TYPES.h265.vps) return make('vps', leadingBits(nal, 4), 15, nal);
  if (type === NAL_TYPES.h265.sps) return make('sps', parseH265Sps(nal).id, 15, nal);
  if (type === NAL_TYPES.h265.pps) return make('pps', leadingUe(nal, 16), 63, nal);
  return undefined;
}

function make(kind: ParameterSet['kind'], id: number, maxId: number, nal: Buffer): ParameterSet {
  if (id > maxId) throw corrupt('parameter-set', `${kind} with id ${id}`);
  return { kind, id, nal: withoutTrailingZeros(nal) };
}

/** trailing_zero_8bits (H.264 annex B) may or may not have been cut off on the way. */
function withoutTrailingZeros(nal: Buffer): Buffer {
  let end = nal.length;
  while (end > 1 && nal[end - 1] === 0) end -= 1;
  return nal.subarray(0, end);
}

/** pic_parameter_set_id: the first field after the NAL unit header in both codecs. */
function leadingUe(nal: Buffer, headerBits: number): number {
  // An id of at most 255 takes 17 bits; 8 bytes hold it with the header and any escapes.
  const reader = new BitReader(unescapeNal(nal.subarray(0, 8)));
  reader.skip(headerBits);
  return reader.ue();
}

/** vps_video_parameter_set_id. */
function leadingBits(nal: Buffer, count: number): number {
  const reader = new BitReader(nal);
  reader.skip(16);
  return reader.bits(count);
}
