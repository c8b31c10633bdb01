/** Live pictures from a simulated camera to real WebSockets, through the real server. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { LIVE_CLOSE } from '../../server/contract/live.ts';
import { readPart } from '../../server/fmp4/part.ts';
import { until } from '../doubles/doorkeep-server.ts';
import type { LiveClient, SeenRun } from '../doubles/live-client.ts';
import { makeClip } from '../fixtures/clips.ts';
import { soundLatenessMs } from '../fixtures/flash-and-beep.ts';
import { ClipFolder, complaints, frameHashes, packetHashes } from '../fixtures/fmp4-clips.ts';
import { metricOf, recordingsOf } from '../fixtures/household.ts';
import { LiveHome, MAIN, SUB, untilFragments } from '../fixtures/live-home.ts';
import { ffmpegsOf } from '../fixtures/process-table.ts';

const clock = new SystemClock();
let home: LiveHome;
let folder: ClipFolder;
let paths: { readonly main: string; readonly sub: string };

beforeAll(async () => {
  home = await LiveHome.start();
  await home.untilOnline();
  folder = await ClipFolder.create();
  paths = { main: await makeClip(MAIN), sub: await makeClip(SUB) };
});

afterEach(() => home.hangUp());

afterAll(async () => {
  await home.dispose();
  await folder.remove();
});

/** All that was sent of a run, as a file. */
function fileOf(client: LiveClient, run: SeenRun, name: string): Promise<string> {
  return folder.write(name, client.fileOf(run));
}

/** Whether `packets` are those of the clip in order, from wherever, around its end as often as it
 * takes. */
function expectInOrder(packets: readonly string[], clip: readonly string[]): void {
  const start = clip.indexOf(packets[0] ?? '');
  expect(start).toBeGreaterThanOrEqual(0);
  expect(packets).toEqual(packets.map((_, index) => clip[(start + index) % clip.length]));
}

describe('live', () => {
  it('plays without a complaint: all frames in order, and no sound unless asked for', async () => {
    const client = await home.watch();
    await untilFragments(client, 50);
    const path = await fileOf(client, client.run, 'silent.mp4');
    const count = client.run.fragments.length;
    expect(client.run.init).toMatchObject({
      ...{ codecs: expect.stringMatching(/^avc1\.[0-9a-f]{6}$/) as string, stream: 'main' },
      ...{ width: MAIN.width, height: MAIN.height },
    });
    expect(await complaints(path)).toBe('');
    const frames = await frameHashes(path);
    expect(frames.length).toBeGreaterThanOrEqual(50);
    expect(frames.length).toBeLessThanOrEqual(count);
    expectInOrder(frames, await frameHashes(paths.main));
  });

  it('has the sound with the picture', async () => {
    const client = await home.watch('?audio=1');
    await until(() => client.fragments > 0, { withinMs: 5_000, what: 'a picture' });
    await clock.sleep(5_000);
    const path = await fileOf(client, client.run, 'sound.mp4');
    expect(client.run.init.codecs).toMatch(/^avc1\.[0-9a-f]{6},mp4a\.40\.2$/);
    expect(await complaints(path)).toBe('');
    expectInOrder(await frameHashes(path), await frameHashes(paths.main));
    expectInOrder(await packetHashes(path, 'a'), await packetHashes(paths.main, 'a'));
    // A browser plays what it has of both: sound must not come in long pieces. Two packets, and a third
    // where the camera's clock is slewed.
    const tables = client.run.fragments.map((bytes) => readPart(bytes).audio);
    for (const { count } of tables) expect(count).toBeLessThanOrEqual(3);
  });

  it('has the sound in step', async () => {
    const client = await home.watch('?audio=1', { of: home.flashId });
    await until(() => client.fragments > 0, { withinMs: 5_000, what: 'a picture' });
    await clock.sleep(5_000);
    const late = await soundLatenessMs(await fileOf(client, client.run, 'flash.mp4'));
    expect(late.length).toBeGreaterThanOrEqual(3);
    for (const ms of late) expect(Math.abs(ms)).toBeLessThan(100);
  });
});

