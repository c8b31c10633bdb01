/**
 * A household that loses its machine: a backup by page and by command, the footage folder copied while it
 * records, and both put back on a new one, whose people sign in, whose camera records and whose past plays.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newIdentity } from '../../server/age/identity.ts';
import type { Backup, RestoreUpload } from '../../server/contract/backup.ts';
import type { Health } from '../../server/contract/health.ts';
import { DoorkeepServer, OWNER, until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { filesBelow, readIndex } from '../fixtures/footage-tree.ts';
import {
  addCamera,
  cameraOf,
  rangesOf,
  type Stretch,
  untilRecorded,
} from '../fixtures/household.ts';
import { runDoorkeep } from '../fixtures/run-doorkeep.ts';

const LOGIN = { username: 'admin', password: 'camera-password' };

/** A piece as the page sends them. */
const PIECE_BYTES = 100_000;

const ageAvailable = spawnSync('age', ['--version']).status === 0;

let camera: RtspCamera;
let server: DoorkeepServer;
let folder: string;
let sheet: string;
let cameraId: string;
/** Recorded before the backups were taken. */
let recorded: Stretch;
/** The first part of it, as a player gets it. */
let played: Buffer;
let byPage: string;
let byCommand: string;
/** The footage folder, copied after the backups with everything running. */
let footage: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doorkeep-moving-'));
  const clip = await loadClip(await makeClip({ ...CLIPS.small, gopSeconds: 1, seconds: 8 }));
  [camera, server] = await Promise.all([
    RtspCamera.start({ streams: { '/main': clip }, login: 'digest', ...LOGIN }),
    DoorkeepServer.start(),
  ]);
  await server.setUp();
  sheet = join(folder, 'sheet.txt');
  writeFileSync(sheet, `${server.recoveryKey}\n`, { mode: 0o600 });
  const source = { type: 'rtsp', url: camera.url('/main'), ...LOGIN } as const;
  cameraId = (await addCamera(server, { name: 'Front door', source, sound: false })).id;
  recorded = await untilRecorded(server, cameraId, 3);
  played = await firstPart(server, recorded);
});

afterAll(async () => {
  await server.dispose();
  await camera.close();
  rmSync(folder, { recursive: true, force: true });
});

/** From the head of the file to the end of the first part of a time. */
async function firstPart(from: DoorkeepServer, range: Stretch): Promise<Buffer> {
  const [start, end] = [range.fromMs, range.toMs].map((ms) => new Date(ms).toISOString());
  const path = `/api/playback/${cameraId}.m3u8?from=${start!}&to=${end!}`;
  const list = await from.api<string>('GET', path);
  const [, name] = /^([^#\s]+\.mp4)$/m.exec(list.body)!;
  const [, size, offset] = /#EXT-X-BYTERANGE:(\d+)@(\d+)/.exec(list.body)!;
  const last = Number(offset) + Number(size) - 1;
  const headers = { range: `bytes=0-${String(last)}` };
  const answer = await from.fetch('GET', `/api/playback/${name!}`, undefined, headers);
  expect(answer.status).toBe(206);
  return Buffer.from(await answer.arrayBuffer());
}

function emptyFolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

function command(args: readonly string[], dataPath: string): ReturnType<typeof runDoorkeep> {
  return runDoorkeep(args, { cwd: folder, dataPath });
}

describe('a backup', () => {
  it('is handed out to who typed the password, in that browser, for a quarter of an hour', async () => {
    const wrong = await server.api('POST', '/api/backups', { password: 'another one' });
    expect(wrong.status).toBe(401);
    expect((await server.api<{ backups: [] }>('GET', '/api/backups')).body.backups).toEqual([]);
    const made = await server.api<Backup>('POST', '/api/backups', { password: OWNER.password });
    expect(made.status).toBe(201);
    const path = `/api/backups/${made.body.id}/file`;
    const elsewhere = await fetch(server.baseUrl + path);
    expect(elsewhere.status).toBe(401);
    const answer = await server.fetch('GET', path);
    expect([answer.status, answer.headers.get('content-disposition')]).toEqual([
      200,
      expect.stringMatching(/doorkeep-backup-\d{4}-\d\d-\d\dT\d{4}Z\.age/),
    ]);
    byPage = join(folder, 'by-page.age');
    writeFileSync(byPage, Buffer.from(await answer.arrayBuffer()));
    expect(statSync(byPage).size).toBe(made.body.sizeBytes);
    await server.signIn();
    const signedInAgain = await server.api('GET', path);
    expect([signedInAgain.status, signedInAgain.body['reason']]).toEqual([403, 'password-needed']);
  });

  it('is taken by command beside the running, locked server; both are listed', async () => {
    expect((await server.api('POST', '/api/lock')).status).toBe(204);
    byCommand = join(folder, 'by-command.age');
    const { status, stdout, stderr } = await command(
      ['backup', '--out', byCommand],
      server.dataPath,
    );
    expect([status, stdout.trim()]).toEqual([0, byCommand]);
    expect(stderr).toContain('recovery sheet of key 1');
    const again = await command(['backup', '--out', byCommand], server.dataPath);
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('is there already')]);
    const { backups } = (await server.api<{ backups: Backup[] }>('GET', '/api/backups')).body;
    expect(backups.map(({ takenBy, sizeBytes }) => [takenBy, sizeBytes])).toEqual([
      [null, statSync(byCommand).size],
      [OWNER.username, statSync(byPage).size],
    ]);
    const beside = readdirSync(join(server.dataPath, 'backups'));
    // The one that the page may still fetch, sealed; nothing in clear.
    expect(beside.sort()).toEqual([`${backups[1]!.id}.age`, 'lock'].sort());
  });

  it.skipIf(!ageAvailable)('opens with age and the sheet, and tar lists what is in it', () => {
    for (const path of [byPage, byCommand]) {
      const opened = spawnSync('age', ['--decrypt', '--identity', sheet, path], {
        maxBuffer: 64 * 1024 * 1024,
      });
      expect(opened.status).toBe(0);
      const listed = spawnSync('tar', ['-t'], { input: opened.stdout });
      expect([listed.status, String(listed.stdout).trim().split('\n')]).toEqual([
        0,
        ['manifest.json', 'doorkeep.db', 'keys/box.key', 'keys/household.json'],
      ]);
      // No stored frame: neither in clear nor sealed.
      expect(opened.stdout.includes('moof')).toBe(false);
      expect(opened.stdout.length).toBeLessThan(1024 * 1024);
    }
  });

  it('leaves a server that goes on, and a footage folder that any tool copies', async () => {
    await server.signIn();
    await until(
      async () => (await rangesOf(server, cameraId)).at(-1)!.toMs > recorded.toMs + 3_000,
      { withinMs: 20_000, what: 'footage after the backup' },
    );
    footage = join(folder, 'footage');
    cpSync(join(server.dataPath, 'footage'), footage, { recursive: true });
    expect(await server.stop()).toBe(0);
    // What was recorded until the end, over it: closed files did not change.
    cpSync(join(server.dataPath, 'footage'), footage, { recursive: true });
  });
});

