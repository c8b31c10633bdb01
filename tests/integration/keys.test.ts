/**
 * The household's keys in the real server, with footage behind them: a password lost and replaced by
 * the sheet, the key process killed from outside.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DoorkeepServer, OWNER, until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { addCamera, untilRecorded } from '../fixtures/household.ts';
import { childrenOf } from '../fixtures/process-table.ts';

const NEW_PASSWORD = 'four even wombats at dusk';

describe.skipIf(process.platform !== 'linux')('the household’s keys', () => {
  let server: DoorkeepServer;
  let camera: RtspCamera;
  /** The first bytes of what was recorded before anything went wrong: where, and what they are. */
  let footage: { path: string; lastByte: number; bytes: Buffer };

  beforeAll(async () => {
    const clip = await loadClip(await makeClip({ ...CLIPS.small, gopSeconds: 1, seconds: 8 }));
    [camera, server] = await Promise.all([
      RtspCamera.start({ streams: { '/main': clip } }),
      DoorkeepServer.start(),
    ]);
    await server.setUp();
    const source = { type: 'rtsp', url: camera.url('/main') } as const;
    const { id } = await addCamera(server, { name: 'Door', source, sound: false });
    const range = await untilRecorded(server, id, 2);
    const [from, to] = [range.fromMs, range.toMs].map((ms) => new Date(ms).toISOString());
    const list = await server.api<string>('GET', `/api/playback/${id}.m3u8?from=${from}&to=${to}`);
    const [, name] = /^([^#\s]+\.mp4)$/m.exec(list.body)!;
    const [, size, offset] = /#EXT-X-BYTERANGE:(\d+)@(\d+)/.exec(list.body)!;
    const lastByte = Number(offset) + Number(size) - 1;
    footage = { path: `/api/playback/${name!}`, lastByte, bytes: Buffer.alloc(0) };
    footage.bytes = (await readFootage()).bytes;
  });

  afterAll(async () => {
    await server.dispose();
    await camera.close();
  });

  /** From the head of the file to the end of the first part. */
  async function readFootage(): Promise<{ status: number; bytes: Buffer }> {
    const range = `bytes=0-${String(footage.lastByte)}`;
    const answer = await server.fetch('GET', footage.path, undefined, { range });
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  }

  async function isLocked(): Promise<boolean> {
    return (await server.api<{ locked: boolean }>('GET', '/api/session')).body.locked;
  }

  async function unlock(password: string): Promise<number> {
    return (await server.api('POST', '/api/unlock', { password })).status;
  }

  /** Waited for, because a process has other arguments until it has become what was started. */
  async function keyProcess(): Promise<number> {
    const pids = (): number[] =>
      childrenOf(server.pid)
        .filter(({ argv }) => argv.some((word) => word.endsWith('key-worker.js')))
        .map(({ pid }) => pid);
    await until(() => pids().length === 1, { withinMs: 5_000, what: 'one key process' });
    return pids()[0]!;
  }

  it('read what was recorded', () => {
    expect(footage.bytes.length).toBe(footage.lastByte + 1);
    expect(footage.bytes.toString('latin1', 4, 8)).toBe('ftyp');
  });

  it('are locked when their process is killed; the server goes on, and unlock works again', async () => {
    expect(await isLocked()).toBe(false);
    const before = await keyProcess();
    process.kill(before, 'SIGKILL');
    await until(isLocked, { withinMs: 5_000, what: 'a locked session' });
    expect((await readFootage()).status).toBe(423);
    expect((await server.api('GET', '/api/health')).status).toBe(200);
    expect((await server.api('GET', '/api/cameras')).status).toBe(200);
    expect(await unlock(OWNER.password)).toBe(204);
    expect(await isLocked()).toBe(false);
    expect(await keyProcess()).not.toBe(before);
    expect(await readFootage()).toEqual({ status: 206, bytes: footage.bytes });
  });

  it('leave no process behind when they are locked', async () => {
    await keyProcess();
    expect((await server.api('POST', '/api/lock')).status).toBe(204);
    const left = childrenOf(server.pid).filter(({ argv }) => argv.join().includes('key-worker'));
    expect(left).toEqual([]);
    expect(await isLocked()).toBe(true);
  });

  it('go over to a new password with the sheet, and open what was recorded before', async () => {
    const recover = async (recoveryKey: string): Promise<number> => {
      const body = { username: OWNER.username, recoveryKey, newPassword: NEW_PASSWORD };
      return (await server.api('POST', '/api/recovery', body)).status;
    };
    const { recoveryKey } = server;
    const wrong = recoveryKey.slice(0, -1) + (recoveryKey.endsWith('Q') ? 'P' : 'Q');
    expect(await recover(wrong)).toBe(401);
    // A sheet that was not right changes nothing.
    expect(await unlock(OWNER.password)).toBe(204);
    expect(await recover(recoveryKey)).toBe(204);
    expect((await server.api('GET', '/api/session')).status).toBe(401);
    expect((await server.api('POST', '/api/session', OWNER)).status).toBe(401);
    await server.signIn(NEW_PASSWORD);
    expect(await isLocked()).toBe(false);
    expect(await readFootage()).toEqual({ status: 206, bytes: footage.bytes });
    await server.api('POST', '/api/lock');
    expect(await unlock(OWNER.password)).toBe(401);
    expect(await isLocked()).toBe(true);
    expect(await unlock(NEW_PASSWORD)).toBe(204);
    expect(await readFootage()).toEqual({ status: 206, bytes: footage.bytes });
  });
});
