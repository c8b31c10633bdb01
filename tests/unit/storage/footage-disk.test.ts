/** The disk with the footage is unmounted, exchanged and comes back: folders that change places. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acceptDisk } from '../../../server/cli/accept-disk.ts';
import { fsck } from '../../../server/cli/fsck.ts';
import { silentLog } from '../../../server/base/log.ts';
import { epochMs } from '../../../server/base/time.ts';
import { auditEntriesAfter } from '../../../server/storage/audit-entries.ts';
import { openGapOf } from '../../../server/storage/gaps.ts';
import { FootageDisk, MARK_NAME } from '../../../server/storage/footage-disk.ts';
import { FootageListing } from '../../../server/storage/footage-listing.ts';
import { FootageUse } from '../../../server/storage/footage-use.ts';
import { FootageInUse } from '../../../server/storage/footage-in-use.ts';
import { FootageStore } from '../../../server/storage/footage.ts';
import { FootageWatch } from '../../../server/storage/footage-watch.ts';
import { isIndexPending, markIndexComplete } from '../../../server/storage/index-state.ts';
import { markRestored } from '../../../server/storage/restored-footage.ts';
import { Retention } from '../../../server/storage/retention.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import {
  closeSegment,
  insertSegment,
  openSegments,
  segmentPage,
} from '../../../server/storage/segments.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { commandAround } from '../../fixtures/command-around.ts';
import { filesBelow } from '../../fixtures/footage-tree.ts';
import { labelledInit } from '../../fixtures/labelled-init.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1);
const WRONG = { kind: 'io', reason: 'wrong-disk' };

let storage: TestStorage;
let clock: TestClock;
let said: string[];

beforeEach(async () => {
  storage = await openTestStorage();
  clock = new TestClock(T0);
  said = [];
});

afterEach(() => {
  storage.remove();
});

/** What a server has of the folder as it is now. */
function serverOn({ db, folder, fileKeys }: TestStorage) {
  const { footagePath, tailsPath } = folder;
  const disk = new FootageDisk({ footagePath, tailsPath, boxId: db.boxId });
  const footage = new FootageStore({ footagePath, tailsPath, fileKeys, disk });
  const note = (fields: object, text: string): number =>
    said.push(`${text} ${JSON.stringify(fields)}`);
  const log = { ...silentLog, error: note, info: note };
  const listing = new FootageListing(folder);
  const watch = new FootageWatch({ db, disk, footage, listing, clock, log });
  return { disk, footage, watch };
}

/** Looks until `work` is done, as the running server does. */
async function watching(watch: FootageWatch, work: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  await work();
  stop.abort();
  await running;
}

/** Time goes on until the watch has looked, which takes a real disk's time. */
async function looked(expectation: () => void): Promise<void> {
  await vi.waitFor(async () => {
    await clock.advance(6_000);
    expectation();
  });
}

const MARKS = ['footage', 'tails'] as const;

function pathOf(folder: (typeof MARKS)[number]): string {
  return storage.folder[folder === 'footage' ? 'footagePath' : 'tailsPath'];
}

