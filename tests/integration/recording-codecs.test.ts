/**
 * From a camera to an MP4, through the real server: every frame of what each kind of camera sent
 * comes out, bit for bit, in order, none missing; AAC packets likewise.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AddedCamera,
  Camera,
  CameraVideo,
  TestedStream,
} from '../../server/contract/camera.ts';
import type { Export } from '../../server/contract/export.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import {
  gstAvailable,
  type GstMount,
  type GstRtspServer,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, type ClipSpec, frameNumber, makeClip } from '../fixtures/clips.ts';
import {
  ClipFolder,
  complaints,
  frameHashes,
  frameTimes,
  packetHashes,
  readBoxes,
} from '../fixtures/fmp4-clips.ts';
import { addCameras, cameraOf, takeOut, untilRecorded } from '../fixtures/household.ts';
import { mediaAvailable, type MediaVideo, mediaVideo } from '../fixtures/media.ts';
import { ffprobeAvailable, runFfmpeg, runFfprobe } from '../fixtures/test-ffmpeg.ts';

/** Short enough that what is recorded goes over the end of the clip and into the next lap. */
const clip: ClipSpec = { ...CLIPS.small, gopSeconds: 1, seconds: 8 };

/** Parts behind the range: the sound of its last picture is durable by then. Two are enough on a quiet
 * machine; on a busy one sound that is encoded here comes later than its picture. */
const BEHIND_SECONDS = 4;
const RECORDED_SECONDS = 10;

const AAC = { codec: 'aac', sampleRate: 48_000, channels: 1 };
const PCM = { sampleRate: 8_000, channels: 1 };

interface Kind {
  readonly name: string;
  readonly spec: ClipSpec;
  readonly sound: boolean;
  readonly latm?: boolean;
  /** What the camera announces. */
  readonly audio?: NonNullable<TestedStream['audio']>;
}

const KINDS: readonly Kind[] = [
  { name: 'H.264, silent', spec: clip, sound: false },
  { name: 'H.264, silent, sound on', spec: clip, sound: true },
  { name: 'H.264 with AAC', spec: { ...clip, sound: 'aac' }, sound: true, audio: AAC },
  { name: 'H.264 with AAC, sound off', spec: { ...clip, sound: 'aac' }, sound: false, audio: AAC },
  {
    ...{ name: 'H.264 with AAC as LATM', spec: { ...clip, sound: 'aac' } },
    ...{ sound: true, latm: true, audio: AAC },
  },
  {
    ...{ name: 'H.264 with PCMU', spec: { ...clip, sound: 'pcmu' }, sound: true },
    audio: { codec: 'pcm_mulaw', ...PCM },
  },
  {
    ...{ name: 'H.264 with PCMA', spec: { ...clip, sound: 'pcma' }, sound: true },
    audio: { codec: 'pcm_alaw', ...PCM },
  },
  {
    ...{ name: 'H.264 with L16', spec: { ...clip, sound: 'l16' }, sound: true },
    audio: { codec: 'pcm_s16be', sampleRate: 16_000, channels: 1 },
  },
  { name: 'H.265, silent', spec: { ...clip, codec: 'h265' }, sound: false },
  {
    ...{ name: 'H.265 with AAC', spec: { ...clip, codec: 'h265', sound: 'aac' } },
    ...{ sound: true, audio: AAC },
  },
];

/** Real cameras’ clips, with what they are; two of them have one key frame in all. */
const REAL: readonly { video: MediaVideo; width: number; height: number; fps: number }[] = [
  { video: 'frontdoor_cat.mp4', width: 1280, height: 720, fps: 0 },
  { video: 'frontdoor_delivery_person.mp4', width: 1280, height: 720, fps: 173 / 12 },
  { video: 'indoor_one_by_one_intel.mp4', width: 768, height: 432, fps: 10 },
  { video: 'indoor_people_detection_intel.mp4', width: 768, height: 432, fps: 12 },
  { video: 'topdown_cars_intel.mp4', width: 768, height: 432, fps: 12.5 },
];

/** What one camera of the household went through. */
interface Taken {
  readonly clipPath: string;
  readonly added: AddedCamera;
  readonly online: Camera;
  readonly exportPath: string;
  readonly job: Export;
}

