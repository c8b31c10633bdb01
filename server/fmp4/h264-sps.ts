/** H.264 sequence parameter set (ITU-T H.264 7.3.2.1.1), as far as the frame cropping. */
import { BitReader, unescapeNal } from './bit-reader.ts';
import { corrupt } from './corrupt.ts';
import { bitDepth, chromaSubsampling, type Cropping, croppedSize, type SpsInfo } from './sps.ts';

/** Profiles whose set carries chroma format, bit depth and scaling lists. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
]);

/** num_ref_frames_in_pic_order_cnt_cycle is 0 to 255 (7.4.2.1.1). */
const MAX_POC_CYCLE = 255;

/** Reads an SPS NAL unit (type 7), with its header byte. Throws `corrupt` (parameter-set). */
export function parseH264Sps(nal: Buffer): SpsInfo {
  const reader = new BitReader(unescapeNal(nal));
  reader.skip(8);
  const profile = reader.bits(8);
  // Constraint flags and level.
  reader.skip(16);
  const id = reader.ue();
  const format = readFormat(reader, profile);
  // log2_max_frame_num_minus4
  reader.ue();
  skipPictureOrder(reader);
  // max_num_ref_frames, then gaps_in_frame_num_value_allowed_flag
  reader.ue();
  reader.skip(1);
  const widthInMacroblocks = reader.ue() + 1;
  const heightInMapUnits = reader.ue() + 1;
  const framesOnly = reader.flag();
  // Two fields of half the height make a frame.
  const fields = framesOnly ? 1 : 2;
  // mb_adaptive_frame_field_flag, and direct_8x8_inference_flag
  reader.skip(framesOnly ? 1 : 2);
  const sub = chromaSubsampling(format.separatePlanes ? 0 : format.chromaFormat);
  const size = croppedSize(
    { width: widthInMacroblocks * 16, height: heightInMapUnits * 16 * fields },
    readCropping(reader),
    { x: sub.x, y: sub.y * fields },
  );
  const { chromaFormat, bitDepthLuma, bitDepthChroma } = format;
  return { id, ...size, chromaFormat, bitDepthLuma, bitDepthChroma };
}

interface Format {
  chromaFormat: number;
  separatePlanes: boolean;
  bitDepthLuma: number;
  bitDepthChroma: number;
}

function readFormat(reader: BitReader, profile: number): Format {
  if (!HIGH_PROFILES.has(profile)) {
    return { chromaFormat: 1, separatePlanes: false, bitDepthLuma: 8, bitDepthChroma: 8 };
  }
  const chromaFormat = reader.ue();
  const separatePlanes = chromaFormat === 3 && reader.flag();
  const bitDepthLuma = bitDepth(reader.ue());
  const bitDepthChroma = bitDepth(reader.ue());
  // qpprime_y_zero_transform_bypass_flag
  reader.skip(1);
  if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8);
  return { chromaFormat, separatePlanes, bitDepthLuma, bitDepthChroma };
}

/** 7.3.2.1.1.1: only the deltas are coded, and a scale of 0 ends a list early. */
function skipScalingLists(reader: BitReader, lists: number): void {
  for (let list = 0; list < lists; list += 1) {
    if (!reader.flag()) continue;
    const entries = list < 6 ? 16 : 64;
    let scale = 8;
    for (let entry = 0; entry < entries && scale !== 0; entry += 1) {
      scale = (scale + reader.se() + 256) % 256;
    }
  }
}

function skipPictureOrder(reader: BitReader): void {
  const type = reader.ue();
  if (type === 0) {
    // log2_max_pic_order_cnt_lsb_minus4
    reader.ue();
  } else if (type === 1) {
    // delta_pic_order_always_zero_flag and two offsets
    reader.skip(1);
    reader.se();
    reader.se();
    const cycle = reader.ue();
    if (cycle > MAX_POC_CYCLE) throw corrupt('parameter-set', `order cycle of ${cycle}`);
    for (let i = 0; i < cycle; i += 1) reader.se();
  }
}

function readCropping(reader: BitReader): Cropping {
  if (!reader.flag()) return { left: 0, right: 0, top: 0, bottom: 0 };
  return { left: reader.ue(), right: reader.ue(), top: reader.ue(), bottom: reader.ue() };
}
