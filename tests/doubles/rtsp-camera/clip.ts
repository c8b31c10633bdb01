/** Frames to play: loaded from a file that ffmpeg made or can read, kept in memory. */
import { runFfmpeg } from '../../fixtures/test-ffmpeg.ts';
import type { AudioFormat, Picture, VideoFormat } from './media-source.ts';

/** A clip's picture. */
export interface VideoClip extends VideoFormat {
  readonly frames: readonly VideoFrame[];
}

/** One access unit in decode order. */
export interface VideoFrame extends Picture {
  /** When it is sent, from the clip's start. */
  readonly sendMs: number;
  /** Presentation time in 90 kHz ticks. */
  readonly rtpTicks: number;
}

/** A clip's sound. */
export interface AudioClip extends AudioFormat {
  /** AAC access units, or 20 ms of PCM each. */
  readonly frames: readonly AudioFrame[];
}

/** One packet of sound. */
export interface AudioFrame {
  readonly data: Buffer;
  readonly sendMs: number;
  /** In ticks of the sample rate. */
  readonly rtpTicks: number;
}

/** Picture, sound, and the length after which both begin again. */
export interface Clip {
  readonly video: VideoClip;
  readonly audio: AudioClip | undefined;
  readonly durationMs: number;
}

/** Loads the first picture and sound of a file; other codecs than those above throw. */
export async function loadClip(path: string): Promise<Clip> {
  const codecs = await readCodecs(path);
  const video = await loadVideo(path, codecs.video);
  const last = video.frames.at(-1);
  if (last === undefined) throw new Error(`${path} has no frames`);
  const durationMs = (last.sendMs * video.frames.length) / Math.max(1, video.frames.length - 1);
  const audio = codecs.audio === undefined ? undefined : await loadAudio(path, codecs.audio);
  return {
    video,
    audio: audio && { ...audio, frames: within(audio.frames, durationMs) },
    durationMs,
  };
}

const AUDIO_CODECS: Readonly<Record<string, AudioClip['codec']>> = {
  aac: 'aac',
  pcm_mulaw: 'pcmu',
  pcm_alaw: 'pcma',
  pcm_s16be: 'l16',
};

interface FoundCodecs {
  video: 'h264' | 'h265';
  audio: { codec: AudioClip['codec']; sampleRate: number; channels: number } | undefined;
}

// From the header that the framecrc muxer writes: "#codec_id 0: h264", "#sample_rate 1: 48000".
async function readCodecs(path: string): Promise<FoundCodecs> {
  const maps = ['-map', '0:v:0', '-map', '0:a:0?'];
  const text = (
    await runFfmpeg(['-i', path, ...maps, '-c', 'copy', '-t', '0.5', '-f', 'framecrc', '-'])
  ).toString();
  const field = (name: string, stream: number): string | undefined =>
    new RegExp(`^#${name} ${String(stream)}: (.*)$`, 'm').exec(text)?.[1];
  const video = field('codec_id', 0);
  if (video !== 'h264' && video !== 'hevc') throw new Error(`${path}: picture in ${String(video)}`);
  const audioId = field('codec_id', 1);
  const audio = audioId === undefined ? undefined : AUDIO_CODECS[audioId];
  if (audioId !== undefined && audio === undefined) throw new Error(`${path}: sound in ${audioId}`);
  return {
    video: video === 'hevc' ? 'h265' : 'h264',
    audio: audio && {
      codec: audio,
      sampleRate: Number(field('sample_rate', 1)),
      channels: channelCount(field('channel_layout_name', 1)),
    },
  };
}

function channelCount(layout: string | undefined): number {
  return layout === 'stereo' ? 2 : 1;
}

// NAL unit types: ITU-T H.264 table 7-1, H.265 table 7-1.
const NAL = {
  h264: { type: (nal: Buffer) => (nal[0] ?? 0) & 0x1f, sets: [7, 8], delimiter: 9, key: [5] },
  h265: {
    type: (nal: Buffer) => ((nal[0] ?? 0) >> 1) & 0x3f,
    sets: [32, 33, 34],
    delimiter: 35,
    key: [16, 17, 18, 19, 20, 21],
  },
} as const;