describe('restore by command', () => {
  it('refuses another key, a cut file, a changed file and what is none, and makes nothing of them', async () => {
    const dataPath = join(folder, 'nothing');
    const other = join(folder, 'other.txt');
    writeFileSync(other, `${await newIdentity()}\n`, { mode: 0o600 });
    const bytes = readFileSync(byPage);
    const [cut, changed] = [join(folder, 'cut.age'), join(folder, 'changed.age')];
    writeFileSync(cut, bytes.subarray(0, bytes.length >> 1));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(changed, bytes);
    for (const [file, identity, words] of [
      [byPage, other, 'This recovery key does not open this backup.'],
      [cut, sheet, 'This backup was changed or is cut short.'],
      [changed, sheet, 'This backup was changed or is cut short.'],
      [sheet, sheet, 'This file is no backup of Doorkeep'],
      [join(folder, 'missing.age'), sheet, 'cannot be read'],
    ] as const) {
      const { status, stderr } = await command(['restore', file, '--identity', identity], dataPath);
      expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
    }
    expect(existsSync(join(dataPath, 'doorkeep.db'))).toBe(false);
    expect(readdirSync(dataPath).filter((name) => name.startsWith('restore'))).toEqual([]);
    const { identity } = { identity: readFileSync(sheet, 'utf8').trim() };
    const typed = await command(['restore', byPage, identity], dataPath);
    expect([typed.status, typed.stderr]).toEqual([2, expect.stringContaining('does not belong')]);
  });

  it('refuses a folder that holds a box', async () => {
    const args = ['restore', byPage, '--identity', sheet];
    const { status, stderr } = await command(args, server.dataPath);
    expect([status, stderr]).toEqual([2, expect.stringContaining('holds a box already')]);
  });

  it('brings back camera, people and index; with the footage folder the past plays, and nothing of it goes', async () => {
    const dataPath = emptyFolder('new-box');
    cpSync(footage, join(dataPath, 'footage'), { recursive: true });
    const before = filesBelow(join(dataPath, 'footage')).map((path) => relative(dataPath, path));
    const known = readIndex(server.dataPath);
    const args = ['restore', byCommand, '--identity', sheet];
    const { status, stdout, stderr } = await command(args, dataPath);
    expect([status, stdout, stderr]).toEqual([
      0,
      expect.stringContaining('Restored: the backup of '),
      expect.stringContaining('sign in with your password'),
    ]);
    expect(readdirSync(dataPath).filter((name) => name.startsWith('restore'))).toEqual([]);
    const box = await DoorkeepServer.start({ dataPath });
    try {
      await box.signIn();
      expect((await box.api<{ locked: boolean }>('GET', '/api/session')).body.locked).toBe(false);
      expect(await cameraOf(box, cameraId)).toMatchObject({ name: 'Front door' });
      expect((await rangesOf(box, cameraId))[0]!.fromMs).toBe(recorded.fromMs);
      expect((await firstPart(box, recorded)).equals(played)).toBe(true);
      // It logs in at the camera and goes on, in a run whose number no folder has.
      const newest = await untilRecorded(box, cameraId, 2, 2);
      expect(newest.fromMs).toBeGreaterThan(recorded.toMs);
      const runs = readIndex(dataPath).runs.map(({ id }) => id);
      const highest = Math.max(...known.runs.map(({ id }) => id));
      expect(runs.filter((id) => id > highest).every((id) => id > 1e12)).toBe(true);
      const after = filesBelow(join(dataPath, 'footage')).map((path) => relative(dataPath, path));
      expect(before.filter((path) => !after.includes(path))).toEqual([]);
      const listed = await box.api<{ backups: Backup[] }>('GET', '/api/backups');
      // The page's was noted by then; the command's brought itself along.
      expect(listed.body.backups.map(({ takenBy }) => takenBy)).toEqual([null, OWNER.username]);
    } finally {
      await box.dispose();
    }
  });
});

