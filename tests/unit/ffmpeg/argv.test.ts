import { describe, expect, it } from 'vitest';
import { ingestArgv, pictureArgv, type SoundMode } from '../../../server/ffmpeg/argv.ts';

const relayUrl = 'rtsp://127.0.0.1:43210/0123456789abcdef';

const INPUT = (media: string): string[] => [
  ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning'],
  ...['-rtsp_transport', 'tcp', '-protocol_whitelist', 'rtp,tcp,rtsp'],
  ...['-fpsprobesize', '0', '-analyzeduration', '1000000', '-copyts'],
  ...['-allowed_media_types', media, '-i', relayUrl],
];
const TIMELINE = [
  ...['-avoid_negative_ts', 'disabled', '-use_editlist', '0', '-output_ts_offset', '1'],
  ...['-flush_packets', '1'],
];
const VIDEO = [
  ...['-map', '0:v:0', '-c:v', 'copy', '-f', 'mp4', '-movflags'],
  '+frag_every_frame+empty_moov+default_base_moof+frag_discont+skip_trailer',
  ...[...TIMELINE, 'pipe:1'],
];
const AUDIO = (codec: readonly string[]): string[] => [
  ...['-map', '0:a:0', ...codec, '-frag_duration', '40000', '-f', 'mp4', '-movflags'],
  '+empty_moov+default_base_moof+frag_discont+skip_trailer',
  ...[...TIMELINE, 'pipe:3'],
];

describe('ingestArgv', () => {
  it('asks for the picture alone where sound is off', () => {
    expect(ingestArgv({ relayUrl, sound: 'off' })).toEqual([...INPUT('video'), ...VIDEO]);
  });

  it('copies AAC to an output of its own', () => {
    expect(ingestArgv({ relayUrl, sound: 'copy' })).toEqual([
      ...INPUT('video+audio'),
      ...VIDEO,
      ...AUDIO(['-c:a', 'copy']),
    ]);
  });

  it('makes AAC at 48 kHz of other sound', () => {
    const codec = ['-c:a', 'aac', '-aac_coder', 'fast', '-ar', '48000', '-ac', '1', '-b:a', '48k'];
    expect(ingestArgv({ relayUrl, sound: 'transcode' })).toEqual([
      ...INPUT('video+audio'),
      ...VIDEO,
      ...AUDIO(codec),
    ]);
  });

  it.each<SoundMode>(['off', 'copy', 'transcode'])('names no place but the relay (%s)', (sound) => {
    const places = ingestArgv({ relayUrl, sound }).filter((arg) => /:\/\/|^\/|@/.test(arg));
    expect(places).toEqual([relayUrl]);
  });
});

describe('pictureArgv', () => {
  it('reads MP4 from standard input and writes one JPEG', () => {
    expect(pictureArgv(29)).toEqual([
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning'],
      ...['-f', 'mp4', '-i', 'pipe:0', '-map', '0:v:0', '-vf', 'select=gte(n\\,29)'],
      ...['-frames:v', '1', '-q:v', '3', '-f', 'mjpeg', 'pipe:1'],
    ]);
  });
});
