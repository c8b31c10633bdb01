/**
 * The command line as people start it: built output, a process of its own, beside Debian's age and beside
 * the running server.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { epochMs } from '../../server/base/time.ts';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { readSegmentLabel, segmentLabel } from '../../server/storage/segment-label.ts';
import { newIdentity } from '../../server/age/identity.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { TestClock } from '../doubles/test-clock.ts';
import { CLIPS, type ClipSpec, makeClip } from '../fixtures/clips.ts';
import { ClipFolder, complaints, mediaOf, pictureAndTone } from '../fixtures/fmp4-clips.ts';
import { readIndex } from '../fixtures/footage-tree.ts';
import { addCamera, untilRecorded } from '../fixtures/household.ts';
import { recordClip } from '../fixtures/recorded-clip.ts';
import { ffprobeAvailable, runFfprobe } from '../fixtures/test-ffmpeg.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../fixtures/test-storage.ts';

const ENTRY = join(PACKAGE_ROOT, 'dist', 'server', 'cli', 'doorkeep.js');
const T0 = Date.UTC(2026, 0, 1, 12);
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

const ageAvailable = spawnSync('age', ['--version']).status === 0;
const scriptAvailable = spawnSync('script', ['--version']).status === 0;

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Not `spawnSync`: a simulated camera goes on in this process. */
async function start(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly dataPath?: string;
    readonly input?: string;
  },
): Promise<Ran> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: {
      PATH: process.env.PATH,
      DOORKEEP_DATA: options.dataPath ?? join(options.cwd, 'nothing'),
    },
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  child.stdin.end(options.input ?? '');
  const outputs = Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  const [[stdout, stderr], status] = await Promise.all([outputs, ended]);
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

function doorkeep(args: readonly string[], options: Parameters<typeof start>[2]): Promise<Ran> {
  return start(process.execPath, [ENTRY, ...args], options);
}

