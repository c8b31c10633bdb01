/** `avcC` and `hvcC`: how a sample entry carries parameter sets (ISO/IEC 14496-15 5.3.3, 8.3.3). */
import { box, u16 } from './box-writer.ts';
import { ByteCursor } from './byte-cursor.ts';
import { corrupt } from './corrupt.ts';
import { parseH264Sps } from './h264-sps.ts';
import { parseH265Sps } from './h265-sps.ts';
import { asParameterSet, NAL_TYPES, type ParameterSet, type VideoCodec } from './parameter-set.ts';
import type { SpsInfo } from './sps.ts';

/** A decoder configuration record, read. */
export interface DecoderConfig {
  readonly codec: VideoCodec;
  /** Bytes of the length in front of each NAL unit of a sample: 1, 2 or 4. */
  readonly nalLengthBytes: number;
  readonly sets: readonly ParameterSet[];
  /** The record: the content of the box. */
  readonly record: Buffer;
}

/** Of `avcC`: the profiles that repeat chroma format and bit depths (5.3.3.1.2). */
const AVC_HIGH_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 144, 244]);

/** `hvcC` up to and including numOfArrays (8.3.3.1.2). */
const HVCC_HEADER_BYTES = 23;

/** Reads the content of `avcC` or `hvcC`. Throws `corrupt` (parameter-set). */
export function parseDecoderConfig(codec: VideoCodec, record: Buffer): DecoderConfig {
  const cursor = new ByteCursor(record);
  const version = cursor.u8();
  if (version !== 1) throw corrupt('parameter-set', `decoder configuration version ${version}`);
  return codec === 'h264' ? parseAvcC(cursor, record) : parseHvcC(cursor, record);
}

/** The first sequence parameter set, read. Throws `corrupt` (parameter-set) when there is none. */
export function spsOf(config: DecoderConfig): SpsInfo {
  const { nal } = firstSps(config.sets);
  return config.codec === 'h264' ? parseH264Sps(nal) : parseH265Sps(nal);
}

/** The box (`avcC`, `hvcC`) that holds these sets; what is not derived from them stays. */
export function buildDecoderConfig(base: DecoderConfig, sets: readonly ParameterSet[]): Buffer {
  return base.codec === 'h264' ? buildAvcC(base, sets) : buildHvcC(base, sets);
}

function parseAvcC(cursor: ByteCursor, record: Buffer): DecoderConfig {
  // Profile, compatibility and level.
  cursor.skip(3);
  const nalLengthBytes = (cursor.u8() & 3) + 1;
  const sets: ParameterSet[] = [];
  const spsCount = cursor.u8() & 0x1f;
  for (let i = 0; i < spsCount; i += 1) addSet(sets, 'h264', cursor.take(cursor.u16()));
  const ppsCount = cursor.u8();
  for (let i = 0; i < ppsCount; i += 1) addSet(sets, 'h264', cursor.take(cursor.u16()));
  return { codec: 'h264', nalLengthBytes, sets, record };
}

function parseHvcC(cursor: ByteCursor, record: Buffer): DecoderConfig {
  cursor.skip(20);
  const nalLengthBytes = (cursor.u8() & 3) + 1;
  const sets: ParameterSet[] = [];
  const arrays = cursor.u8();
  for (let array = 0; array < arrays; array += 1) {
    cursor.skip(1);
    const nals = cursor.u16();
    for (let i = 0; i < nals; i += 1) addSet(sets, 'h265', cursor.take(cursor.u16()));
  }
  return { codec: 'h265', nalLengthBytes, sets, record };
}

/** Keeps parameter sets; SEI messages that a record may carry too are repeated in the samples. */
function addSet(sets: ParameterSet[], codec: VideoCodec, nal: Buffer): void {
  const set = asParameterSet(codec, nal);
  if (set !== undefined) sets.push(set);
}

function firstSps(sets: readonly ParameterSet[]): ParameterSet {
  const sps = sets.find((set) => set.kind === 'sps');
  if (sps === undefined) throw corrupt('parameter-set', 'no sequence parameter set');
  return sps;
}

function buildAvcC(base: DecoderConfig, sets: readonly ParameterSet[]): Buffer {
  const sps = sets.filter((set) => set.kind === 'sps');
  const pps = sets.filter((set) => set.kind === 'pps');
  // 5 and 8 bits count them.
  if (sps.length > 31 || pps.length > 255) throw corrupt('parameter-set', 'too many sets');
  const { nal } = firstSps(sets);
  const content = [
    Buffer.from([1]),
    nal.subarray(1, 4),
    Buffer.from([0xfc | (base.nalLengthBytes - 1), 0xe0 | sps.length]),
    ...sps.flatMap(lengthPrefixed),
    Buffer.from([pps.length]),
    ...pps.flatMap(lengthPrefixed),
  ];
  if (AVC_HIGH_PROFILES.has(nal.readUInt8(1))) {
    const { chromaFormat, bitDepthLuma, bitDepthChroma } = parseH264Sps(nal);
    // No sequence parameter set extensions: they are for alpha planes.
    content.push(
      Buffer.from([0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8), 0]),
    );
  }
  return box('avcC', ...content);
}

function buildHvcC(base: DecoderConfig, sets: readonly ParameterSet[]): Buffer {
  const sps = parseH265Sps(firstSps(sets).nal);
  const header = Buffer.from(base.record.subarray(0, HVCC_HEADER_BYTES));
  sps.profileTierLevel.copy(header, 1);
  header[16] = 0xfc | sps.chromaFormat;
  header[17] = 0xf8 | (sps.bitDepthLuma - 8);
  header[18] = 0xf8 | (sps.bitDepthChroma - 8);
  // Frame rate not stated, temporal layers as the set says.
  header[21] =
    (sps.temporalLayers << 3) | (sps.temporalIdNested ? 4 : 0) | (base.nalLengthBytes - 1);
  const kinds = (['vps', 'sps', 'pps'] as const).filter((kind) =>
    sets.some((set) => set.kind === kind),
  );
  header[22] = kinds.length;
  const arrays = kinds.flatMap((kind) => {
    const ofKind = sets.filter((set) => set.kind === kind);
    // array_completeness = 1: `hvc1` promises that all sets are here (8.3.3.1.3).
    const start = Buffer.from([0x80 | NAL_TYPES.h265[kind]]);
    return [start, u16(ofKind.length), ...ofKind.flatMap(lengthPrefixed)];
  });
  return box('hvcC', header, ...arrays);
}

function lengthPrefixed(set: ParameterSet): Buffer[] {
  return [u16(set.nal.length), set.nal];
}
