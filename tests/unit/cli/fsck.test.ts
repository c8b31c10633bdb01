import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { fsck } from '../../../server/cli/fsck.ts';
import type { Invariant } from '../../../server/storage/check.ts';
import { encodePartTable } from '../../../server/storage/part-table.ts';
import { recoverStorage } from '../../../server/storage/recovery.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import { addPart, insertSegment } from '../../../server/storage/segments.ts';
import { commandAround } from '../../fixtures/command-around.ts';
import { labelledInit } from '../../fixtures/labelled-init.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1);

let storage: TestStorage;
let runId: number;

/** A closed run of one closed segment of 3 s: a server that runs, in between. */
beforeEach(async () => {
  storage = await openTestStorage();
  const { db, footage } = storage;
  runId = insertRun(db, {
    ...{ cameraId: CAMERA_ID, anchorMs: epochMs(T0), codecs: 'avc1', width: 1, height: 1 },
  });
  const place = placeOf(0);
  const writer = await footage.create(place);
  await writer.append([labelledInit(place, 100), Buffer.alloc(150, 7)]);
  const part = (i: number) => ({
    ...{ offsetBytes: 100 + i * 50, sizeBytes: 50, startMs: i * 1_000, durationMs: 1_000 },
    key: i === 0,
  });
  const id = insertSegment(db, { ...place, startMs: epochMs(T0) }, part(0));
  addPart(db, id, part(1));
  addPart(db, id, part(2));
  await recoverStorage(storage);
  await writer.close(250);
});

afterEach(() => {
  storage.remove();
});

function placeOf(sequence: number): { cameraId: string; runId: number; sequence: number } {
  return { cameraId: CAMERA_ID, runId, sequence };
}

function segmentPath(sequence = 0): string {
  const name = `${String(sequence).padStart(6, '0')}.age`;
  return join(storage.folder.footagePath, CAMERA_ID, String(runId), name);
}

async function plantStray(sequence = 1): Promise<void> {
  const stray = await storage.footage.create(placeOf(sequence));
  await stray.append([labelledInit(placeOf(sequence), 100)]);
  await stray.close(100);
}

function run(...args: string[]) {
  const around = commandAround(storage.folder.path);
  return fsck(args, around).then((status) => ({ status, ...around }));
}

async function invariants(): Promise<string[]> {
  const { status, printed } = await run('--json');
  const answer = JSON.parse(printed.join('')) as {
    clean: boolean;
    findings: { invariant: string; what: string; todo: string }[];
  };
  expect(status).toBe(1);
  expect(answer.clean).toBe(false);
  expect(answer.findings.every(({ what, todo }) => what !== '' && todo !== '')).toBe(true);
  return answer.findings.map(({ invariant }) => invariant);
}

describe('fsck beside the process that holds the lock', () => {
  it('finds nothing where nothing is wrong', async () => {
    const { status, printed } = await run();
    expect(status).toBe(0);
    expect(printed).toEqual(['Clean: index and footage agree, every invariant holds.']);
    expect((await run('--json')).printed).toEqual([
      '{"clean":true,"findings":[],"indexPending":false,"quarantined":[],"repairs":null}',
    ]);
  });

  it('finds nothing while a segment is being written', async () => {
    const { db, footage } = storage;
    const next = insertRun(db, {
      ...{
        cameraId: CAMERA_ID,
        anchorMs: epochMs(T0 + 9_000),
        codecs: 'avc1',
        width: 1,
        height: 1,
      },
    });
    const place = { cameraId: CAMERA_ID, runId: next, sequence: 0 };
    const writer = await footage.create(place);
    expect((await run()).status).toBe(0);
    await writer.append([labelledInit(place, 100), Buffer.alloc(50)]);
    expect((await run()).status).toBe(0);
    await writer.close(150);
  });

  const faults: [Invariant, () => unknown][] = [
    [
      'row-has-bytes',
      () => {
        truncateSync(segmentPath(), 10);
      },
    ],
    [
      'finished-or-tail',
      () => {
        appendFileSync(segmentPath(), Buffer.alloc(100));
      },
    ],
    ['parts-contiguous', () => storage.db.run('UPDATE segment SET size_bytes = size_bytes - 1')],
    ['parts-contiguous', () => storage.db.run(`UPDATE segment SET parts = x'ff'`)],
    [
      'key-first',
      () => {
        const part = {
          offsetBytes: 100,
          sizeBytes: 150,
          startMs: 0,
          durationMs: 3_000,
          key: false,
        };
        storage.db.run('UPDATE segment SET parts = :parts', { parts: encodePartTable([part]) });
      },
    ],
    ['segment-length', () => storage.db.run('UPDATE segment SET duration_ms = 60001')],
    [
      'times-ascend',
      () =>
        storage.db.run(`INSERT INTO segment (camera_id, run_id, sequence, start_ms, duration_ms,
          size_bytes, parts, state) SELECT camera_id, run_id, 5, start_ms + 100, duration_ms,
          size_bytes, parts, state FROM segment`),
    ],
    ['gap-without-footage', () => storage.db.run('UPDATE gap SET from_ms = from_ms - 500')],
    ['one-stray-file', () => plantStray()],
    ['file-has-row', () => plantStray(2)],
    ['new-run-new-folder', () => storage.db.run('UPDATE sqlite_sequence SET seq = 0')],
    [
      'one-stray-file',
      () => {
        writeFileSync(join(storage.folder.tailsPath, `${CAMERA_ID}-99-0.tail`), 'x');
      },
    ],
  ];

  it.each(faults)('names %s, and says what to do', async (invariant, plant) => {
    await plant();
    expect(await invariants()).toContain(invariant);
  });

  it('says in sentences where it is and what to do', async () => {
    truncateSync(segmentPath(), 10);
    const { printed } = await run();
    expect(printed).toEqual([
      `row-has-bytes: camera ${CAMERA_ID}, run ${String(runId)}, segment 0`,
      expect.stringContaining('fewer bytes than the index counts'),
      expect.stringMatching(/^ {2}→ Check the disk/),
      '1 finding.',
    ]);
  });

  it('repairs nothing', async () => {
    await plantStray();
    await expect(run('--repair')).rejects.toMatchObject({ kind: 'conflict', reason: 'in-use' });
    expect(existsSync(segmentPath(1))).toBe(true);
  });
});

