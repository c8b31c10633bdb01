/** Argument lists for ffmpeg, as pure functions. No list holds an address outside this machine or a
 * password: the only input is the relay's loopback URL or a pipe. */

/** How the sound of a camera reaches the file. AAC is copied, anything else becomes AAC. */
export type SoundMode = 'off' | 'copy' | 'transcode';

/** What `ingestArgv` needs. */
export interface IngestArgvOptions {
  /** The relay's URL on loopback. */
  relayUrl: string;
  sound: SoundMode;
}

/** The pipe that carries the video, and the one that carries the sound, as child descriptors. */
export const VIDEO_FD = 1;
/** 3, because 0, 1 and 2 are taken. */
export const AUDIO_FD = 3;

/**
 * One MP4 fragment per frame. A viewer gets each frame as it comes, and no fragment waits for the
 * other track: joined per frame in one muxer, decode times break, and sound that is announced but
 * never sent would hold back the picture for ever.
 */
const FRAGMENT_FLAGS = '+empty_moov+default_base_moof+frag_discont+skip_trailer';
const VIDEO_FLAGS = `+frag_every_frame${FRAGMENT_FLAGS}`;

/**
 * Both outputs keep the one timeline of the input (docs/design/media-format.md measured each): no
 * shift to 0 per output, no edit list that delays B-frames, and a second of room, because `tfdt` is
 * unsigned and B-frames or the encoder's delay begin below zero.
 */
const TIMELINE = '-avoid_negative_ts disabled -use_editlist 0 -output_ts_offset 1'.split(' ');

/** Sound in fragments of 40 ms, two packets at 48 kHz: a browser plays what it has of both tracks, so
 * longer ones would hold back the picture (docs/design/live.md has the numbers). One per packet would
 * be no faster, because a picture at 15 fps waits 67 ms for its successor. */
const AUDIO_FRAGMENT_US = 40_000;

/** The native 8 kHz of G.711 makes an AAC packet 128 ms long and the sound 270 ms late. */
const AAC_SAMPLE_RATE = 48_000;

/** The default coder costs twice as much; at 48 kbit/s of one voice channel nobody hears a
 * difference. */
const AAC_CODER = 'fast';

const COMMON = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning'];

/** RTSP in; fragmented MP4 of the video on descriptor 1, of the sound on descriptor 3. */
export function ingestArgv(options: IngestArgvOptions): string[] {
  const input = [
    ...['-rtsp_transport', 'tcp'],
    ...['-protocol_whitelist', 'rtp,tcp,rtsp'],
    // Without these two ffmpeg studies the input for 1.9 s before the first fragment; with them 0.6.
    ...['-fpsprobesize', '0', '-analyzeduration', '1000000'],
    // The input's own timeline for both tracks: otherwise ffmpeg shifts by a start time that it takes
    // from the second frame, because with the two options above the first one has none.
    '-copyts',
    ...['-allowed_media_types', options.sound === 'off' ? 'video' : 'video+audio'],
    ...['-i', options.relayUrl],
  ];
  const muxer = (fd: number, flags: string): string[] => [
    ...['-f', 'mp4', '-movflags', flags, ...TIMELINE, '-flush_packets', '1'],
    `pipe:${String(fd)}`,
  ];
  const video = ['-map', '0:v:0', '-c:v', 'copy', ...muxer(VIDEO_FD, VIDEO_FLAGS)];
  const codec =
    options.sound === 'copy'
      ? ['-c:a', 'copy']
      : [
          ...['-c:a', 'aac', '-aac_coder', AAC_CODER, '-ar', String(AAC_SAMPLE_RATE)],
          ...['-ac', '1', '-b:a', '48k'],
        ];
  const audio = [
    ...['-map', '0:a:0', ...codec],
    ...['-frag_duration', String(AUDIO_FRAGMENT_US)],
    ...muxer(AUDIO_FD, FRAGMENT_FLAGS),
  ];
  return [...COMMON, ...input, ...video, ...(options.sound === 'off' ? [] : audio)];
}

/** MP4 (init segment and fragments) on standard input; one JPEG of frame `frameIndex` on output. */
export function pictureArgv(frameIndex: number): string[] {
  return [
    ...COMMON,
    ...['-f', 'mp4', '-i', 'pipe:0'],
    ...['-map', '0:v:0', '-vf', `select=gte(n\\,${String(frameIndex)})`],
    // 3 of 2 (best) to 31: no visible loss at half the bytes of 2.
    ...['-frames:v', '1', '-q:v', '3', '-f', 'mjpeg', 'pipe:1'],
  ];
}
