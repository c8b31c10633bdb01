import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../server/base/log.ts';
import { epochMs } from '../../../server/base/time.ts';
import {
  DoorstepWindow,
  MOMENTS_MAX,
  MOMENTS_MAX_BYTES,
  RECENT_MAX_BYTES,
  WINDOW_MS,
} from '../../../server/doorstep/doorstep-window.ts';
import { MOMENT_MAX_BYTES } from '../../../server/doorstep/moment.ts';
import { readPart } from '../../../server/fmp4/part.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { WatchedHousehold, type WatchedCamera } from '../../doubles/watched-camera.ts';
import { FakeFfmpegs, PICTURE_MARK } from '../../fixtures/fake-ffmpeg.ts';
import { madeFrame, madeRun, MADE_TIMESCALE } from '../../fixtures/made-media.ts';

const PORCH = '00000000000000c1';
const YARD = '00000000000000c2';
const FRAME_MS = 100;

const fakes = new FakeFfmpegs();
const picture = fakes.picture();

let clock: TestClock;
let home: WatchedHousehold;
let porch: WatchedCamera;
let lines: string[];
let doorstep: DoorstepWindow;
/** Media time of the next frame of each camera. */
let mediaMs: Map<WatchedCamera, number>;

beforeEach(async () => {
  clock = new TestClock();
  home = new WatchedHousehold();
  porch = home.camera(PORCH);
  home.camera(YARD);
  ({ lines, mediaMs } = { lines: [], mediaMs: new Map() });
  begin();
  await clock.advance(0);
});

afterEach(async () => {
  await doorstep.stop();
  expect([clock.pendingTimers, doorstep.heldBytes, doorstep.list()]).toEqual([0, 0, []]);
  expect([...home.cameras.values()].map(({ watchers }) => watchers.size)).toEqual(
    [...home.cameras].map(() => 0),
  );
  expect(lines).toEqual([]);
});

afterAll(() => {
  fakes.remove();
});

function begin(ffmpegPath = picture): void {
  const log = createLog((line) => lines.push(line));
  doorstep = new DoorstepWindow({ cameras: home, clock, log, ffmpegPath });
  for (const id of home.cameras.keys()) doorstep.follow(id);
}

interface Show {
  sizeBytes?: number;
  gopMs?: number;
}

/** A camera sends for so long, in real time. */
async function show(camera: WatchedCamera, lengthMs: number, options: Show = {}): Promise<void> {
  const { sizeBytes = 1_000, gopMs = 2_000 } = options;
  const fromMs = mediaMs.get(camera) ?? 0;
  if (fromMs === 0) camera.begin(madeRun(clock.wallMs()));
  for (let atMs = fromMs; atMs < fromMs + lengthMs; atMs += FRAME_MS) {
    await clock.advance(FRAME_MS);
    const key = atMs % gopMs === 0;
    camera.media(clock.monotonicMs(), madeFrame({ atMs, durationMs: FRAME_MS, key, sizeBytes }));
  }
  mediaMs.set(camera, fromMs + lengthMs);
  await clock.advance(0);
}

function ring(cameraId = PORCH, agoMs = 0): string {
  return doorstep.remember(cameraId, epochMs(clock.wallMs() - agoMs), 'ring') ?? '';
}

/** Decode times of a clip's frames, in milliseconds. The init of made video is of no known length. */
function timesOf(clip: Buffer): number[] {
  const times: number[] = [];
  for (let at = clip.indexOf('moof') - 4; at < clip.length;) {
    const part = readPart(clip.subarray(at));
    times.push((part.video.decodeTimeTicks * 1_000) / MADE_TIMESCALE);
    at += part.sizeBytes;
  }
  return times;
}

