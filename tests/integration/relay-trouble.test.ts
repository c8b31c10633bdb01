/** What the relay makes of cameras in trouble: who reads what, and what goes on. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '../../server/base/errors.ts';
import { Secret } from '../../server/base/secret.ts';
import { OPEN_TIMEOUT_MS, relayEndReason } from '../../server/rtsp/relay.ts';
import { RtspCamera, type RtspCameraOptions } from '../doubles/rtsp-camera/camera.ts';
import { type Clip, loadClip } from '../doubles/rtsp-camera/clip.ts';
import { answers } from '../doubles/rtsp-camera/trouble.ts';
import { TestClock } from '../doubles/test-clock.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { TEST_CERTIFICATE } from '../fixtures/test-certificate.ts';
import { refusalOf, TestRelay } from '../fixtures/test-relay.ts';

const PATH = '/stream1';
const PASSWORD = 'planted-pass-word';

let clip: Clip;
let larger: Clip;
const cleanups: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  const small = { ...CLIPS.small, seconds: 4, gopSeconds: 1, sound: 'pcmu' } as const;
  clip = await loadClip(await makeClip(small));
  larger = await loadClip(await makeClip({ ...small, width: 960, height: 540 }));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(more: Partial<RtspCameraOptions> = {}): Promise<RtspCamera> {
  const camera = await RtspCamera.start({ streams: { [PATH]: clip }, password: PASSWORD, ...more });
  cleanups.push(() => camera.close());
  return camera;
}

async function relayTo(
  camera: RtspCamera,
  more: Parameters<typeof TestRelay.open>[2] = {},
): Promise<TestRelay> {
  const opened = await TestRelay.open(camera, PATH, more);
  cleanups.push(() => opened.close());
  return opened;
}

/** A server of our own making in the camera's place. */
async function fakeCamera(serve: (socket: Socket) => void): Promise<RtspCamera> {
  const camera = await start();
  await camera.stopListening();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    cleanups.push(() => {
      socket.destroy();
    });
    serve(socket);
  });
  cleanups.push(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(camera.port, '127.0.0.1', resolve));
  return camera;
}

/** What every sentence for the owner must be. */
function expectReadable(error: AppError): void {
  expect(error.message).toMatch(/^[A-Z0-9“].*\.$/);
  expect(error.message).not.toMatch(/stream|codec|rtsp|token|session|invalid|error/i);
  expect(error.hint).toMatch(/\.$/);
  expect(`${error.message} ${String(error.hint)}`).not.toContain(PASSWORD);
}