async function loadVideo(path: string, codec: 'h264' | 'h265'): Promise<VideoClip> {
  const name = codec === 'h264' ? 'h264' : 'hevc';
  // An access unit delimiter before each frame says where frames begin.
  const filter = `${name}_mp4toannexb,${name}_metadata=aud=insert`;
  const copy = ['-i', path, '-map', '0:v:0', '-c', 'copy'];
  const stream = await runFfmpeg([...copy, '-bsf:v', filter, '-f', name, '-']);
  const times = (await runFfmpeg([...copy, '-f', 'framecrc', '-'])).toString();
  const base = /^#tb 0: (\d+)\/(\d+)$/m.exec(times);
  const seconds = Number(base?.[1]) / Number(base?.[2]);
  const stamps = times
    .split('\n')
    .filter((line) => line.startsWith('0,'))
    .map((line) => line.split(',').map((field) => Number(field) * seconds));
  const firstDts = stamps[0]?.[1] ?? 0;
  const rules = NAL[codec];
  const sets = new Map<number, Buffer>();
  const frames: VideoFrame[] = [];
  let current: Buffer[] = [];
  const finish = (): void => {
    if (current.length === 0) return;
    const [, dts = 0, pts = 0] = stamps[frames.length] ?? [];
    frames.push({
      nals: current,
      sendMs: (dts - firstDts) * 1000,
      rtpTicks: Math.round((pts - firstDts) * 90_000),
      key: current.some((nal) => (rules.key as readonly number[]).includes(rules.type(nal))),
    });
    current = [];
  };
  for (const nal of splitAnnexB(stream)) {
    const type = rules.type(nal);
    if (type === rules.delimiter) finish();
    else if ((rules.sets as readonly number[]).includes(type)) {
      if (!sets.has(type)) sets.set(type, nal);
    } else current.push(nal);
  }
  finish();
  const parameterSets = rules.sets.flatMap((type) => sets.get(type) ?? []);
  return { codec, parameterSets, frames };
}

/** NAL units between start codes (ITU-T H.264 annex B). */
export function splitAnnexB(stream: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let start = stream.indexOf('\0\0\x01', 0, 'latin1');
  while (start >= 0) {
    const next = stream.indexOf('\0\0\x01', start + 3, 'latin1');
    let end = next < 0 ? stream.length : next;
    // A four-byte start code's zero, or trailing zeros, belong to no NAL unit.
    while (end > start + 3 && stream[end - 1] === 0) end -= 1;
    nals.push(stream.subarray(start + 3, end));
    start = next;
  }
  return nals;
}

async function loadAudio(
  path: string,
  found: NonNullable<FoundCodecs['audio']>,
): Promise<AudioClip> {
  const copy = ['-i', path, '-map', '0:a:0', '-c', 'copy', '-f'];
  if (found.codec === 'aac') return splitAdts(await runFfmpeg([...copy, 'adts', '-']));
  const muxer = { pcmu: 'mulaw', pcma: 'alaw', l16: 's16be' }[found.codec];
  const samples = await runFfmpeg([...copy, muxer, '-']);
  const bytesPerTick = found.channels * (found.codec === 'l16' ? 2 : 1);
  // 20 ms, the default of RFC 3551 4.2.
  const ticks = found.sampleRate / 50;
  const frames: AudioFrame[] = [];
  for (let at = 0; at + ticks * bytesPerTick <= samples.length; at += ticks * bytesPerTick) {
    const data = samples.subarray(at, at + ticks * bytesPerTick);
    frames.push({ data, sendMs: frames.length * 20, rtpTicks: frames.length * ticks });
  }
  return { ...found, config: undefined, frames };
}

// ISO/IEC 14496-3 1.A.3.2: seven bytes of header (no CRC), 1024 samples each.
function splitAdts(stream: Buffer): AudioClip {
  const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000];
  const [, , b2 = 0, b3 = 0] = stream;
  const objectType = (b2 >> 6) + 1;
  const rateIndex = (b2 >> 2) & 0x0f;
  const channels = ((b2 & 1) << 2) | (b3 >> 6);
  const sampleRate = rates[rateIndex] ?? 48_000;
  const frames: AudioFrame[] = [];
  for (let at = 0; at + 7 <= stream.length;) {
    const length = ((stream.readUInt32BE(at + 3) & 0x03ffe000) >>> 13) & 0x1fff;
    if (length < 8) throw new Error('not ADTS');
    const data = stream.subarray(at + 7, at + length);
    const rtpTicks = frames.length * 1024;
    frames.push({ data, sendMs: (rtpTicks * 1000) / sampleRate, rtpTicks });
    at += length;
  }
  const config = Buffer.from([
    (objectType << 3) | (rateIndex >> 1),
    ((rateIndex & 1) << 7) | (channels << 3),
  ]);
  return { codec: 'aac', sampleRate, channels, config, frames };
}

function within(frames: readonly AudioFrame[], durationMs: number): AudioFrame[] {
  return frames.filter(({ sendMs }) => sendMs < durationMs);
}
