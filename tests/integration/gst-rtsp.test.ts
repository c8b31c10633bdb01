/** The measuring stick measured: the RTSP server serves each kind of clip, unchanged and for ever. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type GstAuth,
  type GstRtspServer,
  gstAvailable,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, type ClipSpec, frameNumber, makeClip } from '../fixtures/clips.ts';
import { mediaAvailable, mediaVideo } from '../fixtures/media.ts';
import { ffprobeAvailable, runFfmpeg, runFfprobe } from '../fixtures/test-ffmpeg.ts';

const TCP = ['-rtsp_transport', 'tcp'];

/** Short clips: what is tested here is the server. */
const short: ClipSpec = { ...CLIPS.small, seconds: 4 };

interface ProbedStream {
  codec_name: string;
  width?: number;
  height?: number;
  sample_rate?: string;
  extradata_size?: number;
  has_b_frames?: number;
}

async function streams(url: string): Promise<ProbedStream[]> {
  const json = await runFfprobe([...TCP, '-show_streams', '-of', 'json', url]);
  return (JSON.parse(json) as { streams: ProbedStream[] }).streams;
}

/** One line per packet of the picture: [presentation time in ticks, hash of its bytes]. */
async function pictureHashes(input: readonly string[]): Promise<[number, string][]> {
  const copy = ['-map', '0:v', '-c', 'copy', '-bsf:v', 'filter_units=remove_types=6-9'];
  const text = await runFfmpeg([...input, ...copy, '-f', 'framehash', '-hash', 'md5', '-']);
  return text
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('0,'))
    .map((line) => line.split(',').map((field) => field.trim()))
    .map((fields): [number, string] => [Number(fields[2]), fields[5] ?? '']);
}

async function numbersOfFirstFrames(url: string, frames: number): Promise<number[]> {
  const raw = ['-map', '0:v', '-frames:v', String(frames), '-pix_fmt', 'gray', '-f', 'rawvideo'];
  const pixels = await runFfmpeg([...TCP, '-i', url, ...raw, '-']);
  const frameBytes = short.width * short.height;
  return Array.from({ length: pixels.length / frameBytes }, (_, index) =>
    frameNumber(pixels.subarray(index * frameBytes, (index + 1) * frameBytes), short.width),
  );
}

const KINDS: [name: string, spec: ClipSpec, expected: Partial<ProbedStream>[]][] = [
  ['H.264, silent', short, [{ codec_name: 'h264', width: 640, height: 360 }]],
  ['H.265', { ...short, codec: 'h265' }, [{ codec_name: 'hevc', width: 640, height: 360 }]],
  ['another size', { ...short, width: 320, height: 240 }, [{ width: 320, height: 240 }]],
  ['AAC', { ...short, sound: 'aac' }, [{}, { codec_name: 'aac', sample_rate: '48000' }]],
  ['PCMU', { ...short, sound: 'pcmu' }, [{}, { codec_name: 'pcm_mulaw', sample_rate: '8000' }]],
  ['PCMA', { ...short, sound: 'pcma' }, [{}, { codec_name: 'pcm_alaw', sample_rate: '8000' }]],
  ['L16', { ...short, sound: 'l16' }, [{}, { codec_name: 'pcm_s16be', sample_rate: '16000' }]],
];