describe('before there is a picture', () => {
  it.each([
    ['no such path', answers.notFound, 'not-found', 'not-found'],
    ['forbidden', answers.forbidden, 'forbidden', 'refused'],
    ['out of order', answers.unavailable, 'camera-busy', 'refused'],
    ['any other refusal', { status: 551, phrase: 'x', method: 'DESCRIBE' }, 'refused', 'refused'],
  ] as const)('%s', async (_, answer, reason, endReason) => {
    const camera = await start();
    camera.trouble.answer = answer;
    const error = await refusalOf(TestRelay.open(camera, PATH));
    expect(error).toMatchObject({ kind: 'unprocessable', reason });
    expect(relayEndReason(error)).toBe(endReason);
    expectReadable(error);
    await expect.poll(() => camera.connections).toBe(0);
  });

  it('a wrong password is tried once', async () => {
    const camera = await start({ login: 'digest' });
    const credentials = { username: 'admin', password: new Secret('not-the-password') };
    const error = await refusalOf(TestRelay.open(camera, PATH, { credentials }));
    expect(error.reason).toBe('wrong-password');
    expect(relayEndReason(error)).toBe('wrong-password');
    expectReadable(error);
    expect(camera.login.failures).toBe(1);
  });

  it('no password where one is needed', async () => {
    const camera = await start({ login: 'digest' });
    const error = await refusalOf(TestRelay.open(camera, PATH, { anonymous: true }));
    expect(error.reason).toBe('password-needed');
    expect(relayEndReason(error)).toBe('wrong-password');
    expectReadable(error);
    expect(camera.login.failures).toBe(0);
  });

  it('the password is not sent in clear where it was protected before', async () => {
    const camera = await start({ login: 'basic' });
    const error = await refusalOf(TestRelay.open(camera, PATH, { basicAllowed: false }));
    expect(error.reason).toBe('basic-refused');
    expect(relayEndReason(error)).toBe('refused');
    expectReadable(error);
    expect(camera.login.basicAnswers).toBe(0);
    expect(camera.requests.join()).not.toContain('Authorization');
  });

  it('a redirect is named and not followed', async () => {
    const elsewhere = await start();
    const camera = await start();
    const location = `rtsp://user:${PASSWORD}@127.0.0.1:${String(elsewhere.port)}/a?b`;
    for (const method of ['OPTIONS', 'DESCRIBE', 'SETUP']) {
      camera.trouble.answer = { ...answers.redirect(location), method };
      const error = await refusalOf(
        TestRelay.open(camera, PATH).then(async (test) => {
          cleanups.push(() => test.close());
          void test.hashes(1);
          throw (await test.relay.closed).error;
        }),
      );
      expect(relayEndReason(error)).toBe('redirected');
      expect(error.message).toContain(`127.0.0.1:${String(elsewhere.port)}`);
      expectReadable(error);
    }
    expect(elsewhere.totalConnections).toBe(0);
  });

  it('nobody listens', async () => {
    const camera = await start();
    await camera.stopListening();
    const error = await refusalOf(TestRelay.open(camera, PATH));
    expect(relayEndReason(error)).toBe('unreachable');
    // Says where to switch it on, so it may name the thing.
    expect(error.hint).toMatch(/RTSP/);
  });

  it('it accepts the connection and says nothing', async () => {
    const camera = await start();
    camera.trouble.mute = true;
    const clock = new TestClock();
    const refused = refusalOf(TestRelay.open(camera, PATH, { clock }));
    await expect.poll(() => camera.requests.length).toBe(1);
    await clock.advance(5_000);
    const error = await refused;
    expect(error).toMatchObject({ kind: 'timeout', reason: 'no-answer' });
    expect(relayEndReason(error)).toBe('stalled');
    expectReadable(error);
    expect(clock.pendingTimers).toBe(0);
  });

  it('its answers come in a drip: over in the stated time', async () => {
    const camera = await start();
    camera.trouble.dripBytesPerSecond = 20;
    const clock = new TestClock();
    const refused = refusalOf(TestRelay.open(camera, PATH, { clock }));
    await expect.poll(() => camera.requests.length).toBe(1);
    await clock.advance(OPEN_TIMEOUT_MS);
    expect(relayEndReason(await refused)).toBe('stalled');
  });

  it.each([
    ['a web server', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
    ['a mail server', '220 mail ESMTP ready\r\n'.repeat(30_000)],
  ])('%s answers at the port', async (_, text) => {
    const camera = await fakeCamera((socket) => {
      socket.on('data', () => socket.end(text));
    });
    const error = await refusalOf(TestRelay.open(camera, PATH));
    expect(relayEndReason(error)).toBe('corrupt');
    expect(error.hint).toContain('port');
    expectReadable(error);
  });

  it.each(['line', 'lines'] as const)('a header without end (%s) ends it', async (kind) => {
    const camera = await start();
    camera.trouble.endlessHeader = kind;
    const before = process.memoryUsage().rss;
    const error = await refusalOf(TestRelay.open(camera, PATH));
    expect(relayEndReason(error)).toBe('corrupt');
    expectReadable(error);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('says what was announced, whatever it is', async () => {
    const jpeg = await start({ describe: () => 'v=0\r\nm=video 0 RTP/AVP 26\r\na=control:t\r\n' });
    expect((await relayTo(jpeg)).relay.announced.video?.encoding).toBe('JPEG');
    const soundOnly = await start({ describe: () => 'v=0\r\nm=audio 0 RTP/AVP 8\r\n' });
    expect((await relayTo(soundOnly)).relay.announced).toEqual({
      video: undefined,
      audio: { encoding: 'PCMA', clockRate: 8_000, channels: 1 },
    });
    const nonsense = await start({ describe: () => '<html>' });
    expect(relayEndReason(await refusalOf(TestRelay.open(nonsense, PATH)))).toBe('corrupt');
  });
});

describe('while it plays', () => {
  async function playing(
    camera: RtspCamera,
  ): Promise<{ test: TestRelay; reading: Promise<number> }> {
    const test = await relayTo(camera);
    const reading = test.hashes(60).then((frames) => frames.length);
    await expect
      .poll(() => test.relay.counters().bytes, { timeout: 5_000 })
      .toBeGreaterThan(20_000);
    return { test, reading };
  }

  it('too many viewers', async () => {
    const camera = await start();
    camera.trouble.answer = answers.tooManyViewers;
    const test = await relayTo(camera);
    void test.hashes(1);
    const { reason, error } = await test.relay.closed;
    expect([reason, error.reason]).toEqual(['refused', 'camera-busy']);
    expectReadable(error);
  });

  it('it goes away: what came is kept, and it is found again at the same place', async () => {
    const camera = await start();
    const { test, reading } = await playing(camera);
    await camera.close();
    const { reason, error } = await test.relay.closed;
    expect(reason).toBe('disconnected');
    expectReadable(error);
    expect(await reading).toBeGreaterThan(0);
    expect(relayEndReason(await refusalOf(TestRelay.open(camera, PATH)))).toBe('unreachable');

    await camera.listenAgain();
    expect((await (await relayTo(camera)).hashes(0.5)).length).toBeGreaterThan(0);
    expect(camera.clients(PATH)).toBeLessThanOrEqual(1);
  });

  it('garbage between frames is left out, and the picture goes on', async () => {
    const camera = await start();
    const { test } = await playing(camera);
    camera.trouble.garbageBytes = 50_000;
    await expect.poll(() => test.relay.counters().skippedBytes).toBe(50_000);
    const before = test.relay.counters();
    await expect.poll(() => test.relay.counters().bytes).toBeGreaterThan(before.bytes + 20_000);
    expect(test.relay.counters().tracks[0]?.lost).toBe(0);
  });

  it('garbage without end is the end', async () => {
    const camera = await start();
    const { test } = await playing(camera);
    camera.trouble.garbageBytes = 2_000_000;
    const { reason, error } = await test.relay.closed;
    expect(reason).toBe('corrupt');
    expectReadable(error);
  });

  it('lost packets are counted', async () => {
    const camera = await start();
    const { test } = await playing(camera);
    camera.trouble.losePackets = 7;
    await expect.poll(() => test.relay.counters().tracks[0]?.lost).toBe(7);
    expect(test.relay.counters().tracks[1]?.lost).toBe(0);
  });

  it('sound that stops, and a picture that changes its size, are not its business', async () => {
    const camera = await start();
    const { test } = await playing(camera);
    camera.trouble.noSound = true;
    camera.switchClip(PATH, larger);
    const before = test.relay.counters();
    await expect.poll(() => test.relay.counters().bytes).toBeGreaterThan(before.bytes + 50_000);
    expect(test.relay.counters().tracks.map(({ lost }) => lost)).toEqual([0, 0]);
  });

  it('what a camera asks and orders by itself is answered, and never followed', async () => {
    const elsewhere = await start();
    const camera = await start();
    const { test } = await playing(camera);
    camera.say('OPTIONS rtsp://x RTSP/1.0\r\nCSeq: 77\r\n\r\n');
    camera.say('RTSP/1.0 200 OK\r\nCSeq: 4000\r\n\r\n');
    await expect.poll(() => camera.heard.join()).toContain('CSeq: 77');
    const to = `rtsp://127.0.0.1:${String(elsewhere.port)}/`;
    camera.say(`REDIRECT rtsp://x RTSP/1.0\r\nCSeq: 78\r\nLocation: ${to}\r\n\r\n`);
    expect((await test.relay.closed).reason).toBe('redirected');
    expect(elsewhere.totalConnections).toBe(0);
  });

  it('a reader that stands still holds the camera back, and not the memory', async () => {
    const camera = await start();
    const test = await relayTo(camera, { isOurPeer: () => Promise.resolve(true) });
    const { url } = test.relay;
    const reader = connect(Number(new URL(url).port), '127.0.0.1');
    cleanups.push(() => {
      reader.destroy();
    });
    reader.on('error', () => undefined);
    const ask = async (line: string): Promise<void> => {
      reader.write(`${line} RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
      await new Promise((resolve) => reader.once('data', resolve));
    };
    await ask(`SETUP ${url}/track0`);
    await ask(`PLAY ${url}`);
    reader.pause();
    // Frames on channel 0, as fast as the relay takes them.
    const frame = Buffer.alloc(60_004, 0x80);
    frame.writeUInt32BE(0x2400_ea60, 0);
    frame[5] = 96;
    const before = process.memoryUsage().rss;
    const flood = Buffer.concat(new Array<Buffer>(16).fill(frame));
    for (let sent = 0; sent < 12; sent += 1) camera.say(flood);
    let last = -1;
    await expect
      .poll(
        () => {
          const { bytes } = test.relay.counters();
          const still = bytes === last && bytes > 100_000;
          last = bytes;
          return still;
        },
        { interval: 200, timeout: 10_000 },
      )
      .toBe(true);
    // 11.5 MB were sent; the kernel's buffers take some megabytes, and the relay no more than its bound.
    expect(last).toBeLessThan(11_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    let read = 0;
    reader.on('data', (part: Buffer) => {
      read += part.length;
    });
    reader.resume();
    await expect.poll(() => read, { timeout: 10_000 }).toBeGreaterThan(11_500_000);
  });
});

describe('over TLS', () => {
  async function tlsCamera(): Promise<{ camera: RtspCamera; port: number }> {
    const camera = await start({ login: 'digest' });
    const server = createTlsServer(TEST_CERTIFICATE, (outer) => {
      const inner = connect(camera.port, '127.0.0.1');
      outer.pipe(inner).pipe(outer);
      for (const socket of [outer, inner]) socket.on('error', () => undefined);
      outer.on('close', () => inner.destroy());
      inner.on('close', () => outer.destroy());
    });
    cleanups.push(() => {
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { camera, port: (server.address() as AddressInfo).port };
  }

  it('plays, and tells the fingerprint to pin; another key is another camera', async () => {
    const { camera, port } = await tlsCamera();
    const target = { address: '127.0.0.1', port, tls: true, path: PATH, hostForUri: 'cam.local' };
    const test = await relayTo(camera, { target });
    expect((await test.hashes(1)).length).toBeGreaterThan(10);
    expect(camera.requests[0]).toContain(`rtsps://cam.local:${String(port)}${PATH}`);
    const { fingerprint256 } = test.relay;
    expect(fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    if (fingerprint256 === undefined) return;

    await (await relayTo(camera, { target: { ...target, fingerprint256 } })).close();
    const requests = camera.requests.length;
    const other = { ...target, fingerprint256: fingerprint256.replaceAll('A', 'B') };
    const error = await refusalOf(TestRelay.open(camera, PATH, { target: other }));
    expect(error.reason).toBe('certificate-changed');
    expect(relayEndReason(error)).toBe('refused');
    expect(camera.requests.length).toBe(requests);
  });
});
