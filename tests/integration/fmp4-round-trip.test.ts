/** What ffmpeg wrote, what we make of it, and what ffmpeg reads in that. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planExport } from '../../server/fmp4/progressive.ts';
import {
  allHashes,
  ClipFolder,
  complaints,
  flashAndBeep,
  frameHashes,
  frameTimes,
  mediaOf,
  packetHashes,
  pictureAndTone,
  readBoxes,
  videoOutput,
} from '../fixtures/fmp4-clips.ts';
import {
  buildSegment,
  carryOut,
  exportRun,
  type RunMedia,
  type Segment,
} from '../fixtures/fmp4-segments.ts';
import { ffprobeAvailable, runFfprobe } from '../fixtures/test-ffmpeg.ts';

const ANCHOR_MS = 1_790_000_000_000;

/** ffmpeg is told to begin every timeline at 1 s. */
const START_MS = ANCHOR_MS + 1000;

/** One sample of sound is 21 µs, of which an encoder rounds some away; a frame is 67 ms. */
const IN_STEP_SECONDS = 0.0015;

let folder: ClipFolder;
beforeAll(async () => {
  folder = await ClipFolder.create();
});
afterAll(async () => {
  await folder.remove();
});

const AAC = ['-c:a', 'aac', '-b:a', '96k'];
const x264 = (...args: string[]): string[] => ['-c:v', 'libx264', '-preset', 'superfast', ...args];
const x265 = (args: string): string[] => [
  ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', `log-level=error:${args}`],
];

describe.each([
  ['h264', '640x360', x264('-bf', '0', '-g', '15')],
  ['h264 with B-frames', '640x360', x264('-bf', '3', '-g', '30')],
  ['h264 of an odd size', '1922x1082', x264('-g', '15')],
  ['h265', '640x360', x265('bframes=0:keyint=15')],
  ['h265 with B-frames and an odd size', '642x362', x265('bframes=3:keyint=30')],
])('%s', (name, size, codec) => {
  let clip: string;
  let media: RunMedia;
  let segment: Segment;
  let exported: string;
  /** What is in the clip, which several tests compare with. */
  let sent: Awaited<ReturnType<typeof allHashes>>;
  const range = { fromMs: ANCHOR_MS, toMs: ANCHOR_MS + 60_000 };

  beforeAll(async () => {
    const file = `${name.replaceAll(' ', '-')}.mp4`;
    clip = await folder.make(file, ...pictureAndTone(4, size), ...codec, ...AAC);
    media = await mediaOf(clip);
    sent = await allHashes(clip);
    segment = buildSegment(media);
    const plan = planExport([exportRun(media, segment, ANCHOR_MS)], range);
    exported = await folder.write('export.mp4', carryOut(plan, [segment.bytes]));
  });

  it('is read alike however the pipe splits it', async () => {
    const bytes = await videoOutput(clip);
    const types = readBoxes(bytes, bytes.length).map((box) => box.type);
    for (const pieceBytes of [1021, 7919, 65_536]) {
      const boxes = readBoxes(bytes, pieceBytes);
      expect(boxes.map((box) => box.type)).toEqual(types);
      expect(Buffer.concat(boxes.map((box) => box.bytes)).equals(bytes)).toBe(true);
    }
  });

  it('has the size of the camera’s picture', () => {
    expect(`${media.video.width}x${media.video.height}`).toBe(size);
  });

  it('has every packet and frame of the clip, bit for bit, in a segment', async () => {
    const path = await folder.write('segment.mp4', segment.bytes);
    expect(await complaints(path)).toBe('');
    expect(await allHashes(path)).toEqual(sent);
  });

  it('has every packet and frame of the clip, bit for bit, in an export', async () => {
    expect(await complaints(exported)).toBe('');
    const { video, audio: kept, frames } = await allHashes(exported);
    expect(video).toEqual(sent.video);
    expect(frames).toEqual(sent.frames);
    // The encoder's padding before the first frame has no picture to be heard with.
    expect(kept.length).toBeGreaterThanOrEqual(sent.audio.length - 2);
    expect(sent.audio.join().includes(kept.join())).toBe(true);
  });

  it('shows every frame at its time', async () => {
    const source = await frameTimes(clip);
    const times = await frameTimes(exported);
    expect(times.length).toBe(source.length);
    expect(times[0]).toBe(0);
    for (const [index, time] of times.entries()) {
      expect(time).toBeCloseTo(Number(source[index]) - Number(source[0]), 4);
    }
  });

  it.runIf(ffprobeAvailable)('is described as what it is', async () => {
    const entries = 'stream=codec_tag_string,width,height:format=duration';
    const text = await runFfprobe(['-show_entries', entries, '-of', 'csv=p=0', exported]);
    const [video, audio, duration] = text.trim().split('\n');
    expect(video).toBe(`${name.startsWith('h265') ? 'hvc1' : 'avc1'},${size.replace('x', ',')}`);
    expect(audio).toContain('mp4a');
    expect(Number(duration)).toBeCloseTo(4, 1);
  });
});

