/** Sample entries of `stsd` (ISO/IEC 14496-12 8.5.2): what codec, and how it is set up. */
import { AppError } from '../base/errors.ts';
import { parseAacConfig, parseEsds } from './aac-config.ts';
import { type Box, childBoxes, findBox, printable } from './box.ts';
import { box } from './box-writer.ts';
import { aacCodecString, avcCodecString, hevcCodecString } from './codec-string.ts';
import { corrupt } from './corrupt.ts';
import { type DecoderConfig, parseDecoderConfig, spsOf } from './decoder-config.ts';
import type { AudioTrack, VideoTrack } from './track.ts';

/** Where the boxes begin inside a visual sample entry (12.1.3.2), counted from its size field. */
const VISUAL_BOXES_AT = 86;

/** Where they begin in an audio sample entry of version 0 (12.2.3.2). */
const AUDIO_BOXES_AT = 36;

/** channelcount within the audio sample entry. */
const CHANNEL_COUNT_AT = 24;

/** width within the visual sample entry; height follows. */
const WIDTH_AT = 32;

/** objectTypeIndication of MPEG-4 audio (14496-1 table 5). */
const OBJECT_TYPE_MPEG4_AUDIO = 0x40;

/** What people call what their camera may be set to. */
const KNOWN_NAMES: ReadonlyMap<string, string> = new Map([
  ['mp4v', 'MPEG-4 Part 2'],
  ['jpeg', 'Motion JPEG'],
  ['mjpa', 'Motion JPEG'],
  ['av01', 'AV1'],
  ['vp08', 'VP8'],
  ['vp09', 'VP9'],
  ['Opus', 'Opus'],
  ['.mp3', 'MP3'],
  ['ac-3', 'AC-3'],
  ['fLaC', 'FLAC'],
]);

/** The track that an entry describes. Throws `corrupt`, or `unprocessable` (unsupported-codec). */
export function videoTrack(entry: Box, timescale: number): VideoTrack {
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
      return fromVisualEntry(entry, 'h264', timescale);
    case 'hvc1':
    case 'hev1':
      return fromVisualEntry(entry, 'h265', timescale);
    default:
      throw unsupported('video', entry.type);
  }
}

/** The sound track that a sample entry describes. Throws like `videoTrack`. */
export function audioTrack(entry: Box, timescale: number): AudioTrack {
  if (entry.type !== 'mp4a') throw unsupported('sound', entry.type);
  if (entry.bytes.length < AUDIO_BOXES_AT) throw corrupt('box-truncated', 'mp4a');
  const esds = findBox(childBoxes(entry.bytes.subarray(AUDIO_BOXES_AT)), 'esds');
  if (esds === undefined) throw corrupt('box-missing', 'no esds');
  const { objectType, specificInfo } = parseEsds(esds.bytes.subarray(esds.headerBytes));
  if (objectType !== OBJECT_TYPE_MPEG4_AUDIO || specificInfo === undefined) {
    throw unsupported('sound', `mp4a.${objectType.toString(16)}`);
  }
  const { audioObjectType, sampleRate, channels } = parseAacConfig(specificInfo);
  return {
    kind: 'audio',
    timescale,
    codec: 'aac',
    codecString: aacCodecString(audioObjectType),
    sampleRate,
    channels: channels === 0 ? entry.bytes.readUInt16BE(CHANNEL_COUNT_AT) : channels,
    sampleEntry: entry.bytes,
  };
}

/** The decoder configuration within a track's sample entry. Throws `corrupt`. */
export function decoderConfigOf(track: Pick<VideoTrack, 'codec' | 'sampleEntry'>): DecoderConfig {
  const boxes = childBoxes(track.sampleEntry.subarray(VISUAL_BOXES_AT));
  const config = findBox(boxes, configType(track.codec));
  // ffmpeg leaves the record out when the camera never sent its parameter sets.
  if (config === undefined) throw corrupt('parameter-set', 'no decoder configuration');
  return parseDecoderConfig(track.codec, config.bytes.subarray(config.headerBytes));
}

/** The track with another decoder configuration box: name, size and codec string follow it. */
export function withDecoderConfig(
  track: Pick<VideoTrack, 'codec' | 'sampleEntry' | 'timescale'>,
  config: Buffer,
): VideoTrack {
  const { codec, timescale } = track;
  const old = childBoxes(track.sampleEntry.subarray(VISUAL_BOXES_AT));
  const others = old.filter((child) => child.type !== configType(codec));
  const fields = Buffer.from(track.sampleEntry.subarray(8, VISUAL_BOXES_AT));
  const record = config.subarray(8);
  const { width, height } = spsOf(parseDecoderConfig(codec, record));
  fields.writeUInt16BE(width, WIDTH_AT - 8);
  fields.writeUInt16BE(height, WIDTH_AT - 6);
  const name = codec === 'h264' ? 'avc1' : 'hvc1';
  return {
    kind: 'video',
    timescale,
    codec,
    codecString: codec === 'h264' ? avcCodecString(record) : hevcCodecString(record),
    width,
    height,
    sampleEntry: box(name, fields, config, ...others.map((child) => child.bytes)),
  };
}

function fromVisualEntry(entry: Box, codec: VideoTrack['codec'], timescale: number): VideoTrack {
  if (entry.bytes.length < VISUAL_BOXES_AT) throw corrupt('box-truncated', printable(entry.type));
  const given = { codec, timescale, sampleEntry: entry.bytes };
  const { record } = decoderConfigOf(given);
  const isHevc = codec === 'h265';
  return withDecoderConfig(given, box(configType(codec), isHevc ? complete(record) : record));
}

/**
 * `hvc1` promises that the parameter sets are in the record (14496-15 8.3.3.1.3), `hev1` does not,
 * and Apple's players take `hvc1` only. So each array of parameter sets is marked complete.
 */
function complete(record: Buffer): Buffer {
  const marked = Buffer.from(record);
  let at = 23;
  for (let arrays = marked.readUInt8(22); arrays > 0; arrays -= 1) {
    const header = marked.readUInt8(at);
    const type = header & 0x3f;
    if (type >= 32 && type <= 34) marked[at] = header | 0x80;
    let nals = marked.readUInt16BE(at + 1);
    for (at += 3; nals > 0; nals -= 1) at += 2 + marked.readUInt16BE(at);
  }
  return marked;
}

function configType(codec: VideoTrack['codec']): string {
  return codec === 'h264' ? 'avcC' : 'hvcC';
}

function unsupported(what: 'video' | 'sound', type: string): AppError {
  const name = KNOWN_NAMES.get(type) ?? `"${printable(type)}"`;
  return new AppError('unprocessable', `Doorkeep cannot record ${what} of the kind ${name}.`, {
    reason: 'unsupported-codec',
    hint:
      what === 'video'
        ? 'In the settings of the camera, choose H.264 or H.265 for the video.'
        : 'In the settings of the camera, choose AAC or G.711 for the sound, or none.',
  });
}
