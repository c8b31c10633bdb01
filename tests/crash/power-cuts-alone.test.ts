/**
 * The power is cut at a random moment, and the disk keeps what it had promised and a random part of the rest:
 * the real server writes under a journal (tests/fixtures/power), folders are rebuilt from it, and the real
 * server starts on each. Two stretches are cut: from the very first start to an orderly stop, and a start
 * on what such a cut left, with its recovery, more footage and a camera that is removed.
 * `TORTURE_ROUNDS`, `TORTURE_SEED` and `POWER_SECONDS` (of footage) make it longer: `npm run torture -- power`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import {
  gstAvailable,
  type GstRtspServer,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, makeClip, watchNumbers } from '../fixtures/clips.ts';
import { ClipFolder } from '../fixtures/fmp4-clips.ts';
import { readIndex, wrongSizes } from '../fixtures/footage-tree.ts';
import { addCameras, rangesOf, takeOut, untilRecorded } from '../fixtures/household.ts';
import {
  type BaseFolder,
  CutDisk,
  type DiskModel,
  readBase,
  writeFolder,
} from '../fixtures/power/disk-after-cut.ts';
import {
  journalAvailable,
  journalFor,
  type JournalRecord,
  readJournal,
} from '../fixtures/power/write-journal.ts';
import { randomFrom } from '../fixtures/random-from.ts';
import { fsckFindings } from '../fixtures/run-doorkeep.ts';
import { openFile } from '../fixtures/sealed-file.ts';

const ROUNDS = Number(process.env.TORTURE_ROUNDS ?? 6);
const SEED = Number(process.env.TORTURE_SEED ?? 1);

/** A segment is full after 60 s, which the short form does not wait for. */
const SECONDS = Number(process.env.POWER_SECONDS ?? 5);

/** Two servers' lives, but for the footage. */
const HOOK_MS = 120_000;

/** min(GOP, 2 s) and 5 s: what a power cut may cost. */
const LOSS_MAX_MS = 7_000;

const MODELS: readonly DiskModel[] = ['ordered', 'harsh'];

/** Calls that change a name: around them lie the steps that few moments hit. */
const RARE: ReadonlySet<string> = new Set(['create', 'rename', 'unlink', 'mkdir', 'rmdir']);
const AROUND = 12;

const clock = new SystemClock();

/** What is surely so from some moment on: the server had answered, or footage was coming. */
interface Known {
  setUpMs: number;
  exportMs: number;
  readonly cameras: Map<string, number>;
  readonly removed: Map<string, number>;
  /** When a camera was surely recording. */
  readonly recording: { readonly camera: string; readonly fromMs: number; toMs: number }[];
}

/** A server's life under the journal. */
interface Stretch {
  readonly base: BaseFolder;
  readonly records: readonly JournalRecord[];
}

