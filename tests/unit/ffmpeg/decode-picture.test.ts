import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../../server/base/clock.ts';
import { AppError } from '../../../server/base/errors.ts';
import { decodePicture } from '../../../server/ffmpeg/decode-picture.ts';
import { buildInit } from '../../../server/fmp4/part.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { CLIPS, frameNumber, makeClip, type ClipSpec } from '../../fixtures/clips.ts';
import { FakeFfmpegs } from '../../fixtures/fake-ffmpeg.ts';
import { readTrack, videoOutput } from '../../fixtures/fmp4-clips.ts';
import { ffmpegPath, runFfmpeg } from '../../fixtures/test-ffmpeg.ts';

const WIDTH_PX = 640;
const FRAMES = 30;

const fakes = new FakeFfmpegs();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-picture-'));
});

afterAll(async () => {
  fakes.remove();
  await rm(folder, { recursive: true, force: true });
});

/** One GOP as the hub holds it: the init segment that we build, and a fragment per frame. */
async function gopOf(spec: ClipSpec): Promise<Buffer[]> {
  const clip = await makeClip({ ...spec, seconds: 2, gopSeconds: 2 });
  const { track, fragments } = readTrack('video', await videoOutput(clip));
  if (track.kind !== 'video') throw new Error('no picture');
  return [buildInit(track), ...fragments.map((fragment) => fragment.bytes)];
}

function decode(mp4: readonly Buffer[], frameIndex: number, signal?: AbortSignal): Promise<Buffer> {
  return decodePicture({
    ...{ binary: ffmpegPath, clock: new SystemClock(), mp4, frameIndex },
    signal: signal ?? new AbortController().signal,
  });
}

/** The number that is drawn into the frame. */
async function numberIn(jpeg: Buffer): Promise<number> {
  const path = join(folder, 'picture.jpg');
  await writeFile(path, jpeg);
  const luma = await runFfmpeg(['-i', path, '-pix_fmt', 'gray', '-f', 'rawvideo', '-']);
  return frameNumber(luma, WIDTH_PX);
}

describe.each([
  ['H.264', CLIPS.small],
  ['H.264 with B-frames', { ...CLIPS.small, bFrames: 2 }],
  ['H.265', CLIPS.h265],
] as const)('%s', (_name, spec) => {
  it('gives the frame that was asked for', async () => {
    const mp4 = await gopOf(spec);
    expect(mp4).toHaveLength(1 + FRAMES);
    for (const index of [0, 7, FRAMES - 1]) {
      expect(await numberIn(await decode(mp4, index))).toBe(index);
    }
  });
});

it('gives the newest frame of a GOP that is not over, in the order in which frames are shown', async () => {
  const mp4 = await gopOf({ ...CLIPS.small, bFrames: 2 });
  // 11 frames came; B-frames among them were sent after frames that are shown later.
  const jpeg = await decode(mp4.slice(0, 12), 10);
  expect(await numberIn(jpeg)).toBeGreaterThanOrEqual(10);
  expect(await numberIn(jpeg)).toBeLessThanOrEqual(12);
});

describe('what cannot be decoded', () => {
  it('is corrupt: garbage', async () => {
    await expect(decode([Buffer.alloc(100_000, 0x55)], 0)).rejects.toMatchObject({
      kind: 'corrupt',
      cause: expect.any(Error) as Error,
    });
  });

  it('is corrupt: an init segment alone', async () => {
    const [init] = await gopOf(CLIPS.small);
    await expect(decode([init!], 0)).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('is corrupt: nothing at all', async () => {
    await expect(decode([], 0)).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

describe('the process', () => {
  it('may stop reading before everything was written', async () => {
    const mp4 = await gopOf(CLIPS.small);
    // Far more than a pipe holds, after the picture that is asked for.
    const more = Array.from({ length: 200 }, () => Buffer.alloc(65_536));
    expect(await numberIn(await decode([...mp4, ...more], 0))).toBe(0);
  });

  it('is given ten seconds', async () => {
    const clock = new TestClock();
    const script = fakes.endless();
    const picture = decodePicture({
      ...{ binary: script, clock, mp4: [], frameIndex: 0, signal: new AbortController().signal },
    });
    const outcome = expect(picture).rejects.toMatchObject({ kind: 'timeout' });
    await clock.advance(10_000);
    await outcome;
    expect(clock.pendingTimers).toBe(0);
  });

  it('is ended with whoever asked, and says why', async () => {
    const stop = new AbortController();
    const script = fakes.endless();
    const ask = (): Promise<Buffer> =>
      decodePicture({
        ...{ binary: script, clock: new TestClock(), mp4: [], frameIndex: 0, signal: stop.signal },
      });
    const picture = ask();
    const outcome = expect(picture).rejects.toBeInstanceOf(AppError);
    stop.abort();
    await outcome;
    await expect(picture).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(ask()).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('that writes without end is stopped', async () => {
    const script = fakes.script(
      'const more = () => process.stdout.write(Buffer.alloc(1 << 20), more); more();',
    );
    await expect(
      decodePicture({
        ...{ binary: script, clock: new TestClock(), mp4: [], frameIndex: 0 },
        signal: new AbortController().signal,
      }),
    ).rejects.toMatchObject({ kind: 'exhausted' });
  });
});