describe.skipIf(!gstAvailable || !ffprobeAvailable)('GStreamer’s RTSP server', () => {
  let server: GstRtspServer;
  const paths = new Map<string, string>();

  beforeAll(async () => {
    for (const [name, spec] of KINDS) paths.set(name, await makeClip(spec));
    const mounts = KINDS.map(([name], index) => ({
      path: `/kind${String(index)}`,
      file: paths.get(name) ?? '',
    }));
    const file = paths.get('AAC') ?? '';
    server = await startGstRtspServer({
      mounts: [
        ...mounts,
        { path: '/latm', file, latm: true },
        { path: '/once', file, loop: false },
      ],
    });
  });
  afterAll(async () => {
    await server.stop();
  });

  it.each(KINDS.map(([name, , expected], index) => ({ name, expected, index })))(
    'serves $name as it is in the clip',
    async ({ expected, index }) => {
      const found = await streams(server.url(`/kind${String(index)}`));
      expect(found).toHaveLength(expected.length);
      expect(found).toMatchObject(expected);
    },
  );

  it('serves AAC in LATM framing too', async () => {
    expect(await streams(server.url('/latm'))).toMatchObject([{}, { codec_name: 'aac' }]);
  });

  it('sends every frame of the clip unchanged, from the first one on, and then ends', async () => {
    const sent = await pictureHashes([...TCP, '-i', server.url('/once')]);
    const clip = await pictureHashes(['-i', paths.get('AAC') ?? '']);
    expect(sent.map(([, hash]) => hash)).toEqual(clip.map(([, hash]) => hash));
    expect(clip).toHaveLength(short.seconds * short.fps);
  });

  it('starts again at the end without a step in time', async () => {
    const seconds = short.seconds * 2 + 2;
    const looped = await pictureHashes([...TCP, '-t', String(seconds), '-i', server.url('/kind0')]);
    const ticks = looped.map(([time]) => time);
    const steps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? 0));
    // RTP's 90 kHz at 15 frames a second; one tick of rounding.
    for (const step of steps.slice(1)) expect(Math.abs(step - 6_000)).toBeLessThanOrEqual(1);
    expect(looped.length).toBeGreaterThan(short.seconds * 2 * short.fps);
  });

  it('numbers frames so that they can be read back', async () => {
    expect(await numbersOfFirstFrames(server.url('/once'), 20)).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
  });

  it.skipIf(!mediaAvailable)('serves the clips of real cameras, B-frames included', async () => {
    const file = mediaVideo('frontdoor_delivery_person.mp4');
    const own = await startGstRtspServer({ mounts: [{ path: '/door', file }] });
    try {
      expect(await streams(own.url('/door'))).toMatchObject([
        { codec_name: 'h264', width: 1280, height: 720, has_b_frames: 2 },
      ]);
    } finally {
      await own.stop();
    }
  });

  it.each(['basic', 'digest'] as const)('asks for the %s account', async (scheme) => {
    const auth: GstAuth = { scheme, username: 'viewer', password: 'correct-horse' };
    const mounts = [{ path: '/a', file: paths.get('AAC') ?? '' }];
    const own = await startGstRtspServer({ mounts, auth });
    const as = (userinfo: string): string => own.url('/a').replace('//', `//${userinfo}@`);
    try {
      await expect(streams(as('viewer:wrong-horse'))).rejects.toThrow('401');
      await expect(streams(own.url('/a'))).rejects.toThrow('401');
      expect(await streams(as('viewer:correct-horse'))).toHaveLength(2);
    } finally {
      await own.stop();
    }
  });
});

describe.skipIf(!gstAvailable || !ffprobeAvailable)('a flash-and-beep clip', () => {
  it('has its beeps within 10 ms of its flashes', async () => {
    const path = await makeClip(CLIPS.flashAndBeep);
    const black = ['-vf', 'blackframe=amount=0,metadata=print:file=-', '-an', '-f', 'null', '-'];
    const picture = (await runFfmpeg(['-i', path, ...black])).toString();
    const flashes = [...picture.matchAll(/pts_time:(\S+)\n.*pblack=0\n/g)].map((m) => Number(m[1]));
    const quiet = 'silencedetect=n=-30dB:d=0.3,ametadata=print:file=-';
    const sound = (
      await runFfmpeg(['-i', path, '-vn', '-af', quiet, '-f', 'null', '-'])
    ).toString();
    const beeps = [...sound.matchAll(/silence_end=(\S+)/g)].map((match) => Number(match[1]));
    expect(beeps.length).toBeGreaterThanOrEqual(CLIPS.flashAndBeep.seconds - 1);
    for (const beep of beeps) {
      const distance = Math.min(...flashes.map((flash) => Math.abs(flash - beep)));
      expect(distance).toBeLessThanOrEqual(0.01);
    }
  });
});