function markOf(folder: (typeof MARKS)[number]): string | undefined {
  const path = join(pathOf(folder), MARK_NAME);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** Another disk's folder in the place of one: empty, or with this mark. */
function swap(folder: (typeof MARKS)[number], mark?: string): () => void {
  const [path, aside] = [pathOf(folder), `${pathOf(folder)}-aside`];
  renameSync(path, aside);
  mkdirSync(path);
  if (mark !== undefined) writeFileSync(join(path, MARK_NAME), `${mark}\n`);
  return () => {
    rmSync(path, { recursive: true });
    renameSync(aside, path);
  };
}

function anotherRun(): number {
  return insertRun(storage.db, {
    ...{ cameraId: CAMERA_ID, anchorMs: epochMs(T0), codecs: 'avc1', width: 1, height: 1 },
  });
}

/** A row with a file of 150 bytes, closed or open as a crash leaves it. */
async function leaveSegment(footage: FootageStore, state: 'closed' | 'open'): Promise<void> {
  const place = { cameraId: CAMERA_ID, runId: anotherRun(), sequence: 0 };
  const writer = await footage.create(place);
  const { sizeBytes } = await writer.append([labelledInit(place, 100), Buffer.alloc(50, 7)]);
  const part = {
    offsetBytes: 100,
    sizeBytes: sizeBytes - 100,
    startMs: 0,
    durationMs: 1_000,
    key: true,
  };
  const id = insertSegment(storage.db, { ...place, startMs: epochMs(T0) }, part);
  if (state === 'open') return;
  closeSegment(storage.db, id);
  await writer.close(sizeBytes);
}

const rows = (): number =>
  segmentPage(storage.db, { cameraId: CAMERA_ID, afterMs: 0, limit: 9 }).length;

describe('the mark', () => {
  it('is made once in both folders of a new box, before anything records', async () => {
    const { watch, footage } = serverOn(storage);
    await expect(footage.verify()).rejects.toMatchObject(WRONG);
    await watch.open();
    expect(watch.problem).toBeUndefined();
    expect(MARKS.map(markOf)).toEqual([storage.db.boxId, storage.db.boxId]);
    expect(storage.db.footageMarked).toBe(true);
    await footage.verify();
  });

  it('is made in a folder from before there were marks, whose footage is there', async () => {
    await leaveSegment(storage.footage, 'closed');
    await serverOn(storage).watch.open();
    expect(MARKS.map(markOf)).toEqual([storage.db.boxId, storage.db.boxId]);
  });

  it('is not made where rows speak of footage that is not there', async () => {
    await leaveSegment(storage.footage, 'closed');
    const swapBack = swap('footage');
    const { watch } = serverOn(storage);
    await watch.open();
    expect(watch.problem).toMatchObject(WRONG);
    expect([markOf('footage'), storage.db.footageMarked]).toEqual([undefined, false]);
    swapBack();
    await watching(watch, () =>
      looked(() => {
        expect(markOf('footage')).toBe(storage.db.boxId);
      }),
    );
  });

  it('is made again by a start that was stopped between its steps', async () => {
    const { disk } = serverOn(storage);
    await disk.mark();
    rmSync(join(pathOf('tails'), MARK_NAME));
    await serverOn(storage).watch.open();
    expect([markOf('tails'), storage.db.footageMarked]).toEqual([storage.db.boxId, true]);
  });

  it.each(MARKS)('is never made again: without it, %s is another disk', async (folder) => {
    await serverOn(storage).watch.open();
    rmSync(join(pathOf(folder), MARK_NAME));
    const { watch } = serverOn(storage);
    await watch.open();
    expect(watch.problem).toMatchObject(WRONG);
    expect(markOf(folder)).toBeUndefined();
  });
});

describe.each([
  ['no disk', undefined],
  ['the disk of another box', 'f'.repeat(32)],
])('with %s in its place', (_name, mark) => {
  it.each(MARKS)(
    'nothing is written to %s, and it goes on when the right one is back',
    async (folder) => {
      const { watch, footage } = serverOn(storage);
      await watch.open();
      let rights = 0;
      watch.onRight = () => (rights += 1);
      await watching(watch, async () => {
        const swapBack = swap(folder, mark);
        const there = readdirSync(pathOf(folder));
        const place = { cameraId: CAMERA_ID, runId: anotherRun(), sequence: 0 };
        await expect(footage.create(place)).rejects.toMatchObject(WRONG);
        await looked(() => {
          expect(watch.problem).toMatchObject(WRONG);
        });
        await expect(footage.create(place)).rejects.toMatchObject(WRONG);
        expect(readdirSync(pathOf(folder))).toEqual(there);
        expect(said.join('\n')).toContain(
          `the folder ${folder} ${mark === undefined ? 'has no mark' : 'has the mark of another box'}`,
        );
        swapBack();
        await looked(() => {
          expect([watch.problem, rights]).toEqual([undefined, 1]);
        });
        await (await footage.create(place)).close(0);
      });
      expect(said.at(-1)).toContain('the right one again');
    },
  );

  it('nothing counts as deleted, and nothing is repaired', async () => {
    const { watch, footage } = serverOn(storage);
    await watch.open();
    await leaveSegment(footage, 'closed');
    const [segment] = segmentPage(storage.db, { cameraId: CAMERA_ID, afterMs: 0, limit: 1 });
    const swapBack = swap('footage', mark);
    const { db } = storage;
    const retention = new Retention({
      ...{ db, footage, inUse: new FootageInUse(), days: storage.days, clock, log: silentLog },
      use: new FootageUse(db),
      space: () => Promise.resolve({ freeBytes: 0, totalBytes: 1e9, freeFiles: 0, totalFiles: 0 }),
    });
    await expect(retention.makeRoom()).rejects.toMatchObject(WRONG);
    await expect(footage.deleteAll([segment!])).rejects.toMatchObject(WRONG);
    await expect(footage.open(segment!)).rejects.toMatchObject(WRONG);
    const around = commandAround(storage.folder.path);
    await expect(fsck(['--repair'], around)).rejects.toMatchObject(WRONG);
    expect(rows()).toBe(1);
    swapBack();
    expect(await fsck([], around)).toBe(0);
  });

  it('start-up waits with what a death left, and does it when the right one is back', async () => {
    const before = serverOn(storage);
    await before.watch.open();
    await leaveSegment(before.footage, 'open');
    const swapBack = swap('footage', mark);
    const { watch, footage } = serverOn(storage);
    await watch.open();
    // The row stands, and why nothing is recorded is said already.
    expect([openSegments(storage.db).length, rows()]).toEqual([1, 1]);
    expect(openGapOf(storage.db, CAMERA_ID)?.reason).toBe('server-stopped');
    swapBack();
    const place = { cameraId: CAMERA_ID, runId: 9, sequence: 0 };
    // The disk is right again, and nothing begins before start-up is done.
    await expect(footage.create(place)).rejects.toMatchObject(WRONG);
    await watching(watch, () =>
      looked(() => {
        expect([openSegments(storage.db).length, rows()]).toEqual([0, 1]);
      }),
    );
    await (await footage.create(place)).close(0);
  });
});

it('a disk that comes between look and create is noticed, and left as it was', async () => {
  const { watch, disk, footage } = serverOn(storage);
  await watch.open();
  // Its look still says the old device.
  disk.verify = () => Promise.resolve();
  const other = new FootageDisk({
    ...{ footagePath: '/proc/self', tailsPath: '/proc/self', boxId: storage.db.boxId },
  });
  expect(await other.marks()).toEqual(['missing', 'missing']);
  Object.assign(disk, { verifyMade: other.verifyMade.bind(other) });
  const place = { cameraId: CAMERA_ID, runId: anotherRun(), sequence: 0 };
  await expect(footage.create(place)).rejects.toMatchObject(WRONG);
  const left = filesBelow(storage.folder.path).filter((path) => /\.(age|tail)$/.test(path));
  expect(left).toEqual([]);
});

describe('accept-disk', () => {
  it('makes a new disk this box’s; the old footage is then a finding, not a secret', async () => {
    const { watch, footage } = serverOn(storage);
    await watch.open();
    await leaveSegment(footage, 'closed');
    swap('footage');
    const { path } = storage.folder;
    storage.folder.release();
    const around = commandAround(path);
    expect(await acceptDisk([], around)).toBe(0);
    expect(markOf('footage')).toBe(storage.db.boxId);
    // The record tells everybody at home, and goes on from what it was.
    const entries = auditEntriesAfter(storage.db, 0, 10);
    expect(entries.map(({ kind, who }) => [kind, who])).toEqual([
      ['record-begun', 'box'],
      ['disk-accepted', 'box'],
    ]);
    expect(await fsck([], around)).toBe(1);
    expect(around.printed.join('\n')).toContain('1 finding');
  });

  it('does not take the disk of another box', async () => {
    await serverOn(storage).watch.open();
    swap('footage', 'f'.repeat(32));
    storage.folder.release();
    const around = commandAround(storage.folder.path);
    await expect(acceptDisk([], around)).rejects.toMatchObject({ kind: 'conflict' });
    expect(markOf('footage')).toBe('f'.repeat(32));
  });
});

describe('after a restore', () => {
  /** Of before the restore: no row knows it. */
  const EARLIER_RUN = 3;

  beforeEach(() => {
    markRestored(storage.db, EARLIER_RUN + 1);
    markIndexComplete(storage.db);
  });

  const copied = (): string => join(storage.folder.footagePath, CAMERA_ID, String(EARLIER_RUN));

  it('footage that was copied to the disk while it was away is looked at when it is back', async () => {
    const { watch } = serverOn(storage);
    await watch.open();
    expect(isIndexPending(storage.db)).toBe(false);
    const pendingThen: boolean[] = [];
    watch.onRight = () => pendingThen.push(isIndexPending(storage.db));
    await watching(watch, async () => {
      const swapBack = swap('footage');
      await looked(() => {
        expect(watch.problem).toMatchObject(WRONG);
      });
      swapBack();
      mkdirSync(copied(), { recursive: true });
      await looked(() => {
        expect(watch.problem).toBeUndefined();
      });
    });
    // Before whoever makes the index anew is woken.
    expect(pendingThen).toEqual([true]);
  });

  it('so is what lies there at a start, and nothing else is', async () => {
    const { watch } = serverOn(storage);
    await watch.open();
    expect(isIndexPending(storage.db)).toBe(false);
    mkdirSync(copied(), { recursive: true });
    await serverOn(storage).watch.open();
    expect(isIndexPending(storage.db)).toBe(true);
  });
});