describe.skipIf(!ageAvailable || !ffprobeAvailable)('unseal', () => {
  let storage: TestStorage;
  let folder: ClipFolder;
  let sheet: string;
  let segments: string[];
  let plaintext: Buffer;

  beforeAll(async () => {
    folder = await ClipFolder.create();
    const clip = await folder.make(
      'clip.mp4',
      ...pictureAndTone(8),
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-g', '15', '-bf', '0', '-c:a', 'aac'],
    );
    storage = await openTestStorage();
    const media = await mediaOf(clip);
    await recordClip(storage, new TestClock(T0), { media, times: 9, anchorMs: T0 });
    sheet = join(folder.path, 'sheet.txt');
    writeFileSync(sheet, `# sheet of a test\n${storage.keys.identity}\n`, { mode: 0o600 });
    segments = readIndex(storage.folder.path).segments.map(({ path }) => path);
    plaintext = openedByAge(segments[0]!).stdout;
  });

  afterAll(async () => {
    storage.remove();
    await folder.remove();
  });

  function openedByAge(path: string): { status: number | null; stdout: Buffer; stderr: string } {
    const options = { maxBuffer: MAX_OUTPUT_BYTES };
    const { status, stdout, stderr } = spawnSync('age', ['-d', '-i', sheet, path], options);
    return { status, stdout, stderr: String(stderr) };
  }

  function emptyFolder(name: string): string {
    const path = join(folder.path, name);
    mkdirSync(path);
    return path;
  }

  async function unseal(out: string, ...files: string[]): Promise<Ran> {
    const args = ['unseal', ...files, '--identity', sheet, '--out', out];
    return doorkeep(args, { cwd: folder.path });
  }

  async function packets(path: string): Promise<number> {
    const args = ['-count_packets', '-select_streams', 'v', '-show_entries'];
    return Number(await runFfprobe([...args, 'stream=nb_read_packets', '-of', 'csv=p=0', path]));
  }

  it('makes of whole files the very bytes that age makes, beside a process with the lock', async () => {
    expect(segments.length).toBeGreaterThan(1);
    const out = emptyFolder('whole');
    const { status, stdout, stderr } = await unseal(out, ...segments);
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining(`${String(segments.length)} opened whole`),
    ]);
    const written = stdout.trim().split('\n');
    // The clip begins at one second of media time.
    expect(written[0]).toBe(join(out, `${CAMERA_ID}-1-000000-20260101T120001Z.mp4`));
    written.forEach((path, index) => {
      expect(readFileSync(path).equals(openedByAge(segments[index]!).stdout)).toBe(true);
    });
    expect(await complaints(written[0]!)).toBe('');
  });

  it('opens a copy under any name as well', async () => {
    const copy = join(folder.path, 'copy.bin');
    copyFileSync(segments[1]!, copy);
    const { status, stdout } = await unseal(emptyFolder('copies'), copy);
    expect(status).toBe(0);
    expect(readFileSync(stdout.trim()).equals(openedByAge(copy).stdout)).toBe(true);
  });

  it('overwrites nothing, and goes on', async () => {
    const out = emptyFolder('again');
    const [first] = (await unseal(out, segments[0]!)).stdout.split('\n');
    writeFileSync(first!, 'mine');
    const { status, stderr } = await unseal(out, segments[0]!, segments[1]!);
    expect([status, stderr]).toEqual([1, expect.stringContaining('is there already')]);
    expect(readFileSync(first!, 'utf8')).toBe('mine');
    expect(readdirSync(out)).toHaveLength(2);
  });

  it('takes from a torn one, with its tail, all that was written; age takes whole chunks', async () => {
    const place = { cameraId: CAMERA_ID, runId: 77, sequence: 0 };
    const label = await readSegmentLabel((target, at) => {
      plaintext.copy(target, 0, at);
      return Promise.resolve();
    });
    const old = segmentLabel(label);
    const at = plaintext.indexOf(old);
    const times = { anchorMs: epochMs(T0), startMs: epochMs(T0) };
    const moved = Buffer.concat([
      ...[plaintext.subarray(0, at), segmentLabel({ ...place, ...times })],
      plaintext.subarray(at + old.length),
    ]);
    const writer = await storage.footage.create(place);
    for (let from = 0; from < moved.length; from += 100_000) {
      await writer.append([moved.subarray(from, from + 100_000)]);
    }
    const torn = join(storage.folder.footagePath, CAMERA_ID, '77', '000000.age');
    const byAge = openedByAge(torn);
    expect(byAge.status).toBe(1);
    expect(byAge.stderr).toContain('unexpected EOF');
    expect(byAge.stdout.length % 65_536).toBe(0);
    const { status, stdout, stderr } = await unseal(emptyFolder('torn'), torn);
    expect([status, stderr]).toEqual([1, expect.stringContaining('torn: it was being written')]);
    const opened = readFileSync(stdout.trim());
    expect(opened.equals(moved)).toBe(true);
    expect(opened.subarray(0, byAge.stdout.length).equals(byAge.stdout)).toBe(true);
    expect(byAge.stdout.length).toBeLessThan(moved.length);
    await writer.close(moved.length);
    await storage.footage.delete(place);
  });

  it('leaves out what is damaged and keeps the rest playable, where age stops', async () => {
    const damaged = join(folder.path, 'damaged.age');
    const bytes = readFileSync(segments[0]!);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(damaged, bytes);
    expect(openedByAge(damaged).status).toBe(1);
    const out = emptyFolder('damaged');
    const { status, stdout, stderr } = await unseal(out, damaged, segments[1]!);
    expect([status, stderr]).toEqual([1, expect.stringContaining('bytes are left out')]);
    const [opened] = stdout.split('\n');
    const [kept, all] = [
      await packets(opened!),
      await packets(await folder.write('a.mp4', plaintext)),
    ];
    // One chunk touches a few parts of a second each.
    expect(kept).toBeLessThan(all);
    expect(kept).toBeGreaterThan(all / 2);
    expect(readdirSync(out)).toHaveLength(2);
  });

  it('says 2 where no file opens: another key, no sealed file, no file', async () => {
    const other = join(folder.path, 'other.txt');
    writeFileSync(other, await newIdentity());
    const out = emptyFolder('none');
    const args = ['unseal', segments[0]!, sheet, 'missing.age', '--identity', other, '--out', out];
    const { status, stderr } = await doorkeep(args, { cwd: folder.path });
    expect(status).toBe(2);
    expect(stderr).toContain('this recovery key does not open it');
    expect(stderr).toContain('it is not a sealed file');
    expect(stderr).toContain('there is no such file');
    expect(readdirSync(out)).toEqual([]);
  });

  it('takes no key from the arguments, and none from a pipe', async () => {
    const { identity } = storage.keys;
    const given = await doorkeep(['unseal', segments[0]!, identity], { cwd: folder.path });
    expect(given.status).toBe(2);
    expect(given.stdout + given.stderr).not.toContain(identity.slice(20));
    const options = { cwd: folder.path, input: `${identity}\n` };
    expect((await doorkeep(['unseal', segments[0]!], options)).status).toBe(2);
  });

  it.skipIf(!scriptAvailable)('asks for it at a terminal and shows nothing of it', async () => {
    const out = emptyFolder('asked');
    const { identity } = storage.keys;
    const command = `'${process.execPath}' '${ENTRY}' unseal '${segments[0]!}' --out '${out}'`;
    const typescript = join(folder.path, 'typescript');
    const child = spawn('script', ['-qefc', command, typescript], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    const ended = new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    await until(() => shown.includes('Recovery key'), { withinMs: 10_000, what: 'the question' });
    child.stdin.write(`${identity}\r`);
    const status = await ended;
    expect([status, readdirSync(out).length]).toEqual([0, 1]);
    expect(shown).not.toContain(identity.slice(20, 40));
  });
});

