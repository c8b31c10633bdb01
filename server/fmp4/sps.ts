/** What a sequence parameter set says that a container must repeat, for either video codec. */
import { corrupt } from './corrupt.ts';

/** The picture and its sample format. */
export interface SpsInfo {
  readonly id: number;
  /** Luma samples after cropping. */
  readonly width: number;
  readonly height: number;
  /** 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
}

/** Four crop offsets in chroma units: left, right, top, bottom. */
export interface Cropping {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Twice the side of 8K UHD: larger numbers come from damaged bytes, and 16 bits must hold it. */
const MAX_SIDE_PIXELS = 16_384;

/** Horizontal and vertical luma samples per chroma sample (H.264 table 6-1, H.265 table 6-1). */
export function chromaSubsampling(chromaFormat: number): { x: number; y: number } {
  if (chromaFormat > 3) throw corrupt('parameter-set', `chroma format ${chromaFormat}`);
  return { x: chromaFormat === 1 || chromaFormat === 2 ? 2 : 1, y: chromaFormat === 1 ? 2 : 1 };
}

/** The coded size minus the crop. Throws `corrupt` for a size no camera has. */
export function croppedSize(
  coded: { width: number; height: number },
  crop: Cropping,
  unit: { x: number; y: number },
): { width: number; height: number } {
  const width = coded.width - (crop.left + crop.right) * unit.x;
  const height = coded.height - (crop.top + crop.bottom) * unit.y;
  if (width < 1 || height < 1 || width > MAX_SIDE_PIXELS || height > MAX_SIDE_PIXELS) {
    throw corrupt('parameter-set', `picture of ${width} by ${height}`);
  }
  return { width, height };
}

/** Bits per sample from the `bit_depth_minus8` field. */
export function bitDepth(minus8: number): number {
  if (minus8 > 8) throw corrupt('parameter-set', `bit depth ${minus8 + 8}`);
  return minus8 + 8;
}