describe('fsck --repair, with the server stopped', () => {
  beforeEach(() => {
    storage.db.markStoppedCleanly();
  });

  it('deletes the one file and the tails that no row knows', async () => {
    await plantStray();
    const tail = join(storage.folder.tailsPath, `${CAMERA_ID}-99-0.tail`);
    writeFileSync(tail, 'x');
    storage.folder.release();
    const { status, printed } = await run('--repair');
    expect(printed[0]).toBe('Repaired: 0 segments closed, 2 stray files deleted.');
    expect(status).toBe(0);
    expect([segmentPath(1), tail].map((path) => existsSync(path))).toEqual([false, false]);
    expect(existsSync(segmentPath())).toBe(true);
  });

  it('closes what a crash left open', async () => {
    const { db } = storage;
    const next = insertRun(db, {
      ...{
        cameraId: CAMERA_ID,
        anchorMs: epochMs(T0 + 9_000),
        codecs: 'avc1',
        width: 1,
        height: 1,
      },
    });
    const place = { cameraId: CAMERA_ID, runId: next, sequence: 0 };
    const writer = await storage.footage.create(place);
    await writer.append([labelledInit(place, 100), Buffer.alloc(50)]);
    db.run('UPDATE gap SET to_ms = :toMs', { toMs: T0 + 9_000 });
    insertSegment(
      db,
      { ...place, startMs: epochMs(T0 + 9_000) },
      { ...{ offsetBytes: 100, sizeBytes: 50, startMs: 0, durationMs: 1_000 }, key: true },
    );
    storage.folder.release();
    const { status, printed } = await run('--repair');
    expect([status, printed[0]]).toEqual([
      0,
      'Repaired: 1 segments closed, 0 stray files deleted.',
    ]);
    await writer.close(150);
  });

  it('lists what lies in the quarantine', async () => {
    await storage.quarantine.take(storage.db, placeOf(0));
    const { status, printed } = await run();
    expect([status, printed]).toEqual([
      0,
      [
        'Damaged, in the folder quarantine: 1. unseal shows what is whole.',
        `  camera ${CAMERA_ID}, run ${String(runId)}, segment 0`,
        'Clean: index and footage agree, every invariant holds.',
      ],
    ]);
  });

  it('leaves footage of which the index knows nothing, for the next unlock', async () => {
    // A database from a backup: more than one file follows what it knows.
    await plantStray(1);
    await plantStray(2);
    storage.folder.release();
    const { status, printed } = await run('--repair');
    expect([status, printed.at(-2)]).toEqual([
      1,
      'The index is not complete: the rest is read when somebody unlocks in the page.',
    ]);
    expect([1, 2].map((sequence) => existsSync(segmentPath(sequence)))).toEqual([true, true]);
  });
});

describe('what is no data folder', () => {
  it.each([
    ['an empty folder', () => undefined],
    [
      'a file in its place',
      (path: string) => {
        rmSync(path, { recursive: true });
        writeFileSync(path, '');
      },
    ],
  ])('is refused and not made one: %s', async (_what, make) => {
    const path = mkdtempSync(join(tmpdir(), 'doorkeep-fsck-'));
    make(path);
    await expect(fsck([], commandAround(path))).rejects.toMatchObject({
      ...{ kind: 'not-found', reason: 'no-data-folder' },
      hint: expect.stringContaining('DOORKEEP_DATA') as string,
    });
    expect(existsSync(join(path, 'layout-version'))).toBe(false);
    rmSync(path, { recursive: true });
  });

  it('is one of another version, and one without its database', async () => {
    const { path, databasePath } = storage.folder;
    writeFileSync(join(path, 'layout-version'), '99\n');
    await expect(run()).rejects.toMatchObject({ reason: 'other-version' });
    writeFileSync(join(path, 'layout-version'), '2\n');
    rmSync(databasePath);
    await expect(run()).rejects.toMatchObject({
      message: expect.stringContaining('missing') as string,
    });
    expect(existsSync(databasePath)).toBe(false);
  });
});

describe('arguments', () => {
  it.each([[['--what']], [['file']], [['--json=yes']]])('%j are refused', async (args) => {
    await expect(run(...args)).rejects.toMatchObject({
      ...{ kind: 'invalid', hint: expect.stringContaining('Use: fsck') as string },
    });
  });
});