describe('fsck beside the running server', () => {
  const clip: ClipSpec = { ...CLIPS.small, gopSeconds: 1, seconds: 8 };
  let server: DoorkeepServer;
  let camera: RtspCamera;

  beforeAll(async () => {
    const path = await makeClip(clip);
    [camera, server] = await Promise.all([
      RtspCamera.start({ streams: { '/main': await loadClip(path) } }),
      DoorkeepServer.start(),
    ]);
    await server.setUp();
    const source = { type: 'rtsp', url: camera.url('/main') } as const;
    const { id } = await addCamera(server, { name: 'Door', source, sound: false });
    await untilRecorded(server, id, 3);
  });

  afterAll(async () => {
    await server.dispose();
    await camera.close();
  });

  it('that records while it is locked, finds nothing and disturbs nothing', async () => {
    expect((await server.api('POST', '/api/lock')).status).toBe(204);
    const { dataPath } = server;
    const sizeOf = (): number => readIndex(dataPath).segments.at(-1)!.sizeBytes;
    for (let round = 0; round < 3; round += 1) {
      const { status, stdout } = await doorkeep(['fsck', '--json'], { cwd: dataPath, dataPath });
      expect([status, JSON.parse(stdout)]).toEqual([
        0,
        { clean: true, findings: [], repairs: null, indexPending: false, quarantined: [] },
      ]);
    }
    const before = sizeOf();
    await until(() => sizeOf() > before, { withinMs: 10_000, what: 'more footage' });
  });

  it('is not repaired while it runs', async () => {
    const { dataPath } = server;
    const { status, stderr } = await doorkeep(['fsck', '--repair'], { cwd: dataPath, dataPath });
    expect([status, stderr]).toEqual([2, expect.stringContaining('another Doorkeep')]);
  });

  it('and after it was killed: clean once repaired, and the server goes on', async () => {
    await server.stop('SIGKILL');
    const { dataPath } = server;
    // What lies open is what the next start expects; it is no finding.
    expect((await doorkeep(['fsck'], { cwd: dataPath, dataPath })).status).toBe(0);
    const { status, stdout } = await doorkeep(['fsck', '--repair'], { cwd: dataPath, dataPath });
    expect([status, stdout]).toEqual([0, expect.stringContaining('1 segments closed')]);
    expect(readIndex(dataPath).runs.every(({ endReason }) => endReason === 'server-crashed')).toBe(
      true,
    );
    server = await DoorkeepServer.start({ dataPath });
    await server.signIn();
    expect((await server.api('GET', '/api/cameras')).status).toBe(200);
  });
});

describe('the command line', () => {
  it('answers 2 for a folder that is no data folder, and makes none of it', async () => {
    const folder = await ClipFolder.create();
    const options = { cwd: folder.path, dataPath: folder.path };
    const { status, stdout, stderr } = await doorkeep(['fsck', '--json'], options);
    expect([status, stderr]).toEqual([2, expect.stringContaining('is no data folder')]);
    expect(JSON.parse(stdout)).toMatchObject({ error: expect.any(String) as string });
    expect(existsSync(join(folder.path, 'layout-version'))).toBe(false);
    await folder.remove();
  });

  it.each([
    [['--help'], 0],
    [[], 2],
    [['constructor'], 2],
    [['fsck', '--what'], 2],
  ])('%j: %i, with how it is called', async (args, expected) => {
    const { status, stdout, stderr } = await doorkeep(args, { cwd: PACKAGE_ROOT });
    expect(status).toBe(expected);
    expect(stdout + stderr).toContain('Use: ');
  });

  it('runs by npm, without building what is built', async () => {
    const args = ['run', '-s', 'doorkeep', '--', '--help'];
    const { status, stdout, stderr } = await start('npm', args, { cwd: PACKAGE_ROOT });
    expect([status, stdout]).toEqual([0, expect.stringContaining('unseal FILE')]);
    expect(stderr).not.toContain('compiling page');
  });
});