describe('a range', () => {
  it('begins at the key frame before the mark and ends after the last frame begun', async () => {
    const codec = x264('-bf', '2', '-g', '15', '-sc_threshold', '0');
    const clip = await folder.make('range.mp4', ...pictureAndTone(6), ...codec, ...AAC);
    const media = await mediaOf(clip);
    const segment = buildSegment(media);
    const all = await frameHashes(clip);
    // B-frames delay the first picture by two frames: decode times begin before 1 s.
    const first = media.videoFragments[0]?.samples[0]?.compositionOffsetTicks ?? 0;
    const start = (media.videoFragments[0]?.decodeTimeTicks ?? 0) + first;
    const startMs = ANCHOR_MS + (start * 1000) / media.video.timescale;
    for (const [from, to, firstFrame, endFrame] of [
      [2.5, 4.05, 30, 61],
      [0, 1, 0, 15],
      [1, 1.01, 15, 16],
      [3.99, 99, 45, 90],
    ] as const) {
      const range = { fromMs: startMs + from * 1000, toMs: startMs + to * 1000 };
      const plan = planExport([exportRun(media, segment, ANCHOR_MS)], range);
      const path = await folder.write('range-out.mp4', carryOut(plan, [segment.bytes]));
      expect(await frameHashes(path)).toEqual(all.slice(firstFrame, endFrame));
      expect(await complaints(path)).toBe('');
      expect(plan.fromMs).toBeCloseTo(startMs + (firstFrame * 1000) / 15, 0);
      expect(plan.toMs).toBeCloseTo(startMs + (endFrame * 1000) / 15, 0);
    }
  });

  it('over two runs keeps the wall clock, the gap and both descriptions', async () => {
    const make = async (name: string, size: string, rate: string): Promise<RunMedia> => {
      const sound = [...AAC, '-ar', rate];
      const args = [...pictureAndTone(2, size), ...x264('-bf', '0', '-g', '15'), ...sound];
      return await mediaOf(await folder.make(name, ...args));
    };
    const one = await make('one.mp4', '640x360', '48000');
    const two = await make('two.mp4', '320x240', '16000');
    const segments = [buildSegment(one, 0), buildSegment(two, 1)] as const;
    const gapMs = 7000;
    const runs = [
      exportRun(one, segments[0], ANCHOR_MS),
      exportRun(two, segments[1], ANCHOR_MS + 2000 + gapMs),
    ];
    const plan = planExport(runs, { fromMs: START_MS, toMs: START_MS + 60_000 });
    const bytes = carryOut(
      plan,
      segments.map((segment) => segment.bytes),
    );
    const path = await folder.write('two-runs.mp4', bytes);
    const times = await frameTimes(path);
    expect(times.length).toBe(60);
    expect(times[29]).toBeCloseTo(29 / 15, 4);
    expect(times[30]).toBeCloseTo(2 + gapMs / 1000, 4);
    expect(plan.toMs - plan.fromMs).toBeCloseTo(4000 + gapMs, 0);
    const oneHashes = await packetHashes(path, 'v');
    expect(oneHashes.length).toBe(60);
  });
});

describe('sound and picture', () => {
  const flash = `color=black:s=320x240:r=15:d=5,drawbox=enable='between(t,2,2.4)':c=white:t=fill`;
  const beep = `aevalsrc='if(between(t,2,2.4),sin(2*PI*1000*t),0)':s=48000:d=5`;

  it.each([
    ['begins with the picture', 0, []],
    ['begins 300 ms late', 0.3, []],
    ['begins 300 ms late, with B-frames', 0.3, ['-bf', '2']],
  ])('stay in step when the sound %s', async (_name, delay, video) => {
    const clip = await folder.make(
      'flash.mov',
      ...['-f', 'lavfi', '-i', flash, '-f', 'lavfi', '-i', beep],
      ...['-af', `atrim=start=${delay}`, '-pix_fmt', 'yuv420p'],
      ...[...x264(...video, '-g', '15', '-sc_threshold', '0'), ...AAC],
    );
    const source = await flashAndBeep(clip);
    const media = await mediaOf(clip);
    const segment = buildSegment(media);

    const recorded = await flashAndBeep(await folder.write('flash-seg.mp4', segment.bytes));
    const expected = source.beep - source.flash;
    expect(Math.abs(recorded.beep - recorded.flash - expected)).toBeLessThan(IN_STEP_SECONDS);

    for (const from of [-1, 0.2, 1.5, 2.3]) {
      const range = { fromMs: START_MS + from * 1000, toMs: START_MS + 9000 };
      const plan = planExport([exportRun(media, segment, ANCHOR_MS)], range);
      const path = await folder.write('flash-out.mp4', carryOut(plan, [segment.bytes]));
      const exported = await flashAndBeep(path);
      expect(Math.abs(exported.beep - exported.flash - expected)).toBeLessThan(IN_STEP_SECONDS);
    }
  });
});
