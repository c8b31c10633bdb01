/**
 * A camera that tries to send us elsewhere, or to fill us up. The server is the real one with its
 * guard, the camera is simulated; everywhere it points to, somebody would notice a visit.
 */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Camera } from '../../server/contract/camera.ts';
import type { Privacy } from '../../server/contract/privacy.ts';
import { ASK_EVERY_MS, DoorkeepServer } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { type Clip, loadClip } from '../doubles/rtsp-camera/clip.ts';
import { answers } from '../doubles/rtsp-camera/trouble.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { addCamera, cameraOf, metricOf, untilRecorded } from '../fixtures/household.ts';
import { ffprobeAvailable } from '../fixtures/test-ffmpeg.ts';

const PATH = '/stream1';

/** Reserved for documentation (RFC 5737): nobody's. */
const PUBLIC = '203.0.113.9';

/** A connection that was cut is tried again within 6 s; the rest is a busy machine's. */
const SOON = { timeout: 40_000, interval: ASK_EVERY_MS };

/** What one camera may cost while it sends as fast as it can; the server itself has some 100 MiB. */
const MEMORY_MAX_BYTES = 64 * 1024 * 1024;

describe.skipIf(!ffprobeAvailable)('a hostile camera', () => {
  let server: DoorkeepServer;
  let clip: Clip;
  let porch: RtspCamera;
  let porchId: string;
  let garage: RtspCamera;
  /** A service of this machine that no camera is to lead us to. */
  let trap: Server;
  let trapped = 0;

  beforeAll(async () => {
    clip = await loadClip(await makeClip({ ...CLIPS.small, gopSeconds: 1, seconds: 8 }));
    trap = createServer((socket) => {
      trapped += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    server = await DoorkeepServer.start();
    await server.setUp();
    porch = await RtspCamera.start({ streams: { [PATH]: clip } });
    const source = { type: 'rtsp' as const, url: porch.url(PATH) };
    porchId = (await addCamera(server, { name: 'Porch', source })).id;
    garage = await RtspCamera.start({
      streams: { [PATH]: clip },
      describe: (sdp) =>
        sdp
          .replace('t=0 0', `c=IN IP4 ${PUBLIC}\r\nt=0 0`)
          .replace('a=control:*', `a=control:rtsp://${PUBLIC}:554${PATH}/`)
          .replace('a=control:trackID=0', `a=control:rtsp://${PUBLIC}:554${PATH}/trackID=0`),
    });
  });

  afterAll(async () => {
    await server.dispose();
    await porch.close();
    await garage.close();
    trap.close();
  });

  async function privacy(): Promise<Privacy> {
    return (await server.api<Privacy>('GET', '/api/privacy')).body;
  }

  async function reasonOf(id: string): Promise<Camera['stateReason']> {
    return (await cameraOf(server, id)).stateReason;
  }

  /** Every connection that the server ever opened came to one of the two cameras. */
  async function expectNowhereElse(): Promise<void> {
    expect(trapped).toBe(0);
    await expect
      .poll(async () => {
        const opened = (await metricOf(server, 'doorkeep_egress_connected_total')) ?? 0;
        return opened - porch.totalConnections - garage.totalConnections;
      }, SOON)
      .toBe(0);
    expect(await metricOf(server, 'doorkeep_egress_failed_total')).toBe(0);
    const ports = new Set([porch.port, garage.port]);
    const { destinations } = await privacy();
    expect(destinations.filter(({ port }) => !ports.has(port))).toEqual([]);
  }

  const places: readonly (readonly [string, () => string, string])[] = [
    ['the Internet', () => PUBLIC, `${PUBLIC}, outside your home`],
    ['another port of the Internet', () => `${PUBLIC}:8554`, `${PUBLIC}, outside your home`],
    ['Doorkeep itself', () => new URL(server.baseUrl).host, '127.0.0.1'],
    ['a service of this machine', () => `127.0.0.1:${trapPort()}`, '127.0.0.1'],
    ['a cloud’s metadata', () => '169.254.169.254', '169.254.169.254'],
    ['its own network', () => '169.254.1.2:554', '169.254.1.2'],
    ['a name', () => 'elsewhere.example', 'elsewhere.example'],
    ['IPv6', () => '[2001:db8::9]:554', '2001:db8::9, outside your home'],
  ];

  function trapPort(): string {
    return String((trap.address() as AddressInfo).port);
  }

  it.each(places)('that redirects to %s is not followed', async (_what, place, told) => {
    porch.trouble.answer = answers.redirect(`rtsp://${place()}${PATH}`);
    porch.dropConnections();
    const sentence = `Porch tried to send us to ${told}. We did not go.`;
    const recorded = async (): Promise<Privacy['refused']> => (await privacy()).refused;
    await expect.poll(recorded, SOON).toContainEqual(
      expect.objectContaining({
        ...{ camera: { id: porchId, name: 'Porch' }, part: null, way: 'redirect' },
        ...{ to: place(), sentence, reason: 'redirected' },
      }),
    );
    expect(await reasonOf(porchId)).toMatchObject({ reason: 'redirected', sentence });
    await expectNowhereElse();
  });

  it('that is well again is recorded again', async () => {
    porch.trouble.answer = undefined;
    await expect.poll(() => cameraOf(server, porchId), SOON).toMatchObject({ state: 'online' });
  });

  it('that names others in every place gets its own pictures recorded, and told on', async () => {
    garage.trouble.namesHost = PUBLIC;
    const source = { type: 'rtsp' as const, url: garage.url(PATH) };
    const { id } = await addCamera(server, { name: 'Garage', source });
    await untilRecorded(server, id, 2);
    expect(await cameraOf(server, id)).toMatchObject({ state: 'online' });
    expect(garage.requests.join('\n')).not.toContain(PUBLIC);
    expect((await privacy()).refused).toContainEqual(
      expect.objectContaining({
        ...{ camera: { id, name: 'Garage' }, way: 'named', to: PUBLIC },
        sentence: `Garage tried to send us to ${PUBLIC}, outside your home. We did not go.`,
      }),
    );
    await expectNowhereElse();
  });

  it.each(['line', 'lines', 'body'] as const)(
    'whose answer never ends (%s) costs bounded memory and has one reason',
    async (kind) => {
      const resident = (): Promise<number | undefined> =>
        metricOf(server, 'process_resident_memory_bytes');
      const before = (await resident()) ?? 0;
      porch.trouble.endlessHeader = kind;
      porch.dropConnections();
      await expect.poll(() => reasonOf(porchId), SOON).toMatchObject({ reason: 'corrupt' });
      expect(((await resident()) ?? 0) - before).toBeLessThan(MEMORY_MAX_BYTES);
      porch.trouble.endlessHeader = undefined;
      await expect.poll(() => cameraOf(server, porchId), SOON).toMatchObject({ state: 'online' });
      await expectNowhereElse();
    },
  );

  it('is on record after a restart too', async () => {
    const before = (await privacy()).refused;
    const { dataPath } = server;
    expect(await server.stop()).toBe(0);
    server = await DoorkeepServer.start({ dataPath });
    await server.signIn();
    const after = (await privacy()).refused;
    const known = after.map(({ camera, way, to }) => `${camera?.id ?? ''} ${way} ${to}`);
    for (const { camera, way, to } of before) {
      expect(known).toContain(`${camera?.id ?? ''} ${way} ${to}`);
    }
    expect(before.length).toBeGreaterThanOrEqual(places.length);
  });
});