describe('the sub-stream', () => {
  it('starts with its first viewer, shows the other picture meanwhile, and stops after the last', async () => {
    expect(home.camera.clients('/sub')).toBe(0);
    const [first, second] = [await home.watch('?stream=sub'), await home.watch('?stream=sub')];
    await until(() => first.runs.length > 1 && second.runs.length > 1, {
      ...{ withinMs: 15_000, what: 'the small picture' },
    });
    expect(first.runs.map(({ init }) => init.stream)).toEqual(['main', 'sub']);
    expect(first.run.init).toMatchObject({ width: SUB.width, height: SUB.height });
    expect(home.camera.clients('/sub')).toBe(1);
    await until(() => first.run.fragments.length > 30, { withinMs: 10_000, what: 'pictures' });
    const path = await fileOf(first, first.run, 'sub.mp4');
    expectInOrder(await frameHashes(path), await frameHashes(paths.sub));
    const parts = await metricOf(home.server, 'doorkeep_ingest_runs_total', home.id);
    first.socket.close();
    second.socket.close();
    await until(() => home.camera.clients('/sub') === 0, { withinMs: 15_000, what: 'its end' });
    // It hangs up first and is gone a moment later.
    await until(() => ffmpegsOf(home.server.pid).length === 2, {
      ...{ withinMs: 5_000, what: 'the end of its ffmpeg' },
    });
    expect(await metricOf(home.server, 'doorkeep_ingest_runs_total', home.id)).toBe(parts);
  });
});

describe('a viewer who does not read', () => {
  it('costs two others and the recording nothing, and is told what it missed', async () => {
    const gaps = (await recordingsOf(home.server, home.id)).gaps.length;
    const [stuck, ...others] = [
      await home.watch(),
      await home.watch('?audio=1'),
      await home.watch(),
    ];
    await Promise.all([stuck, ...others].map((client) => untilFragments(client, 10)));
    stuck.socket.pause();
    await clock.sleep(9_000);
    stuck.socket.resume();
    await until(() => stuck.texts.some(({ type }) => type === 'dropped'), {
      ...{ withinMs: 10_000, what: 'the word of what was dropped' },
    });
    const dropped = stuck.texts.find((message) => message.type === 'dropped');
    expect(dropped?.frames).toBeGreaterThan(30);
    expect(dropped?.behindMs).toBeGreaterThan(2_000);
    expect(await metricOf(home.server, 'doorkeep_live_dropped_frames_total')).toBe(dropped?.frames);
    // It goes on, at a key frame.
    await untilFragments(stuck, stuck.fragments + 30);
    const clip = await frameHashes(paths.main);
    for (const [index, client] of others.entries()) {
      expect(client.texts.filter(({ type }) => type === 'dropped')).toEqual([]);
      const path = await fileOf(client, client.run, `other-${String(index)}.mp4`);
      const frames = await frameHashes(path);
      expect(frames.length).toBeGreaterThan(9 * MAIN.fps);
      expectInOrder(frames, clip);
    }
    expect(await metricOf(home.server, 'doorkeep_recorder_lost_frames_total', home.id)).toBe(0);
    expect((await recordingsOf(home.server, home.id)).gaps).toHaveLength(gaps);
  });

  it('and never comes back is hung up on', async () => {
    const stuck = await home.watch();
    await untilFragments(stuck, 10);
    stuck.socket.pause();
    await until(async () => (await metricOf(home.server, 'doorkeep_live_viewers')) === 0, {
      ...{ withinMs: 40_000, what: 'the end of the viewer' },
    });
    stuck.socket.resume();
    expect([1006, LIVE_CLOSE.stalled]).toContain(await stuck.closed);
  });
});

describe('a camera that changes while it is watched', () => {
  it('is told of, and the new run comes by itself', async () => {
    const client = await home.watch();
    await untilFragments(client, 5);
    await home.patch({ enabled: false });
    await until(() => client.states.includes('disabled'), { withinMs: 5_000, what: 'the word' });
    await home.patch({ enabled: true });
    await until(() => client.runs.length === 2, { withinMs: 15_000, what: 'the next run' });
    await home.patch({ sound: false });
    await until(() => client.runs.length === 3, { withinMs: 15_000, what: 'the third run' });
    expect(client.states[0]).toBe('disabled');
    expect(client.states.at(-1)).toBe('online');
    await untilFragments(client, client.fragments + 20);
    await home.patch({ sound: true });
  });

  it('and stalls is told of with its reason, and comes back', async () => {
    await home.untilOnline();
    const client = await home.watch();
    await untilFragments(client, 5);
    home.camera.trouble.stall = true;
    await until(() => client.states.includes('stalled'), { withinMs: 15_000, what: 'the word' });
    const told = client.texts.find((message) => message.type === 'state');
    expect(told?.stateReason?.sentence).toContain('Front door');
    home.camera.trouble.stall = false;
    await until(() => client.runs.length === 2, { withinMs: 20_000, what: 'the next run' });
    expect(client.states.at(-1)).toBe('online');
  });
});
