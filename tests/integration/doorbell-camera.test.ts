/** The simulated doorbell, seen over the network by ffmpeg: a steady picture of the right scene. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { DoorbellCamera } from '../doubles/doorbell/doorbell-camera.ts';
import { readClock } from '../doubles/doorbell/overlay.ts';
import type { Size } from '../doubles/doorbell/raster/yuv-picture.ts';
import { readTimeCode, TIME_CODE_SPAN_MS } from '../doubles/doorbell/raster/time-code.ts';
import { until } from '../doubles/doorkeep-server.ts';
import { childrenOf } from '../fixtures/process-table.ts';
import { ffprobeAvailable, runFfmpeg, runFfprobe } from '../fixtures/test-ffmpeg.ts';

const FPS = 15;

/** Four seconds hold two key frames, and steps enough to judge how even they are. */
const SECONDS = 4;

/** From the time that is drawn to the time it is read: encoding, network, and a busy machine. */
const OLD_MS = 2_500;

const clock = new SystemClock();
const utcOffsetMs = 2 * 3_600_000;

let doorbell: DoorbellCamera;

beforeAll(async () => {
  doorbell = await DoorbellCamera.start({
    ...{ place: 'porch', size: { width: 480, height: 640 }, fps: FPS, timeCode: true },
    ...{ sound: true, liveliness: 0, light: 'day', utcOffsetMs },
  });
});

afterAll(async () => {
  await doorbell.stop();
});

/** The luma planes of the first pictures that a viewer gets. */
async function pictures(url: string, size: Size, frames: number): Promise<Buffer[]> {
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-fps_mode', 'passthrough', '-'];
  const input = ['-rtsp_transport', 'tcp', '-i', url, '-map', '0:v'];
  const bytes = await runFfmpeg([...input, '-frames:v', String(frames), ...raw]);
  const length = size.width * size.height;
  return Array.from({ length: frames }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}

function timeCodeOf(luma: Buffer, { width, height }: Size): number | undefined {
  return readTimeCode(
    { width, height },
    (x, y) => luma[Math.floor(y * height) * width + Math.floor(x * width)] ?? 0,
  );
}

/** Every picture lies on the even grid of the frame rate, and at most one in five was left out, which
 * only a very busy machine does. */
function expectOnGrid(stepsMs: readonly number[], toleranceMs: number): void {
  const frames = stepsMs.map((stepMs) => (stepMs * FPS) / 1_000);
  for (const frame of frames) {
    expect(frame).toBeGreaterThan(0.5);
    expect(Math.abs(frame - Math.round(frame))).toBeLessThan((toleranceMs * FPS) / 1_000);
  }
  const all = frames.reduce((sum, frame) => sum + Math.round(frame), 0);
  expect(frames.length / all).toBeGreaterThan(0.8);
}

describe('the simulated doorbell', () => {
  it('shows its clock, in both streams and to two viewers at once', async () => {
    const askedMs = clock.wallMs();
    const { mainUrl, subUrl, size, subSize } = doorbell;
    const [main, again, sub] = await Promise.all([
      pictures(mainUrl, size, FPS),
      pictures(mainUrl, size, FPS),
      pictures(subUrl, subSize, FPS),
    ]);
    for (const luma of [main[0]!, again[0]!]) {
      const shownMs = Date.parse(`${readClock(luma, size).replace(' ', 'T')}Z`) - utcOffsetMs;
      expect(shownMs).toBeGreaterThan(askedMs - OLD_MS);
      expect(shownMs).toBeLessThan(clock.wallMs() + 1);
    }
    // The sub-stream is the same drawing: its time code says the same times, one frame apart.
    for (const [frames, pictureSize] of [
      [main, size],
      [again, size],
      [sub, subSize],
    ] as const) {
      const times = frames.map((luma) => timeCodeOf(luma, pictureSize)!);
      const steps = times.slice(1).map((time, index) => time - times[index]!);
      // The wall clock is read in whole milliseconds, twice.
      expectOnGrid(steps, 4);
      expect(Math.abs(times[0]! - (askedMs % TIME_CODE_SPAN_MS))).toBeLessThan(OLD_MS * 2);
    }
  });

  it.skipIf(!ffprobeAvailable)(
    'sends an even picture with a key frame each two seconds, and sound',
    async () => {
      const shown = ['-show_entries', 'packet=codec_type,pts_time,flags', '-of', 'json'];
      const input = ['-rtsp_transport', 'tcp', '-read_intervals', `%+${String(SECONDS)}`];
      const { packets } = JSON.parse(await runFfprobe([...input, ...shown, doorbell.mainUrl])) as {
        packets: { codec_type: string; pts_time?: string; flags: string }[];
      };
      const video = packets.filter((packet) => packet.codec_type === 'video');
      const times = video
        .map((packet) => Number(packet.pts_time))
        .filter((time) => !Number.isNaN(time));
      const steps = times.slice(1).map((time, index) => time - times[index]!);
      expectOnGrid(
        steps.map((step) => step * 1_000),
        2,
      );
      const keys = video.flatMap(({ flags }, index) => (flags.includes('K') ? [index] : []));
      expect(keys[0]).toBe(0);
      expect(keys[1]).toBe(2 * FPS);
      expect(packets.some((packet) => packet.codec_type === 'audio')).toBe(true);
    },
  );

  it('has somebody at the door when one was sent, and the picture changes there', async () => {
    const [before] = await pictures(doorbell.mainUrl, doorbell.size, 1);
    expect(doorbell.sceneAt(clock.wallMs()).actors).toEqual([]);
    doorbell.visit('dog');
    await until(() => doorbell.sceneAt(clock.wallMs()).actors[0]?.stoppedS !== undefined, {
      ...{ withinMs: 20_000, what: 'the dog at the door' },
    });
    const [now] = await pictures(doorbell.mainUrl, doorbell.size, 1);
    const changed = now!.filter((value, at) => Math.abs(value - before![at]!) > 24).length;
    expect(changed / now!.length).toBeGreaterThan(0.015);
  });

  it('leaves no ffmpeg behind', async () => {
    const own = await DoorbellCamera.start({ place: 'garage', size: { width: 320, height: 240 } });
    const pid = own.encoderPid;
    expect(childrenOf(process.pid).map((child) => child.pid)).toContain(pid);
    await own.stop();
    expect(childrenOf(process.pid).map((child) => child.pid)).not.toContain(pid);
    expect(own.rtsp.connections).toBe(0);
  });
});
