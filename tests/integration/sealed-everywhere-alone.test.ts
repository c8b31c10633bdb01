/**
 * Guarantee G4, on the machine and not in the data folder alone: what a camera sends is in no file that the
 * server or a child of it has open or can have written, at any step of a household's day, nor after a kill.
 * Alone, because it walks and reads the disks. What is not searched: docs/threat-model.md.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { epochMs } from '../../server/base/time.ts';
import { PACKAGE_ROOT } from '../../server/config.ts';
import type { Backup } from '../../server/contract/backup.ts';
import { segmentLabel } from '../../server/storage/segment-label.ts';
import { DoorkeepServer, OWNER, until } from '../doubles/doorkeep-server.ts';
import { LiveClient } from '../doubles/live-client.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { windowsOf } from '../fixtures/byte-windows.ts';
import { CLIPS, uniqueClip } from '../fixtures/clips.ts';
import { filesBelow, type IndexedSegment, readIndex } from '../fixtures/footage-tree.ts';
import { addCamera, exportBody, untilEnded, untilRecorded } from '../fixtures/household.ts';
import { untilFragments } from '../fixtures/live-home.ts';
import { type Leakable, type LeakReport, searchLeaks } from '../fixtures/leak-search.ts';
import {
  changedBelow,
  openFilesOf,
  swapPlaces,
  withDescendants,
  writableMounts,
  type WrittenPlace,
} from '../fixtures/written-places.ts';

const WINDOWS = 10_000;

/** Of the pictures that the box makes of it. */
const PICTURE_WINDOWS = 1_000;

/** Where programs put what they do not mean to keep, whatever they were told. */
const TEMPORARY = ['/tmp', '/var/tmp', '/dev/shm', '/run', tmpdir()];

/** What other programs of the machine write meanwhile is read up to this, and the rest is counted. */
const OTHERS_MAX_BYTES = 512 * 1024 * 1024;
const DISK_MAX_BYTES = 2 * 1024 ** 3;

/** Half a million files on a busy machine. */
const DISK_WITHIN_MS = 300_000;

/** More than the buffers of a connection take, so that an answer nobody reads stays under way. */
const CLIP = { ...CLIPS.small, picture: 'moving', gopSeconds: 1, bitrateKbps: 8_000 } as const;
const RECORDED_SECONDS = 14;

/** The first frame brings its encoder's name along, which other clips of the machine share. */
const SHARED_BYTES = 4_096;

const clock = new SystemClock();