describe('a moment', () => {
  it('is the ten seconds around it, from a key frame on, and begins at zero', async () => {
    await show(porch, 20_000);
    const id = ring();
    const early = doorstep.clip(id);
    await show(porch, 20_000);
    const clip = doorstep.clip(id);
    // The GOP of 14 to 16 s is the one that was under way five seconds before; 25 s is its end.
    expect(timesOf(clip)).toEqual(Array.from({ length: 110 }, (_, frame) => frame * FRAME_MS));
    // What was fetched while it lasted is its beginning.
    expect(timesOf(early)).toHaveLength(60);
    expect(clip.subarray(0, early.length).equals(early)).toBe(true);
    expect(doorstep.list()).toEqual([
      { id, camera: PORCH, at: '2026-01-01T12:00:20.000Z', kind: 'ring' },
    ]);
  });

  it('that is told of late is the same', async () => {
    await show(porch, 20_000);
    const now = ring();
    await show(porch, 3_000);
    const later = ring(PORCH, 3_000);
    await show(porch, 10_000);
    expect(doorstep.clip(later).equals(doorstep.clip(now))).toBe(true);
    // Of half a minute ago there is nothing any more.
    expect(ring(PORCH, 30_000)).toBe('');
  });

  it('is not moved by a step of the clock', async () => {
    await show(porch, 20_000);
    clock.stepWall(-3_600_000);
    const id = ring();
    clock.stepWall(7_200_000);
    await show(porch, 20_000);
    expect(timesOf(doorstep.clip(id))).toHaveLength(110);
  });

  it('has the picture of that instant, made once, also while it lasts', async () => {
    const counting = fakes.script(
      `const chunks = []; process.stdin.on('data', (chunk) => chunks.push(chunk))
        .on('end', () => process.stdout.write(process.argv.join(' ') + Buffer.concat(chunks).length));`,
    );
    await doorstep.stop();
    begin(counting);
    await show(porch, 20_500);
    const id = ring();
    const first = (await doorstep.picture(id)).toString('latin1');
    // The key frame of 20 s and what came up to the ring: the fifth is asked for.
    expect(first).toMatch(/eq\(n\\?,4\)|select=.*4/);
    await show(porch, 6_000);
    expect((await doorstep.picture(id)).toString('latin1')).toBe(first);
  });

  it('of a camera that was away has the first frame after it, or none', async () => {
    const id = ring();
    await expect(doorstep.picture(id)).rejects.toMatchObject({
      ...{ kind: 'unavailable', reason: 'no-picture' },
    });
    expect(() => doorstep.clip(id)).toThrow(expect.objectContaining({ kind: 'unavailable' }));
    await show(porch, 1_000);
    expect((await doorstep.picture(id)).toString('latin1')).toContain(PICTURE_MARK);
    expect(timesOf(doorstep.clip(id))).toHaveLength(10);
  });

  it('keeps what came before the cable was cut, and nothing of the next run', async () => {
    await show(porch, 8_000);
    porch.hub?.publish({ type: 'end', reason: 'disconnected', error: undefined });
    await clock.advance(1_000);
    const id = ring();
    porch.begin(madeRun(clock.wallMs()));
    await show(porch, 2_000);
    expect(timesOf(doorstep.clip(id)).length).toBeGreaterThanOrEqual(40);
    expect(Math.max(...timesOf(doorstep.clip(id)))).toBeLessThan(8_000);
    // Ten seconds after an end, nothing is left to look at.
    porch.hub?.publish({ type: 'end', reason: 'disconnected', error: undefined });
    await clock.advance(0);
    await clock.advance(10_000);
    expect(ring(YARD)).not.toBe('');
    expect(() => doorstep.clip(ring())).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  });

  it('goes on when the camera is set up anew', async () => {
    await show(porch, 8_000);
    porch.restart();
    await clock.advance(0);
    expect(() => doorstep.clip(ring())).toThrow(expect.objectContaining({ kind: 'unavailable' }));
    mediaMs.delete(porch);
    await show(porch, 8_000);
    expect(timesOf(doorstep.clip(ring())).length).toBeGreaterThan(40);
  });

  it('of a camera that is not there is none', () => {
    expect(ring('0000000000000000')).toBe('');
    expect(() => doorstep.clip('0000000000000000')).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
  });
});