interface ProbedStream {
  codec_type: string;
  codec_name: string;
  codec_tag_string: string;
  width?: number;
  height?: number;
  sample_rate?: string;
  start_time: string;
  duration: string;
}

/** The laps of `all` from the place where `found` begins, as many as there are in `found`. */
function lapsFrom(all: readonly string[], found: readonly string[]): string[] {
  const start = all.indexOf(found[0] ?? '');
  return found.map((_, index) => all[(start + index) % all.length] ?? '');
}

/** The camera's clock may be slewed by 2.5 ms per sender report (rtsp/sender-report.ts), and two of
 * them may lie between two frames that are compared. */
const SLEW_MS = 6;

function expectMeasured(video: CameraVideo, spec: ClipSpec): void {
  expect(video).toMatchObject({ codec: spec.codec, width: spec.width, height: spec.height });
  expect(Math.abs(video.framesPerSecond! - spec.fps)).toBeLessThan(0.05);
  expect(Math.abs(video.keyFrameIntervalMs! - spec.gopSeconds * 1_000)).toBeLessThan(SLEW_MS);
}

/** Each frame is followed by the next one of the camera's. */
function expectSteady(times: readonly number[], fps: number): void {
  const steps = times.slice(1).map((time, index) => time - times[index]!);
  for (const step of steps) expect(Math.abs(step - 1 / fps)).toBeLessThan(SLEW_MS / 1_000);
}

async function probe(path: string): Promise<ProbedStream[]> {
  const json = await runFfprobe(['-show_streams', '-of', 'json', path]);
  return (JSON.parse(json) as { streams: ProbedStream[] }).streams;
}

