/** H.265 sequence parameter set (ITU-T H.265 7.3.2.2.1), as far as the bit depths. */
import { BitReader, unescapeNal } from './bit-reader.ts';
import { corrupt } from './corrupt.ts';
import { bitDepth, chromaSubsampling, type Cropping, croppedSize, type SpsInfo } from './sps.ts';

/** An SPS and the 12 bytes of general profile, tier and level that `hvcC` repeats. */
export interface H265SpsInfo extends SpsInfo {
  /** general_profile_space to general_level_idc (7.3.3), as in `hvcC`. */
  readonly profileTierLevel: Buffer;
  /** sps_max_sub_layers_minus1 + 1. */
  readonly temporalLayers: number;
  readonly temporalIdNested: boolean;
}

/** Profile 2+1+5 bits, 32 compatibility flags, 48 constraint bits, level 8. */
const PROFILE_TIER_LEVEL_BYTES = 12;

/** Where it begins in the unescaped NAL unit: 2 bytes of header, 1 of ids and layers. */
const PROFILE_TIER_LEVEL_AT = 3;

/** Reads an SPS NAL unit (type 33), with its header. Throws `corrupt` (parameter-set). */
export function parseH265Sps(nal: Buffer): H265SpsInfo {
  const bytes = unescapeNal(nal);
  const reader = new BitReader(bytes);
  // NAL unit header and sps_video_parameter_set_id
  reader.skip(20);
  const subLayers = reader.bits(3);
  const temporalIdNested = reader.flag();
  const profileTierLevel = bytes.subarray(
    PROFILE_TIER_LEVEL_AT,
    PROFILE_TIER_LEVEL_AT + PROFILE_TIER_LEVEL_BYTES,
  );
  reader.skip(PROFILE_TIER_LEVEL_BYTES * 8);
  skipSubLayers(reader, subLayers);
  const id = reader.ue();
  const chromaFormat = reader.ue();
  const separatePlanes = chromaFormat === 3 && reader.flag();
  const coded = { width: reader.ue(), height: reader.ue() };
  const unit = chromaSubsampling(separatePlanes ? 0 : chromaFormat);
  const size = croppedSize(coded, readConformanceWindow(reader), unit);
  const bitDepthLuma = bitDepth(reader.ue());
  const bitDepthChroma = bitDepth(reader.ue());
  return {
    id,
    ...size,
    chromaFormat,
    bitDepthLuma,
    bitDepthChroma,
    profileTierLevel,
    temporalLayers: subLayers + 1,
    temporalIdNested,
  };
}

/** The sub-layers' own profile (88 bits) and level (8 bits), where present (7.3.3). */
function skipSubLayers(reader: BitReader, count: number): void {
  // 7.4.3.2.1: 0 to 6.
  if (count > 6) throw corrupt('parameter-set', `${count} sub-layers`);
  if (count === 0) return;
  const present: { profile: boolean; level: boolean }[] = [];
  for (let i = 0; i < count; i += 1) {
    present.push({ profile: reader.flag(), level: reader.flag() });
  }
  // reserved_zero_2bits up to eight layers
  reader.skip((8 - count) * 2);
  for (const layer of present) reader.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0));
}

function readConformanceWindow(reader: BitReader): Cropping {
  if (!reader.flag()) return { left: 0, right: 0, top: 0, bottom: 0 };
  return { left: reader.ue(), right: reader.ue(), top: reader.ue(), bottom: reader.ue() };
}
