/** The relay between simulated cameras and the real ffmpeg, when all is well. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RtspCamera, type RtspCameraOptions } from '../doubles/rtsp-camera/camera.ts';
import { type Clip, loadClip } from '../doubles/rtsp-camera/clip.ts';
import { CLIPS, type ClipSpec, makeClip } from '../fixtures/clips.ts';
import { type HashedFrame, hashesOfFile, TestRelay } from '../fixtures/test-relay.ts';

const short: ClipSpec = { ...CLIPS.small, seconds: 4, gopSeconds: 1 };
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const CLOCK_STEPS_MS = [HOUR_MS, -HOUR_MS, 3 * YEAR_MS, -3 * YEAR_MS];

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(spec: ClipSpec, more: Partial<RtspCameraOptions> = {}): Promise<RtspCamera> {
  const clip = await loadClip(await makeClip(spec));
  const camera = await RtspCamera.start({ streams: { '/stream1?x=1&y=2': clip }, ...more });
  cleanups.push(() => camera.close());
  return camera;
}

async function relayTo(
  camera: RtspCamera,
  more: Parameters<typeof TestRelay.open>[2] = {},
): Promise<TestRelay> {
  const opened = await TestRelay.open(camera, '/stream1?x=1&y=2', more);
  cleanups.push(() => opened.close());
  return opened;
}

function ofStream(frames: readonly { stream: number; hash: string }[], stream: number): string[] {
  return frames.filter((frame) => frame.stream === stream).map(({ hash }) => hash);
}

describe('media', () => {
  it.each([
    ['H.264 with AAC', { ...short, sound: 'aac' }, 'h264', 'MPEG4-GENERIC'],
    ['H.264 with PCMU', { ...short, sound: 'pcmu' }, 'h264', 'PCMU'],
    ['H.264 with B-frames, no sound', { ...short, bFrames: 2 }, 'h264', undefined],
    ['H.265 with PCMA', { ...short, codec: 'h265', sound: 'pcma' }, 'hevc', 'PCMA'],
    ['H.264 with L16', { ...short, sound: 'l16' }, 'h264', 'L16'],
  ] as const)('passes bit for bit: %s', async (_, spec, codec, sound) => {
    const camera = await start(spec);
    const test = await relayTo(camera);
    expect(test.relay.announced.video?.encoding).toBe(codec === 'h264' ? 'H264' : 'H265');
    expect(test.relay.announced.audio?.encoding).toBe(sound);
    const [got, expected] = [
      await test.hashes(2, codec),
      await hashesOfFile(await makeClip(spec), codec),
    ];
    const picture = ofStream(got, 0);
    expect(picture.length).toBeGreaterThanOrEqual(28);
    expect(picture).toEqual(ofStream(expected, 0).slice(0, picture.length));
    if (sound === 'MPEG4-GENERIC') {
      const heard = ofStream(got, 1);
      expect(heard.length).toBeGreaterThan(80);
      expect(heard).toEqual(ofStream(expected, 1).slice(0, heard.length));
    }
    expect(ofStream(got, 1).length > 0).toBe(sound !== undefined);
    const { tracks, bytes, skippedBytes } = test.relay.counters();
    expect(bytes).toBeGreaterThan(50_000);
    expect(skippedBytes).toBe(0);
    expect(tracks.map(({ kind, lost }) => [kind, lost])).toEqual(
      sound === undefined
        ? [['video', 0]]
        : [
            ['video', 0],
            ['audio', 0],
          ],
    );
  });

  it('passes bit for bit when nobody watches and it reads by the common tick', async () => {
    const spec = { ...short, sound: 'aac' } as const;
    const camera = await start(spec);
    const got = ofStream(await (await relayTo(camera, { isCalm: () => true })).hashes(2), 0);
    expect(got.length).toBeGreaterThanOrEqual(28);
    const expected = ofStream(await hashesOfFile(await makeClip(spec)), 0);
    expect(got).toEqual(expected.slice(0, got.length));
  });

  it('leaves sound, back channel and metadata at the camera when sound is off', async () => {
    const camera = await start({ ...short, sound: 'pcmu' });
    const test = await relayTo(camera, { sound: false });
    const got = await test.hashes(1);
    expect(new Set(got.map(({ stream }) => stream))).toEqual(new Set([0]));
    expect(test.relay.announced.audio?.encoding).toBe('PCMU');
    const setUps = camera.requests.filter((text) => text.startsWith('SETUP'));
    expect(setUps).toHaveLength(1);
    expect(setUps[0]).toMatch(/\/trackID=0 /);
  });

  it('never sets up the back channel when sound is on', async () => {
    const camera = await start({ ...short, sound: 'pcmu' });
    await (await relayTo(camera)).hashes(1);
    const setUps = camera.requests.filter((text) => text.startsWith('SETUP'));
    expect(setUps.map((text) => /trackID=\d/.exec(text)?.[0])).toEqual(['trackID=0', 'trackID=1']);
    expect(camera.requests.join()).not.toContain('Require');
  });
});

describe('secrets and addresses', () => {
  it('stay where they belong', async () => {
    const camera = await start(short, { login: 'digest-sha256', password: 'plänted "secret"' });
    const test = await relayTo(camera);
    const child = test.start(['-c', 'copy', '-f', 'null', '-']);
    await expect.poll(() => test.relay.counters().bytes).toBeGreaterThan(0);

    const seen = readFileSync(`/proc/${String(child.pid)}/cmdline`, 'utf8');
    expect(seen).toContain(test.relay.url);
    const environment = readFileSync(`/proc/${String(child.pid)}/environ`, 'utf8');
    for (const text of [seen, environment]) {
      expect(text).not.toContain('secret');
      expect(text).not.toContain(String(camera.port));
    }
    await test.close();

    const asked = camera.requests.join('\n');
    const token = test.relay.url.slice(test.relay.url.lastIndexOf('/') + 1);
    expect(token).toMatch(/^[\w-]{22}$/);
    expect(asked).not.toContain(token);
    expect(asked).not.toMatch(/secret|Lavf/);
    expect(
      camera.requests.every((text) => / rtsp:\/\/127\.0\.0\.1:\d+\/stream1\?x=1&y=2/.test(text)),
    ).toBe(true);
    expect(camera.login).toMatchObject({ failures: 0, basicAnswers: 0 });
    expect(test.relay.authentication).toBe('digest');
    // The camera is told, so that it can serve somebody else.
    expect(camera.requests.at(-1)).toMatch(/^TEARDOWN /);
    expect(camera.totalConnections).toBe(1);
    expect(test.gateway.counts).toEqual({ connected: 1, refused: 0, failed: 0, open: 0 });
  });

  it.each(['none', 'basic', 'digest', 'basic-and-digest'] as const)(
    'logs in: %s',
    async (login) => {
      const camera = await start(short, { login });
      const test = await relayTo(camera);
      expect((await test.hashes(0.5)).length).toBeGreaterThan(0);
      expect(test.relay.authentication).toBe(login === 'basic-and-digest' ? 'digest' : login);
      expect(camera.login.failures).toBe(0);
      expect(camera.login.basicAnswers > 0).toBe(login === 'basic');
    },
  );

  it('goes on when the nonce expires while it plays', async () => {
    const camera = await start(short, { login: 'digest', timeoutS: 10 });
    const test = await relayTo(camera);
    const reading = test.hashes(9);
    await expect.poll(() => camera.clients('/stream1?x=1&y=2')).toBe(1);
    camera.login.expireNonces();
    const got = await reading;
    // ffmpeg keeps the connection alive after half of the timeout.
    const kept = camera.requests.filter((text) => text.startsWith('GET_PARAMETER'));
    expect(kept.length).toBeGreaterThanOrEqual(2);
    expect(camera.login.failures).toBe(0);
    expect(got.length).toBeGreaterThan(9 * 15 - 5);
    expect(test.relay.counters().tracks[0]?.lost).toBe(0);
  });
});

describe('the loopback side', () => {
  it('serves one connection, of our process only', async () => {
    const camera = await start(short);
    const test = await relayTo(camera, { isOurPeer: () => Promise.resolve(false) });
    const port = Number(new URL(test.relay.url).port);
    const stranger = connect(port, '127.0.0.1');
    const end = await test.relay.closed;
    expect(end).toMatchObject({ reason: 'internal', error: { reason: 'not-our-process' } });
    await new Promise((resolve) => stranger.once('close', resolve).resume());

    const late = connect(port, '127.0.0.1');
    const refused = await new Promise((resolve) => late.once('error', resolve));
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('does not answer who does not know the path', async () => {
    const camera = await start(short);
    const test = await relayTo(camera, { isOurPeer: () => Promise.resolve(true) });
    const url = new URL(test.relay.url);
    const guesser = connect(Number(url.port), '127.0.0.1');
    let heard = '';
    guesser.on('data', (part: Buffer) => {
      heard += part.toString();
    });
    guesser.write(`DESCRIBE ${test.relay.url.slice(0, -1)} RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
    expect((await test.relay.closed).reason).toBe('internal');
    expect(heard).toBe('');
  });

  it('closes twice, and before anybody came', async () => {
    const camera = await start(short);
    const test = await relayTo(camera);
    await Promise.all([test.relay.close(), test.relay.close()]);
    expect((await test.relay.closed).reason).toBe('stopped');
    await expect.poll(() => camera.connections).toBe(0);
  });

  it('stops with its signal', async () => {
    const stop = new AbortController();
    const camera = await start(short);
    const test = await relayTo(camera, { signal: stop.signal });
    const reading = test.hashes(60);
    await expect.poll(() => test.relay.counters().bytes).toBeGreaterThan(0);
    stop.abort();
    expect((await test.relay.closed).reason).toBe('stopped');
    expect((await reading).length).toBeGreaterThan(0);
    await expect.poll(() => camera.connections).toBe(0);
  });
});

describe('a camera whose clock steps', () => {
  /** Each beside the others: they wait for their pictures, not for the machine. */
  const seen = new Map<number, Promise<HashedFrame[]>>();
  const closers: (() => Promise<void>)[] = [];

  async function goThrough(clip: Clip, stepMs: number): Promise<HashedFrame[]> {
    const camera = await RtspCamera.start({ streams: { '/a': clip }, reportEveryMs: 300 });
    closers.push(() => camera.close());
    const test = await TestRelay.open(camera, '/a');
    closers.push(() => test.close());
    const reading = test.hashes(4);
    await expect.poll(() => test.relay.counters().bytes).toBeGreaterThan(60_000);
    camera.trouble.senderReportStepMs = stepMs;
    return await reading;
  }

  beforeAll(async () => {
    const clip = await loadClip(await makeClip({ ...short, sound: 'pcmu' }));
    for (const stepMs of CLOCK_STEPS_MS) {
      const frames = goThrough(clip, stepMs);
      // Heard by its test.
      frames.catch(() => undefined);
      seen.set(stepMs, frames);
    }
  });

  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  it.each(CLOCK_STEPS_MS)(
    'by %d ms: media time goes on, sound and picture stay in step',
    async (stepMs) => {
      const got = await seen.get(stepMs)!;
      const seconds = (stream: number, timescale: number): number[] =>
        got.filter((frame) => frame.stream === stream).map(({ pts }) => pts / timescale);
      const picture = seconds(0, 90_000);
      const sound = seconds(1, 8_000);
      expect(picture.length).toBeGreaterThan(50);
      for (const [times, frameS] of [
        [picture, 1 / 15],
        [sound, 0.02],
      ] as const) {
        const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
        expect(Math.min(...steps)).toBeGreaterThan(0);
        expect(Math.max(...steps)).toBeLessThan(frameS + 0.03);
      }
      expect(Math.abs((picture.at(-1) ?? 0) - (sound.at(-1) ?? 0))).toBeLessThan(0.15);
    },
  );
});