describe.skipIf(!gstAvailable || !ffprobeAvailable)('what a camera sent comes out', () => {
  let folder: ClipFolder;
  let gst: GstRtspServer;
  let server: DoorkeepServer;
  const taken = new Map<string, Taken>();
  /** By clip; several cameras play the same one. */
  const sentFrames = new Map<string, readonly string[]>();

  /** What one camera recorded, taken out; the household’s other cameras record meanwhile. */
  async function takeOutOf(added: AddedCamera, mount: GstMount): Promise<void> {
    const range = await untilRecorded(server, added.id, RECORDED_SECONDS);
    // Sound is written up to half a second behind its picture, so it may lie in the next part.
    const seconds = (range.toMs - range.fromMs) / 1_000 + BEHIND_SECONDS;
    await untilRecorded(server, added.id, seconds);
    const online = await cameraOf(server, added.id);
    const { path, job } = await takeOut(server, added.id, { ...range, folder: folder.path });
    taken.set(added.name, { clipPath: mount.file, added, online, exportPath: path, job });
  }

  beforeAll(async () => {
    folder = await ClipFolder.create();
    const mounts: { name: string; sound: boolean; mount: GstMount }[] = [];
    for (const [index, { name, spec, sound, latm }] of KINDS.entries()) {
      const path = `/kind${String(index)}`;
      const mount = { path, file: await makeClip(spec), ...(latm === true ? { latm } : {}) };
      mounts.push({ name, sound, mount });
    }
    for (const { video } of mediaAvailable ? REAL : []) {
      const mount = { path: `/${video}`, file: mediaVideo(video) };
      mounts.push({ name: video, sound: false, mount });
    }
    gst = await startGstRtspServer({ mounts: mounts.map(({ mount }) => mount) });
    server = await DoorkeepServer.start();
    await server.setUp();
    const cameras = mounts.map(({ name, sound, mount }) => ({
      ...{ name, sound },
      source: { type: 'rtsp' as const, url: gst.url(mount.path) },
    }));
    const finishing: Promise<void>[] = [];
    await addCameras(server, cameras, (added, index) => {
      const finished = takeOutOf(added, mounts[index]!.mount);
      // Heard below; until then another camera's trouble may come first.
      finished.catch(() => undefined);
      finishing.push(finished);
    });
    await Promise.all(finishing);
  });

  afterAll(async () => {
    await server.dispose();
    await gst.stop();
    await folder.remove();
  });

  /** Answers when each frame is shown, in seconds. */
  async function expectEveryFrame({ exportPath, clipPath, job }: Taken): Promise<number[]> {
    expect(await complaints(exportPath)).toBe('');
    expect(readBoxes(await readFile(exportPath)).map(({ type }) => type)).toEqual([
      ...['ftyp', 'moov', 'mdat'],
    ]);
    const sent = await (sentFrames.get(clipPath) ?? frameHashes(clipPath));
    sentFrames.set(clipPath, sent);
    const found = await frameHashes(exportPath);
    const times = await frameTimes(exportPath);
    expect(found).toEqual(lapsFrom(sent, found));
    expect(times).toHaveLength(found.length);
    expect(times[0]).toBe(0);
    const spanMs = Date.parse(job.actualTo!) - Date.parse(job.actualFrom!);
    expect(spanMs).toBeGreaterThanOrEqual(RECORDED_SECONDS * 1_000);
    expect(job.notes).toEqual([]);
    return times;
  }

  it.each(KINDS)('$name', async ({ name, spec, sound, audio }) => {
    const seen = taken.get(name)!;
    const { added, online, exportPath, clipPath } = seen;
    for (const video of [added.test.main.video, online.video!]) expectMeasured(video, spec);
    expect(added.test.main.audio).toEqual(audio);
    const warnings = sound && audio === undefined ? ['The camera offers no sound.'] : [];
    expect(added.test.warnings).toEqual(warnings);
    expect(online).toMatchObject({ state: 'online' });
    expect(online.audio).toEqual(sound && audio !== undefined ? audio : null);

    expectSteady(await expectEveryFrame(seen), spec.fps);
    const streams = await probe(exportPath);
    const hasSound = sound && audio !== undefined;
    expect(streams.map((stream) => stream.codec_type)).toEqual(
      hasSound ? ['video', 'audio'] : ['video'],
    );
    expect(streams[0]).toMatchObject({
      ...{ codec_name: spec.codec === 'h265' ? 'hevc' : 'h264', width: spec.width },
      codec_tag_string: spec.codec === 'h265' ? 'hvc1' : 'avc1',
    });
    if (!hasSound) return;
    expect(streams[1]).toMatchObject({ codec_name: 'aac', sample_rate: '48000' });
    // Sound is there from the first picture to the last one, to a fragment of 100 ms.
    expect(Number(streams[1]?.start_time)).toBeLessThan(0.1);
    const lengths = streams.map(
      ({ start_time, duration }) => Number(start_time) + Number(duration),
    );
    expect(Math.abs(lengths[0]! - lengths[1]!)).toBeLessThan(0.15);
    if (audio.codec !== 'aac') return;
    const packets = await packetHashes(exportPath, 'a');
    expect(packets).toEqual(lapsFrom(await packetHashes(clipPath, 'a'), packets));
  });

  it.each(KINDS)('$name: the picture of the test is one of its frames', async ({ name, spec }) => {
    const { base64 } = taken.get(name)!.added.test.main.picture;
    const jpeg = await folder.write(`${name}.jpg`, Buffer.from(base64, 'base64'));
    const gray = ['-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
    const luma = await runFfmpeg(['-i', jpeg, ...gray]);
    expect(luma).toHaveLength(spec.width * spec.height);
    expect(frameNumber(luma, spec.width)).toBeLessThan(spec.fps * spec.seconds);
  });

  it.skipIf(!mediaAvailable).each(REAL)('$video', async ({ video, width, height, fps }) => {
    const seen = taken.get(video)!;
    expect(seen.added.test.main.video).toMatchObject({ codec: 'h264', width, height });
    const times = await expectEveryFrame(seen);
    // Variable; what is measured depends on where in the clip.
    if (fps === 0) return;
    // With B-frames ffmpeg has no time for the very first frame, and shows it too early.
    expectSteady(times.slice(1), fps);
  });

  it('stops with status 0 in the end', async () => {
    await until(() => !server.output.includes('"level":50'), { withinMs: 1, what: 'a clean log' });
    expect(await server.stop()).toBe(0);
  });
});