describe('the window', () => {
  it('holds twenty moments, the newest', async () => {
    const ids: string[] = [];
    for (let count = 0; count < MOMENTS_MAX + 5; count += 1) {
      await show(porch, 1_000);
      ids.push(ring());
    }
    expect(doorstep.list().map(({ id }) => id)).toEqual(ids.slice(5).reverse());
  });

  it('holds nothing that is ten minutes old, whether somebody asks or not', async () => {
    await show(porch, 10_000);
    const id = ring();
    // Its oldest frame is the key frame that came 5.9 s before the last one.
    await clock.advance(WINDOW_MS - 6_000);
    expect(doorstep.list()).toHaveLength(1);
    await clock.advance(100);
    expect(doorstep.list()).toEqual([]);
    await expect(doorstep.picture(id)).rejects.toMatchObject({ kind: 'not-found' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('forgets a camera that is removed, and a picture that is being made of it', async () => {
    await doorstep.stop();
    begin(fakes.endless());
    await show(porch, 3_000);
    await show(home.camera(YARD), 3_000);
    const id = ring();
    const theirs = ring(YARD);
    const making = doorstep.picture(id);
    home.remove(PORCH);
    await expect(making).rejects.toMatchObject({ kind: 'not-found' });
    expect(doorstep.list().map((moment) => moment.id)).toEqual([theirs]);
    expect(ring()).toBe('');
  });

  it('says what is wrong where no picture can be made, and tries again', async () => {
    await doorstep.stop();
    begin(fakes.script('process.exit(1)'));
    await show(porch, 3_000);
    const id = ring();
    await expect(doorstep.picture(id)).rejects.toMatchObject({ kind: 'corrupt' });
    await expect(doorstep.picture(id)).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

describe('memory', () => {
  it('is bounded for each moment: it begins on time and ends early', async () => {
    await show(porch, 20_000, { sizeBytes: 200_000 });
    const id = ring();
    await show(porch, 10_000, { sizeBytes: 200_000 });
    const clip = doorstep.clip(id);
    expect(clip.length).toBeLessThanOrEqual(MOMENT_MAX_BYTES);
    expect(clip.length).toBeGreaterThan(MOMENT_MAX_BYTES - 400_000);
    expect(timesOf(clip)[0]).toBe(0);
  });

  it('is not taken by GOPs without an end', async () => {
    await show(porch, 120_000, { sizeBytes: 100_000, gopMs: 3_600_000 });
    expect(doorstep.heldBytes).toBeLessThanOrEqual(RECENT_MAX_BYTES);
  });

  it('is bounded for all together, and given back; measured', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const external = async (): Promise<number> => {
      // Two rounds: what the first finds is freed by the second.
      for (let round = 0; round < 2; round += 1) {
        collect();
        await clock.advance(0);
      }
      return process.memoryUsage().arrayBuffers;
    };
    const before = await external();
    const max = MOMENTS_MAX_BYTES + 2 * RECENT_MAX_BYTES;
    let most = 0;
    // 16 Mbit/s each. Somebody at both doors every 16 s, so that no two moments share a frame.
    for (let time = 0; time < 100; time += 1) {
      for (const camera of [porch, home.camera(YARD)]) {
        await show(camera, 2_000, { sizeBytes: 200_000 });
      }
      if (time % 4 === 3) {
        ring();
        ring(YARD);
      }
      most = Math.max(most, doorstep.heldBytes);
      expect(doorstep.heldBytes).toBeLessThanOrEqual(max);
    }
    const full = await external();
    // It is near its bound, or the bound was not tried.
    expect(most).toBeGreaterThan(MOMENTS_MAX_BYTES * 0.9);
    // It is real memory, or nothing was measured. The hubs hold a GOP each, of 4 MB, which it shares.
    expect(full - before).toBeGreaterThan(most * 0.8);
    expect(full - before).toBeLessThan(max + 2 * 4_200_000);
    await doorstep.stop();
    for (const camera of home.cameras.values()) camera.restart();
    const after = await external();
    expect(after - before).toBeLessThan(4_000_000);
    const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
    process.stdout.write(
      `doorstep window: ${mb(most)} MB held at most, bound ${mb(max)}; ` +
        `${mb(full - before)} MB of buffers while full, ${mb(after - before)} MB after the stop\n`,
    );
  });
});
