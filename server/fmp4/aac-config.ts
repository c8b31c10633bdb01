/** `esds`: the MPEG-4 elementary stream descriptor of a sound track (ISO/IEC 14496-1 7.2.6). */
import { BitReader } from './bit-reader.ts';
import { ByteCursor } from './byte-cursor.ts';
import { corrupt } from './corrupt.ts';

/** AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1). */
export interface AacConfig {
  readonly audioObjectType: number;
  readonly sampleRate: number;
  /** 0 when the layout is in the stream itself; then the sample entry's count holds. */
  readonly channels: number;
}

/** What an `esds` names: the kind of sound, and the configuration when that kind is AAC. */
export interface ElementaryStream {
  /** objectTypeIndication (14496-1 table 5); 0x40 is MPEG-4 audio. */
  readonly objectType: number;
  /** DecoderSpecificInfo; undefined when absent. */
  readonly specificInfo: Buffer | undefined;
}

const TAG_ES = 3;
const TAG_DECODER_CONFIG = 4;
const TAG_SPECIFIC_INFO = 5;

/** samplingFrequencyIndex (14496-3 table 1.18). */
const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
  7350,
];

/** channelConfiguration (14496-3 table 1.19); 7 is 7.1. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

/** Reads the content of `esds`. Throws `corrupt`. */
export function parseEsds(content: Buffer): ElementaryStream {
  const cursor = new ByteCursor(content);
  // Version and flags.
  cursor.skip(4);
  const stream = expectDescriptor(cursor, TAG_ES);
  // ES_ID, then what optional fields follow.
  stream.skip(2);
  const flags = stream.u8();
  if ((flags & 0x80) !== 0) stream.skip(2);
  if ((flags & 0x40) !== 0) stream.skip(stream.u8());
  if ((flags & 0x20) !== 0) stream.skip(2);
  const config = expectDescriptor(stream, TAG_DECODER_CONFIG);
  const objectType = config.u8();
  // streamType, bufferSizeDB, maxBitrate, avgBitrate
  config.skip(12);
  if (config.remaining === 0) return { objectType, specificInfo: undefined };
  const info = expectDescriptor(config, TAG_SPECIFIC_INFO);
  return { objectType, specificInfo: info.take(info.remaining) };
}

/** Reads an AudioSpecificConfig. Throws `corrupt`. */
export function parseAacConfig(bytes: Buffer): AacConfig {
  const reader = new BitReader(bytes);
  const audioObjectType = readObjectType(reader);
  let sampleRate = readSampleRate(reader);
  const channels = CHANNELS[reader.bits(4)];
  if (channels === undefined) throw corrupt('field-value', 'channel configuration');
  // SBR and PS state the rate of what is heard after the rate of the core (1.6.2.1).
  if (audioObjectType === 5 || audioObjectType === 29) sampleRate = readSampleRate(reader);
  return { audioObjectType, sampleRate, channels };
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === 31 ? 32 + reader.bits(6) : type;
}

function readSampleRate(reader: BitReader): number {
  const index = reader.bits(4);
  const rate = index === 15 ? reader.bits(24) : SAMPLE_RATES[index];
  if (rate === undefined || rate === 0) throw corrupt('field-value', `sample rate ${index}`);
  return rate;
}

/** The body of the descriptor that must come next; its length is 7 bits per byte (8.3.3). */
function expectDescriptor(cursor: ByteCursor, tag: number): ByteCursor {
  const found = cursor.u8();
  if (found !== tag) throw corrupt('field-value', `descriptor ${found} where ${tag} belongs`);
  let length = 0;
  // Four bytes at most, by the same clause.
  for (let i = 0; i < 4; i += 1) {
    const byte = cursor.u8();
    length = length * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) break;
  }
  return new ByteCursor(cursor.take(length));
}
