/** The database of the real server is lost: the box records on before anybody comes, and everything is
 * back when its owner has unlocked. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditPage } from '../../server/contract/audit.ts';
import type { StorageUse } from '../../server/contract/storage.ts';
import { DoorkeepServer, OWNER, until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { filesBelow } from '../fixtures/footage-tree.ts';
import { addCamera, rangesOf, untilRecorded } from '../fixtures/household.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

describe.skipIf(process.platform !== 'linux')('a lost database', () => {
  let server: DoorkeepServer;
  let camera: RtspCamera;
  let id = '';
  let before: { fromMs: number; toMs: number } = { fromMs: 0, toMs: 0 };
  /** Where the first part lies, and what it is. */
  let first: { path: string; range: string; bytes: Buffer };

  beforeAll(async () => {
    const clip = await loadClip(await makeClip({ ...CLIPS.small, gopSeconds: 1, seconds: 8 }));
    [camera, server] = await Promise.all([
      RtspCamera.start({ streams: { '/main': clip } }),
      DoorkeepServer.start(),
    ]);
    await server.setUp();
    const source = { type: 'rtsp', url: camera.url('/main') } as const;
    ({ id } = await addCamera(server, { name: 'Door', source, sound: false }));
    const { fromMs, toMs } = await untilRecorded(server, id, 3);
    const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
    const list = await server.api<string>('GET', `/api/playback/${id}.m3u8?from=${from}&to=${to}`);
    const [, name] = /^([^#\s]+\.mp4)$/m.exec(list.body)!;
    const [, size, offset] = /#EXT-X-BYTERANGE:(\d+)@(\d+)/.exec(list.body)!;
    const range = `bytes=0-${String(Number(offset) + Number(size) - 1)}`;
    first = { path: `/api/playback/${name!}`, range, bytes: Buffer.alloc(0) };
    first.bytes = await firstPart();
    // Killed, so that a torn file is there too.
    before = (await rangesOf(server, id))[0]!;
    await server.stop('SIGKILL');
  });

  afterAll(async () => {
    await server.dispose();
    await camera.close();
  });

  async function firstPart(): Promise<Buffer> {
    const answer = await server.fetch('GET', first.path, undefined, { range: first.range });
    expect(answer.status).toBe(206);
    return Buffer.from(await answer.arrayBuffer());
  }

  const indexOf = async (): Promise<StorageUse['index']> =>
    (await server.api<StorageUse>('GET', '/api/storage')).body.index;

  it('costs no recording: it goes on in a folder of its own, before anybody signs in', async () => {
    const { dataPath } = server;
    for (const end of ['-wal', '-shm'])
      await rm(join(dataPath, `doorkeep.db${end}`), { force: true });
    await writeFile(join(dataPath, 'doorkeep.db'), Buffer.alloc(100_000, 7));
    server = await DoorkeepServer.start({ dataPath });
    const runs = (): Set<string> =>
      new Set(
        filesBelow(join(dataPath, 'footage', id)).flatMap(
          (path) => /\/(\d+)\/\d{6}\.age$/.exec(path)?.[1] ?? [],
        ),
      );
    await until(() => runs().has('2'), { withinMs: 30_000, what: 'a recording' });
    expect([...runs()].sort()).toEqual(['1', '2']);
    expect(server.output).toContain('is set aside');
  });

  it('refuses another password; with the old one all is back, at its place', async () => {
    const other = { ...OWNER, password: 'quite another one 7' };
    await expect(server.setUp(other)).rejects.toThrow('household-there');
    await server.setUp();
    expect(server.recoveryKey).toBeUndefined();
    await until(async () => (await indexOf()).complete, { withinMs: 30_000, what: 'the index' });
    const index = await indexOf();
    expect(index).toMatchObject({ quarantined: 0, unopened: 0 });
    expect(index.databasesSetAside).toHaveLength(1);
    const [old, ...newer] = await rangesOf(server, id);
    expect(old?.fromMs).toBe(before.fromMs);
    // What was durable when the index was read last, and what came until the kill.
    expect(old?.toMs).toBeGreaterThanOrEqual(before.toMs);
    expect(newer.length).toBeGreaterThan(0);
    expect((await firstPart()).equals(first.bytes)).toBe(true);
    // Everybody at home is told, once.
    const isTold = async (): Promise<boolean> => {
      const url = '/api/audit?kind=index-rebuilt';
      const { entries } = (await server.api<AuditPage>('GET', url)).body;
      expect(entries.length).toBeLessThanOrEqual(1);
      return entries[0]?.isBox === true;
    };
    await until(isTold, { withinMs: 5_000, what: 'the entry in the record' });
  });
});