describe('restore by page', () => {
  let box: DoorkeepServer;
  let upload: string;

  beforeAll(async () => {
    const dataPath = emptyFolder('page-box');
    cpSync(footage, join(dataPath, 'footage'), { recursive: true });
    box = await DoorkeepServer.start({ dataPath });
  });
  afterAll(() => box.dispose());

  async function begin(bytes: Buffer, setupToken?: string): Promise<number> {
    const code = readFileSync(join(box.dataPath, 'setup-token'), 'utf8').trim();
    const answer = await box.api<RestoreUpload>('POST', '/api/restores', {
      ...{ setupToken: setupToken ?? code, sizeBytes: bytes.length },
    });
    upload = answer.body.id;
    return answer.status;
  }

  async function send(bytes: Buffer, from = 0): Promise<number> {
    let status = 200;
    for (let at = from; at < bytes.length && status === 200; at += PIECE_BYTES) {
      const response = await fetch(
        `${box.baseUrl}/api/restores/${upload}/pieces?at=${String(at)}`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/octet-stream' },
          body: Uint8Array.from(bytes.subarray(at, at + PIECE_BYTES)),
        },
      );
      ({ status } = response);
    }
    return status;
  }

  async function open(recoveryKey: string): Promise<{ status: number; reason: unknown }> {
    const { status, body } = await box.api('POST', `/api/restores/${upload}`, { recoveryKey });
    return { status, reason: body['reason'] };
  }

  it('wants the set-up code, pieces in order, and the right key of the right file', async () => {
    const bytes = readFileSync(byPage);
    expect(await begin(bytes, 'x'.repeat(43))).toBe(401);
    expect(await begin(bytes)).toBe(201);
    expect(await send(bytes, PIECE_BYTES)).toBe(409);
    expect(await open(server.recoveryKey)).toEqual({ status: 409, reason: 'wrong-piece' });
    expect(await send(Buffer.concat([bytes, bytes]))).toBe(422);
    expect(await begin(bytes)).toBe(201);
    expect(await send(bytes)).toBe(200);
    expect(await open(await newIdentity())).toEqual({ status: 422, reason: 'wrong-recovery-key' });
    expect(await open('hello')).toEqual({ status: 422, reason: 'wrong-recovery-key' });
    expect((await box.api<Health>('GET', '/api/health')).body.setUp).toBe(false);
  });

  it('refuses a file that was cut', async () => {
    const bytes = readFileSync(byPage);
    const cut = bytes.subarray(0, bytes.length >> 1);
    await begin(cut);
    await send(cut);
    expect(await open(server.recoveryKey)).toEqual({ status: 422, reason: 'backup-damaged' });
  });

  it('starts the box anew at the same address, with the past of the old one', async () => {
    const bytes = readFileSync(byPage);
    await begin(bytes);
    await send(bytes);
    expect((await open(server.recoveryKey)).status).toBe(202);
    const isSetUp = async (): Promise<boolean> =>
      fetch(`${box.baseUrl}/api/health`)
        .then(async (answer) => ((await answer.json()) as Health).setUp)
        .catch(() => false);
    await until(isSetUp, { withinMs: 15_000, what: 'the restored box' });
    await box.signIn();
    expect((await firstPart(box, recorded)).equals(played)).toBe(true);
    expect(await cameraOf(box, cameraId)).toMatchObject({ name: 'Front door' });
    expect(existsSync(join(box.dataPath, 'setup-token'))).toBe(false);
    expect(readdirSync(box.dataPath).filter((name) => name.startsWith('restore'))).toEqual([]);
    // Nobody restores over a household.
    const answer = await box.api('POST', '/api/restores', { setupToken: 'x', sizeBytes: 1 });
    expect([answer.status, answer.body['reason']]).toEqual([409, 'already-set-up']);
    expect(await box.stop()).toBe(0);
  });
});
