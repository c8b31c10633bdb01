/**
 * From a camera to a player, through the real server: ffmpeg plays the playlist over HTTP and gets
 * every frame that was recorded, in order.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StorageUse } from '../../server/contract/storage.ts';
import { DoorkeepServer } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { CLIPS, type ClipSpec, frameNumber, makeClip } from '../fixtures/clips.ts';
import { ClipFolder } from '../fixtures/fmp4-clips.ts';
import { readIndex } from '../fixtures/footage-tree.ts';
import { addCamera, rangesOf, type Stretch, untilRecorded } from '../fixtures/household.ts';
import { runFfmpeg } from '../fixtures/test-ffmpeg.ts';

const clip: ClipSpec = { ...CLIPS.small, gopSeconds: 1, seconds: 8, sound: 'aac' };
const CLIP_FRAMES = clip.fps * clip.seconds;

/** Over the end of the clip and into its next lap. */
const FIRST_SECONDS = 10;
const SECOND_SECONDS = 4;

/** The numbers are in the first row of macroblocks. */
const STRIP_PX = 16;

/** An entry of a playlist. */
interface Entry {
  readonly seconds: number;
  readonly path: string;
  readonly first: number;
  readonly last: number;
}

/** The numbers of all frames that ffmpeg gets out of an address or a file. */
async function framesOf(input: readonly string[]): Promise<number[]> {
  const strips = await runFfmpeg([
    ...[...input, '-map', '0:v', '-vf', `crop=${String(clip.width)}:${String(STRIP_PX)}:0:0`],
    ...['-vsync', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'],
  ]);
  const stripBytes = clip.width * STRIP_PX;
  return Array.from({ length: strips.length / stripBytes }, (_, index) =>
    frameNumber(strips.subarray(index * stripBytes, (index + 1) * stripBytes), clip.width),
  );
}

/** A playlist, played by ffmpeg over HTTP with the cookie of the session. */
function overHttp(server: DoorkeepServer, path: string): string[] {
  return ['-headers', `Cookie: ${server.cookie ?? ''}\r\n`, '-i', server.baseUrl + path];
}

/** What stands between two discontinuities. The init is named anew by each run. */
function stretchesOf(playlist: string): { init: Entry; entries: Entry[] }[] {
  return playlist.split('#EXT-X-DISCONTINUITY\n').map((text) => {
    const [, path, size] = /#EXT-X-MAP:URI="(.*)",BYTERANGE="(\d+)@0"/.exec(text)!;
    const init = { seconds: 0, path: `/api/playback/${path!}`, first: 0, last: Number(size) - 1 };
    return { init, entries: entriesOf(text) };
  });
}

function entriesOf(playlist: string): Entry[] {
  return [...playlist.matchAll(/#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n(.+)\n/g)].map(
    ([, seconds, size, offset, path]) => ({
      ...{ seconds: Number(seconds), path: `/api/playback/${path!}`, first: Number(offset) },
      last: Number(offset) + Number(size) - 1,
    }),
  );
}

function framesIn(entries: readonly Entry[]): number {
  return Math.round(entries.reduce((sum, { seconds }) => sum + seconds, 0) * clip.fps);
}

/** The bytes of an entry, as a player asks for them. */
async function fetched(server: DoorkeepServer, { path, first, last }: Entry): Promise<Buffer> {
  const range = { range: `bytes=${String(first)}-${String(last)}` };
  const answer = await server.fetch('GET', path, undefined, range);
  expect(answer.status).toBe(206);
  return Buffer.from(await answer.arrayBuffer());
}

/** The frames of the clip, lap after lap, from `first` on. */
function following(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (first + index) % CLIP_FRAMES);
}

describe('footage in a player', () => {
  let folder: ClipFolder;
  let camera: RtspCamera;
  let server: DoorkeepServer;
  let id: string;
  let ranges: Stretch[];
  let path: string;
  let playlist: string;

  beforeAll(async () => {
    folder = await ClipFolder.create();
    camera = await RtspCamera.start({ streams: { '/main': await loadClip(await makeClip(clip)) } });
    server = await DoorkeepServer.start();
    await server.setUp();
    const source = { type: 'rtsp' as const, url: camera.url('/main') };
    id = (await addCamera(server, { name: 'Porch', source, sound: true })).id;
    await untilRecorded(server, id, FIRST_SECONDS);
    camera.dropConnections();
    await untilRecorded(server, id, SECOND_SECONDS, 2);
    ranges = await rangesOf(server, id);
    const [from, to] = [ranges[0]!.fromMs, ranges.at(-1)!.toMs].map((ms) => new Date(ms));
    path = `/api/playback/${id}.m3u8?from=${from!.toISOString()}&to=${to!.toISOString()}`;
    playlist = (await server.api<string>('GET', path)).body;
  });

  afterAll(async () => {
    await server.dispose();
    await camera.close();
    await folder.remove();
  });

  it('is every frame that was recorded, in order', async () => {
    const [first] = stretchesOf(playlist);
    const to = new Date(ranges[0]!.toMs).toISOString();
    const frames = await framesOf(overHttp(server, path.replace(/to=.*/, `to=${to}`)));
    expect(frames).toHaveLength(framesIn(first!.entries));
    expect(frames.length).toBeGreaterThanOrEqual(FIRST_SECONDS * clip.fps);
    expect(frames).toEqual(following(frames[0]!, frames.length));
  });

  // ffmpeg itself drops the first group of pictures behind a discontinuity (docs/design/playback.md),
  // so what a player puts together is given to it as one file for each stretch.
  it('goes on with every frame of the next connection', async () => {
    const stretches = stretchesOf(playlist);
    expect(stretches).toHaveLength(2);
    for (const [index, { init, entries }] of stretches.entries()) {
      const bytes: Buffer[] = [];
      for (const part of [init, ...entries]) bytes.push(await fetched(server, part));
      const file = await folder.write(`stretch-${String(index)}.mp4`, Buffer.concat(bytes));
      const frames = await framesOf(['-i', file]);
      expect(frames).toHaveLength(framesIn(entries));
      expect(frames).toEqual(following(frames[0]!, frames.length));
    }
    expect(framesIn(stretches[1]!.entries)).toBeGreaterThanOrEqual(SECOND_SECONDS * clip.fps);
  });

  it('says when each connection began', () => {
    const times = [...playlist.matchAll(/PROGRAM-DATE-TIME:(.*)/g)].map(([, at]) =>
      Date.parse(at!),
    );
    expect(times).toEqual(ranges.map(({ fromMs }) => fromMs));
  });

  it('is, from a moment on, what follows the key frame before it', async () => {
    const first = ranges[0]!;
    const at = new Date(first.fromMs + 4_500).toISOString();
    const to = new Date(first.fromMs + 6_500).toISOString();
    const some = await framesOf(overHttp(server, `/api/playback/${id}.m3u8?from=${at}&to=${to}`));
    // Key frames come each second: from the one at 4 s to the end of the one at 6 s.
    const [start] = await framesOf(overHttp(server, path));
    expect(some).toEqual(following(start! + 4 * clip.fps, 3 * clip.fps));
  });

  it('comes by its ranges, byte for byte, and no byte more than counts', async () => {
    const [entry] = entriesOf(playlist);
    const bytes = await fetched(server, entry!);
    const whole = await server.fetch('GET', entry!.path);
    const file = Buffer.from(await whole.arrayBuffer());
    expect(bytes.equals(file.subarray(entry!.first, entry!.last + 1))).toBe(true);
    const { segments } = readIndex(server.dataPath);
    expect(file.length).toBe(segments[0]!.sizeBytes);
    const beyond = await server.fetch('GET', entry!.path, undefined, {
      range: `bytes=${String(file.length)}-`,
    });
    expect(beyond.status).toBe(416);
    await beyond.arrayBuffer();
  });

  it('is counted', async () => {
    const { body } = await server.api<StorageUse>('GET', '/api/storage');
    const [use] = body.cameras;
    const { segments } = readIndex(server.dataPath);
    const bytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    // The camera goes on: what came between the answer and the index is one part at most.
    expect(use!.bytes).toBeGreaterThan(0);
    expect(use!.bytes).toBeLessThanOrEqual(bytes);
    expect(body.footageBytes).toBe(use!.bytes);
    expect(use!.durationMs).toBeGreaterThanOrEqual((FIRST_SECONDS + SECOND_SECONDS) * 1_000);
    expect(Date.parse(use!.oldest!)).toBe(ranges[0]!.fromMs);
    expect(body.totalBytes).toBeGreaterThan(body.freeBytes);
  });

  it('is gone with its camera', async () => {
    expect((await server.api('DELETE', `/api/cameras/${id}`)).status).toBe(204);
    for (const gone of [path, entriesOf(playlist)[0]!.path]) {
      const answer = await server.api<{ status: number }>('GET', gone);
      expect(answer.status).toBe(404);
      expect(answer.body.status).toBe(404);
    }
  });
});