describe.skipIf(process.platform !== 'linux')('what a camera sent, on the whole machine', () => {
  const measured: Record<string, Omit<LeakReport, 'left'> & { left: number }> = {};
  const waiting: Socket[] = [];
  let folder: string;
  let sent: Buffer;
  let wanted: Leakable;
  let device: RtspCamera;
  let server: DoorkeepServer;
  let id: string;
  let sinceMs: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'doorkeep-everywhere-'));
    const path = await uniqueClip({ ...CLIP, seconds: 8 }, folder);
    sent = mediaBytes(readFileSync(path)).subarray(SHARED_BYTES);
    const main = await loadClip(path);
    rmSync(path);
    sinceMs = clock.wallMs() - 1_000;
    [device, server] = await Promise.all([
      RtspCamera.start({ streams: { '/main': main } }),
      DoorkeepServer.start({ env: { TMPDIR: folder } }),
    ]);
    await server.setUp();
    const source = { type: 'rtsp', url: device.url('/main') } as const;
    ({ id } = await addCamera(server, { name: 'Door', source, sound: false }));
    const label = segmentLabel({
      ...{ cameraId: id, runId: 1, sequence: 1, anchorMs: epochMs(0), startMs: epochMs(0) },
    });
    // Its type, its version and the camera, behind the header of the box.
    wanted = { windows: windowsOf(sent, WINDOWS), texts: { label: label.subarray(8, 36) } };
    await untilRecorded(server, id, RECORDED_SECONDS);
  });

  afterEach(() => {
    for (const socket of waiting.splice(0)) socket.destroy();
  });

  afterAll(async () => {
    process.stdout.write(`${JSON.stringify(measured, null, 1)}\n`);
    await server.dispose();
    await device.close();
    rmSync(folder, { recursive: true });
  });

  /** What the processes have open, and everything in their own folders. */
  function ownPlaces(pids: readonly number[]): WrittenPlace[] {
    const own = [...filesBelow(server.dataPath), ...filesBelow(folder)];
    return [...openFilesOf(pids), ...own.map((path) => ({ path, name: path }))];
  }

  /** Folders in which a program finds itself, and those for what is temporary. */
  function foldersAround(pids: readonly number[]): string[] {
    const working = pids.map((pid) => readlinkSync(`/proc/${String(pid)}/cwd`));
    return [...new Set([...TEMPORARY, ...working])].filter((path) => existsSync(path));
  }

  /** Everything of the server's own is read to its end; of what others write, as much as the limit says. */
  function search(step: string): LeakReport {
    const pids = withDescendants(server.pid);
    const own = searchLeaks(wanted, ownPlaces(pids));
    const around = searchLeaks(
      wanted,
      changedBelow(foldersAround(pids), sinceMs),
      OTHERS_MAX_BYTES,
    );
    expect(own.left).toEqual([]);
    // The footage itself is there, and was read.
    expect(own.bytes).toBeGreaterThan(sent.length);
    return note(step, own, around);
  }

  function note(step: string, ...reports: readonly LeakReport[]): LeakReport {
    const sum = (of: (report: LeakReport) => number): number =>
      reports.reduce((total, report) => total + of(report), 0);
    const whole = {
      ...{ files: sum(({ files }) => files), bytes: sum(({ bytes }) => bytes) },
      ...{
        left: reports.flatMap(({ left }) => left),
        leaks: reports.flatMap((each) => each.leaks),
      },
    };
    measured[step] = { ...whole, left: whole.left.length };
    return whole;
  }

  /** Asks and does not read the answer: it stays under way. */
  async function askAndWait(path: string): Promise<void> {
    const { hostname, port } = new URL(server.baseUrl);
    const socket = connect(Number(port), hostname);
    waiting.push(socket);
    await once(socket, 'connect');
    socket.pause();
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      `Cookie: ${server.cookie!}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  /** Waits until the server has a file open once more than before, and so reads it. */
  async function untilRead(start: () => Promise<void>, path: string): Promise<void> {
    const count = (): number =>
      openFilesOf([server.pid]).filter(({ name }) => name.endsWith(path)).length;
    const before = count();
    await start();
    await until(() => count() > before, { withinMs: 10_000, what: 'an answer under way' });
    await clock.sleep(1_000);
    expect(count()).toBeGreaterThan(before);
  }

  async function firstSegment(): Promise<string> {
    const range = await untilRecorded(server, id, 1);
    const [from, to] = [range.fromMs, range.toMs].map((ms) => new Date(ms).toISOString());
    const list = await server.api<string>(
      'GET',
      `/api/playback/${id}.m3u8?from=${from!}&to=${to!}`,
    );
    return /^([^#\s]+\.mp4)$/m.exec(list.body)![1]!;
  }

  it('is found by this search where it is planted', async () => {
    const inMemory = `/dev/shm/doorkeep-planted-${String(process.pid)}`;
    const planted = [join(folder, 'planted'), inMemory, join(tmpdir(), `planted-${id}`)];
    const outside = join(PACKAGE_ROOT, '.cache', `planted-${id}`);
    mkdirSync(dirname(outside), { recursive: true });
    let holder: ChildProcess | undefined;
    try {
      for (const path of [...planted, outside]) writeFileSync(path, sent);
      expect(changedBelow(writableMounts(), sinceMs).map(({ path }) => path)).toEqual(
        expect.arrayContaining([...planted, outside]),
      );
      const { leaks } = search('planted');
      for (const path of planted) expect(leaks.join('\n')).toContain(`${path}: `);
      expect(searchLeaks(wanted, changedBelow([PACKAGE_ROOT], sinceMs)).leaks.join()).toContain(
        outside,
      );
      holder = await holdDeleted(planted[0]!);
      const held = searchLeaks(wanted, openFilesOf([holder.pid!])).leaks;
      expect(held).toEqual([expect.stringMatching(/ \(deleted\): \d+ windows$/)]);
      writeFileSync(planted[0]!, Buffer.concat([Buffer.alloc(77), wanted.texts['label']!]));
      expect(search('planted label').leaks).toContain(`${planted[0]!}: label`);
    } finally {
      holder?.kill('SIGKILL');
      for (const path of [...planted, outside]) rmSync(path, { force: true });
    }
  }, 240_000);

  it('is nowhere while it is recorded', () => {
    expect(search('recording').leaks).toEqual([]);
  });

  it('is nowhere while it is played: an answer is under way', async () => {
    const name = await firstSegment();
    const [{ path }] = readIndex(server.dataPath).segments as [IndexedSegment];
    await untilRead(() => askAndWait(`/api/playback/${name}`), path);
    expect(search('playback').leaks).toEqual([]);
  });

  it('is nowhere while it is seen live, and nothing of a picture that was made of it is', async () => {
    const { baseUrl, cookie } = server;
    const url = `${baseUrl}/api/cameras/${id}/live`;
    const viewer = await LiveClient.connect(url, { cookie, origin: baseUrl });
    try {
      await untilFragments(viewer, 10);
      const answer = await server.fetch('GET', `/api/cameras/${id}/snapshot`);
      expect(answer.status).toBe(200);
      const picture = Buffer.from(await answer.arrayBuffer());
      // Behind the tables, which pictures share.
      const scan = picture.subarray(picture.indexOf(Buffer.from([0xff, 0xda])) + 16);
      const windows = [...wanted.windows, ...windowsOf(scan, PICTURE_WINDOWS)];
      wanted = { ...wanted, windows };
      expect(search('live').leaks).toEqual([]);
    } finally {
      viewer.socket.terminate();
    }
  });

  it.each(['keyframe', 'exact'])(
    'is nowhere during an export (%s) and its download',
    async (edges) => {
      const range = await untilRecorded(server, id, RECORDED_SECONDS);
      const body = { ...exportBody(id, range), edges };
      const { status, body: asked } = await server.api<{ id: string; reason?: string }>(
        ...(['POST', '/api/exports', body] as const),
      );
      // A form that is not there yet is refused, and writes nothing.
      expect([202, 422]).toContain(status);
      expect(search(`export ${edges}`).leaks).toEqual([]);
      if (status === 422) return;
      expect((await untilEnded(server, asked.id)).state).toBe('done');
      const path = `/api/exports/${asked.id}/file`;
      await untilRead(() => askAndWait(path), `${asked.id}.age`);
      expect(search(`download ${edges}`).leaks).toEqual([]);
    },
  );

  it('is nowhere after a backup', async () => {
    const { password } = OWNER;
    const made = await server.api<Backup>('POST', '/api/backups', { password });
    expect(made.status).toBe(201);
    const file = await server.fetch('GET', `/api/backups/${made.body.id}/file`);
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
    expect(search('backup').leaks).toEqual([]);
  });

  it(
    'is nowhere after a kill, on no disk of the machine, and not in swap',
    async () => {
      const pids = withDescendants(server.pid);
      const around = foldersAround(pids);
      await server.stop('SIGKILL');
      const own = searchLeaks(wanted, ownPlaces([]));
      expect(own.left).toEqual([]);
      const swap = swapPlaces();
      if (swap.length === 0) process.stdout.write('No swap is on: none was searched.\n');
      const places = changedBelow([...new Set([...around, ...writableMounts()])], sinceMs);
      const { leaks } = note(
        'killed',
        own,
        searchLeaks(wanted, swap, DISK_MAX_BYTES),
        searchLeaks(wanted, places, DISK_MAX_BYTES),
      );
      expect(leaks).toEqual([]);
    },
    DISK_WITHIN_MS,
  );
});

/** A process that has a file open which has no name any more. */
async function holdDeleted(path: string): Promise<ChildProcess> {
  const program = `
    const fs = require('node:fs');
    globalThis.kept = fs.openSync(process.argv[1], 'r');
    fs.unlinkSync(process.argv[1]);
    process.stdout.write('held');
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['-e', program, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

/** The content of `mdat`: a camera sends it as it is. */
function mediaBytes(file: Buffer): Buffer {
  const at = file.indexOf('mdat');
  return file.subarray(at + 4, at + file.readUInt32BE(at - 4) - 4);
}