describe.skipIf(!journalAvailable || !gstAvailable)('the power is cut', () => {
  let place: string;
  let gst: GstRtspServer;
  let folder: ClipFolder;
  let journalEnv: Awaited<ReturnType<typeof journalFor>>;
  let recoveryKey: string;
  let firstEndMs: number;
  const stretches: Stretch[] = [];
  const known: Known = {
    ...{ setUpMs: Infinity, exportMs: Infinity },
    ...{ cameras: new Map(), removed: new Map(), recording: [] },
  };
  const below = randomFrom(SEED);
  const decoded = new Set<string>();
  const losses: number[] = [];
  const counts = { ordered: 0, harsh: 0, recording: 0 };

  /** Runs `life` with a server on `root` under the journal, to an orderly stop. */
  async function live(
    root: string,
    life: (server: DoorkeepServer) => Promise<void>,
  ): Promise<void> {
    const journalPath = `${root}.journal`;
    const base = await readBase(root);
    const server = await DoorkeepServer.start({
      dataPath: root,
      env: journalEnv(root, journalPath),
    });
    try {
      await life(server);
      expect(await server.stop()).toBe(0);
    } finally {
      await server.stop('SIGKILL');
    }
    stretches.push({ base, records: await readJournal(journalPath, root) });
  }

  /** `camera` is recording from now on; the answer ends that. */
  function recordingSince(camera: string): () => void {
    const stretch = { camera, fromMs: clock.wallMs(), toMs: Infinity };
    known.recording.push(stretch);
    return () => {
      stretch.toMs = clock.wallMs();
    };
  }

  beforeAll(
    async () => {
      place = await mkdtemp(join(tmpdir(), 'doorkeep-power-'));
      journalEnv = await journalFor(place);
      folder = await ClipFolder.create();
      const mounts = [
        {
          path: '/large',
          file: await makeClip({ ...CLIPS.camera, picture: 'numbered', seconds: 16, sound: 'aac' }),
        },
        { path: '/quiet', file: await makeClip(CLIPS.numberedQuiet) },
      ];
      gst = await startGstRtspServer({ mounts });
      try {
        await live(await emptyFolder('first'), firstLife);
        await live(await rebuilt(0, 'ordered', lastMoment(), 'second'), secondLife);
      } finally {
        await gst.stop();
      }
    },
    HOOK_MS + SECONDS * 1_000,
  );

  afterAll(async () => {
    await folder.remove();
    await rm(place, { recursive: true });
  });

  async function firstLife(server: DoorkeepServer): Promise<void> {
    await server.setUp();
    known.setUpMs = clock.wallMs();
    ({ recoveryKey } = server);
    const added = ['/large', '/quiet'].map((path) => ({
      ...{ name: path, sound: true },
      source: { type: 'rtsp' as const, url: gst.url(path) },
    }));
    await addCameras(server, added, ({ id }) => known.cameras.set(id, clock.wallMs()));
    const [large, quiet] = [...known.cameras.keys()] as [string, string];
    for (const camera of [large, quiet]) await untilRecorded(server, camera, 2);
    const ends = [large, quiet].map(recordingSince);
    await untilRecorded(server, quiet, SECONDS);
    // A segment that is closed in order, and the next run.
    ends[0]!();
    await server.api('PATCH', `/api/cameras/${large}`, { enabled: false });
    await server.api('PATCH', `/api/cameras/${large}`, { enabled: true });
    const [range] = await rangesOf(server, quiet);
    await takeOut(server, quiet, { ...range!, folder: folder.path });
    known.exportMs = clock.wallMs();
    await untilRecorded(server, large, 2, 2);
    ends.push(recordingSince(large));
    await clock.sleep(2_000);
    for (const end of ends.slice(1)) end();
    firstEndMs = clock.wallMs();
  }

  /** On a folder that a cut left, so it begins with a recovery. */
  async function secondLife(server: DoorkeepServer): Promise<void> {
    await server.signIn();
    const [large, quiet] = [...known.cameras.keys()] as [string, string];
    const counted = async (camera: string): Promise<number> =>
      (await rangesOf(server, camera)).length;
    const before = await counted(large);
    await untilRecorded(server, large, 2, before);
    await clock.sleep(2_000);
    const end = recordingSince(quiet);
    await clock.sleep(2_000);
    await server.api('DELETE', `/api/cameras/${large}`);
    known.removed.set(large, clock.wallMs());
    await clock.sleep(2_000);
    end();
  }

  async function emptyFolder(name: string): Promise<string> {
    const root = join(place, name);
    await writeFolder(root, new Map());
    return root;
  }

  /** A folder as the disk has it when the power goes after `count` records. */
  async function rebuilt(
    stretch: number,
    model: DiskModel,
    count: number,
    name: string,
  ): Promise<string> {
    const { base, records } = stretches[stretch]!;
    const root = join(place, name);
    await writeFolder(root, new CutDisk(base, records, count).afterCut(model, below));
    return root;
  }

  /** Of the first stretch: while everything records, shortly before the orderly stop. */
  function lastMoment(): number {
    const { records } = stretches[0]!;
    return records.findIndex(({ wallMs }) => wallMs > firstEndMs - 500);
  }

  /** Half of the moments anywhere, half around changes of names. */
  function momentOf({ records }: Stretch): number {
    const anywhere = 1 + below(records.length);
    if (below(2) === 0) return anywhere;
    const rare = records.flatMap(({ kind }, index) => (RARE.has(kind) ? [index] : []));
    const near = rare[below(rare.length)]! + below(2 * AROUND) - AROUND;
    return Math.min(Math.max(near, 1), records.length);
  }

  async function expectFilesOpen(dataPath: string): Promise<void> {
    const { segments } = readIndex(dataPath);
    expect(wrongSizes(segments)).toEqual([]);
    for (const { path, closed, sizeBytes } of segments) {
      expect([path, closed]).toEqual([path, true]);
      const file = await openFile(readFileSync(path), recoveryKey);
      const plaintext = await file.read(0, sizeBytes);
      const name = createHash('sha256').update(plaintext).digest('hex');
      if (decoded.has(name)) continue;
      const { numbers, complaints } = await watchNumbers(
        await folder.write('opened.mp4', plaintext),
      );
      expect([path, complaints, numbers.length > 0]).toEqual([path, '', true]);
      decoded.add(name);
    }
  }

  async function expectLittleLost(server: DoorkeepServer, cutMs: number): Promise<void> {
    for (const { camera, fromMs, toMs } of known.recording) {
      if (cutMs < fromMs || cutMs > toMs || (known.removed.get(camera) ?? Infinity) < cutMs)
        continue;
      const ends = (await rangesOf(server, camera)).map((range) => range.toMs);
      const lossMs = cutMs - Math.max(...ends);
      losses.push(lossMs);
      counts.recording += 1;
      expect([camera, lossMs, lossMs <= LOSS_MAX_MS]).toEqual([camera, lossMs, true]);
    }
  }

  /** What the server had said is so stays so. */
  async function expectPromisesKept(server: DoorkeepServer, cutMs: number): Promise<void> {
    const { cameras } = (await server.api<{ cameras: { id: string }[] }>('GET', '/api/cameras'))
      .body;
    const ids = cameras.map(({ id }) => id);
    for (const [id, addedMs] of known.cameras) {
      const removedMs = known.removed.get(id) ?? Infinity;
      if (removedMs < cutMs) expect(ids).not.toContain(id);
      // While it is being removed, both are true.
      else if (addedMs < cutMs && removedMs === Infinity) expect(ids).toContain(id);
    }
    const { exports } = (
      await server.api<{ exports: { id: string; state: string }[] }>('GET', '/api/exports')
    ).body;
    if (known.exportMs < cutMs) expect(exports.map(({ state }) => state)).toEqual(['done']);
    for (const { id, state } of exports) {
      if (state !== 'done') continue;
      const file = readFileSync(join(server.dataPath, 'exports', `${id}.age`));
      const { sizeBytes, read } = await openFile(file, recoveryKey);
      const opened = await folder.write('export.mp4', await read(0, sizeBytes));
      expect((await watchNumbers(opened)).complaints).toBe('');
    }
  }

  /** The box after the cut: it starts, keeps its word, and is in order. */
  async function expectRecovery(dataPath: string, cutMs: number): Promise<void> {
    const server = await DoorkeepServer.start({ dataPath });
    try {
      const { body } = await server.api<{ setUp: boolean }>('GET', '/api/health');
      if (known.setUpMs < cutMs) expect(body.setUp).toBe(true);
      if (!body.setUp) {
        await server.setUp();
      } else {
        await server.signIn();
        await expectLittleLost(server, cutMs);
        await expectPromisesKept(server, cutMs);
      }
      const torn = (): boolean =>
        readIndex(dataPath).segments.some((one) => existsSync(one.tailPath));
      await until(() => !torn(), { withinMs: 5_000, what: 'an end for each file' });
      if (body.setUp) {
        // A removed camera's footage goes in the background.
        const clean = async (): Promise<boolean> => (await fsckFindings(dataPath)).length === 0;
        await until(clean, { withinMs: 10_000, what: 'a clean fsck beside the server' });
        await expectFilesOpen(dataPath);
      }
      expect(await server.stop()).toBe(0);
    } finally {
      await server.stop('SIGKILL');
    }
    const db = new SQLite(join(dataPath, 'doorkeep.db'), { readonly: true });
    expect(db.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    db.close();
    expect(await fsckFindings(dataPath)).toEqual([]);
  }

  it('the journal sees libuv and SQLite, all of both: replayed, it is the folder as it is', async () => {
    for (const [index, name] of ['first', 'second'].entries()) {
      const { base, records } = stretches[index]!;
      const kindsOf = (ending: string): Set<string> =>
        new Set(records.filter(({ path }) => path.endsWith(ending)).map(({ kind }) => kind));
      expect(kindsOf('.age')).toContain('fdatasync');
      expect(kindsOf('.tail')).toContain('unlink');
      expect(kindsOf('doorkeep.db-wal')).toContain('fsync');
      const replayed = new CutDisk(base, records, records.length).whole();
      const real = (await readBase(join(place, name))).names;
      expect([...replayed.keys()].sort()).toEqual([...real.keys()].sort());
      for (const [path, content] of real) {
        if (content === 'folder' || path.endsWith('-shm')) continue;
        expect([path, content.equals(replayed.get(path) as Buffer)]).toEqual([path, true]);
      }
    }
  });

  it('and a disk that keeps no promise is noticed', async () => {
    // Syncs left out: the same cut, on a disk that lies, loses what was recorded.
    const { base, records } = stretches[0]!;
    const lying = records.map((record) => ({
      ...record,
      number: record.kind.endsWith('sync') ? 0 : record.number,
    }));
    const count = lastMoment();
    const root = join(place, 'lying');
    const contents = new CutDisk(base, lying, count).afterCut('harsh', randomFrom(SEED));
    await writeFolder(root, contents);
    await expect(expectRecovery(root, records[count - 1]!.wallMs)).rejects.toThrow();
  });

  it(
    `${String(ROUNDS)} times, and at most 5 s and the last GOP are lost`,
    { timeout: ROUNDS * 30_000 },
    async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const model = MODELS[round % 2]!;
        const number = (round >> 1) % 2;
        const stretch = stretches[number]!;
        const count = momentOf(stretch);
        const cutMs = stretch.records[count - 1]!.wallMs;
        const root = await rebuilt(number, model, count, `round-${String(round)}`);
        try {
          await expectRecovery(root, cutMs);
        } catch (thrown) {
          const at = stretch.records.slice(Math.max(0, count - 5), count);
          const said = at.map(({ kind, path, number: n }) => `${kind} ${path} ${String(n)}`);
          const where = `round ${String(round)}, stretch ${String(number)}, ${model}, after ${said.join('; ')}`;
          throw new Error(`${where}\n${String(thrown)}`, { cause: thrown });
        }
        await rm(root, { recursive: true });
        counts[model] += 1;
      }
      process.stdout.write(
        `${String(ROUNDS)} cuts, seed ${String(SEED)} (ordered ${String(counts.ordered)}, harsh ` +
          `${String(counts.harsh)}); of ${String(counts.recording)} recordings at most ` +
          `${String(Math.round(Math.max(...losses)))} ms lost; ${String(decoded.size)} files decoded\n`,
      );
    },
  );
});
