/**
 * The disk with the footage is unmounted under the running server, another one takes its place, and it comes
 * back: real mounts, in a mount namespace of the server's own.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { filesBelow } from '../fixtures/footage-tree.ts';
import { addCamera, metricOf, recordingsOf, untilRecorded } from '../fixtures/household.ts';
import { fsckFindings } from '../fixtures/run-doorkeep.ts';

/** Tried, because a container's root often may not. */
const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0 &&
  spawnSync('nsenter', ['--version']).status === 0;

/** The watch looks every 5 s, and a recorder tries again after at most 8 s. */
const NOTICED_MS = 30_000;

describe.skipIf(!canMount)('the disk with the footage', () => {
  let place: string;
  let disk: string;
  let footagePath: string;
  let camera: RtspCamera;
  let cameraId: string;
  let server: DoorkeepServer;

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'doorkeep-disk-'));
    disk = join(place, 'disk');
    const dataPath = join(place, 'data');
    footagePath = join(dataPath, 'footage');
    mkdirSync(disk);
    mkdirSync(footagePath, { recursive: true, mode: 0o700 });
    camera = await RtspCamera.start({
      streams: { '/main': await loadClip(await makeClip({ ...CLIPS.small, gopSeconds: 1 })) },
    });
    const mount = `mount --bind "${disk}" "${footagePath}" && exec "$@"`;
    server = await DoorkeepServer.start({
      dataPath,
      through: ['unshare', '-m', 'sh', '-c', mount, 'sh'],
    });
    await server.setUp();
    const source = { type: 'rtsp' as const, url: camera.url('/main') };
    ({ id: cameraId } = await addCamera(server, { name: 'Porch', sound: false, source }));
    await untilRecorded(server, cameraId, 2);
  });

  afterAll(async () => {
    await server.stop('SIGKILL');
    await camera.close();
    rmSync(place, { recursive: true });
  });

  /** In the server's own view of the file system. */
  function inside(...command: readonly string[]): void {
    execFileSync('nsenter', ['-t', String(server.pid), '-m', ...command]);
  }

  /** The camera connects again, and its next run is the next thing to be written. */
  async function offAndOn(): Promise<void> {
    for (const enabled of [false, true]) {
      await server.api('PATCH', `/api/cameras/${cameraId}`, { enabled });
    }
  }

  async function status(): Promise<unknown> {
    return (await server.api('GET', '/api/health')).body['status'];
  }

  async function untilStatus(wanted: string): Promise<void> {
    await until(async () => (await status()) === wanted, {
      ...{ withinMs: NOTICED_MS, what: `the box to be ${wanted}`, everyMs: 200 },
    });
  }

  /** The metrics say so within the 5 s in which the server looks by itself. */
  async function untilUnusable(wanted: number): Promise<void> {
    const is = async (): Promise<boolean> =>
      (await metricOf(server, 'doorkeep_footage_unusable')) === wanted;
    await until(is, { withinMs: NOTICED_MS, what: 'the metrics', everyMs: 200 });
  }

  const lastGap = async (): Promise<string | undefined> =>
    (await recordingsOf(server, cameraId)).gaps.at(-1)?.reason;

  it('has the box’s mark, on the disk and not below it', () => {
    expect(readdirSync(disk)).toContain('.doorkeep-box');
    // This process sees the folder below the mount.
    expect(readdirSync(footagePath)).toEqual([]);
  });

  it('is missed when it is not mounted: nothing is written, and the box says so', async () => {
    inside('umount', '-l', footagePath);
    await offAndOn();
    await untilStatus('degraded');
    await until(async () => (await lastGap()) === 'wrong-disk', {
      ...{ withinMs: NOTICED_MS, what: 'a gap that says why', everyMs: 200 },
    });
    await untilUnusable(1);
    await until(() => server.output.includes('the folder footage has no mark'), {
      ...{ withinMs: NOTICED_MS, what: 'a line in the log' },
    });
    expect(readdirSync(footagePath)).toEqual([]);
  });

  it('is not mistaken for another one in its place', async () => {
    inside(
      'sh',
      '-c',
      `mount -t tmpfs none "$0" && echo ${'f'.repeat(32)} > "$0/.doorkeep-box"`,
      footagePath,
    );
    await offAndOn();
    await until(() => server.output.split('recording paused').length > 2, {
      ...{ withinMs: NOTICED_MS, what: 'another try' },
    });
    expect(await status()).toBe('degraded');
    inside('sh', '-c', 'test "$(ls -A "$0")" = .doorkeep-box', footagePath);
    inside('umount', footagePath);
  });

  it('is recorded to again when it is back, and index and footage agree', async () => {
    const before = filesBelow(disk).length;
    inside('mount', '--bind', disk, footagePath);
    await untilStatus('ok');
    await untilRecorded(server, cameraId, 2, 2);
    await untilUnusable(0);
    expect(server.output).toContain('the right one again');
    expect(filesBelow(disk).length).toBeGreaterThan(before);
    expect(readdirSync(footagePath)).toEqual([]);
    await server.stop();
    // Where the command looks, the disk is not mounted.
    expect((await fsckFindings(server.dataPath)).join()).toContain('not the one it was');
    rmSync(footagePath, { recursive: true });
    execFileSync('mv', [disk, footagePath]);
    expect(await fsckFindings(server.dataPath)).toEqual([]);
  });
});
