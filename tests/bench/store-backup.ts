/** A backup of a million segments beside a server that goes on, and its restore. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileKeyOf } from '../../server/age/header.ts';
import { makeBackup } from '../../server/backup/make-backup.ts';
import { stageRestore } from '../../server/backup/stage-restore.ts';
import type { SystemClock } from '../../server/base/clock.ts';
import { epochMs } from '../../server/base/time.ts';
import { encodePartTable } from '../../server/storage/part-table.ts';
import { insertRun } from '../../server/storage/runs.ts';
import { openTestHousehold } from '../fixtures/test-household.ts';
import { CAMERA_ID, openTestStorage } from '../fixtures/test-storage.ts';
import { insertMillion, MILLION } from './million-rows.ts';
import { watchStalls } from './stalls.ts';

/** Parts of 2 s of a segment of 58 s. */
const PARTS = 29;
const PART_BYTES = 750_000;

/** See the head of this file. */
export async function backupMillion(clock: SystemClock): Promise<object> {
  const home = await openTestHousehold();
  const other = await openTestStorage();
  const out = mkdtempSync(join(tmpdir(), 'doorkeep-bench-'));
  try {
    const { db, folder } = home;
    insertOne(home);
    insertMillion(db, epochMs(Date.UTC(2026, 0, 1)));
    db.checkpoint();
    const file = join(out, 'backup.age');
    const signal = new AbortController().signal;
    const source = { id: createHash('md5').digest('hex'), paths: folder, clock, version: '0.0.1' };
    // What the machine does to a process that has nothing to do, and one turn after the other.
    const idle = await watchStalls(clock, () => clock.sleep(5_000, signal));
    const backup = await watchStalls(clock, () =>
      makeBackup({ ...source, takenBy: null, signal }, { path: file, note: () => undefined }),
    );
    const open = (header: Buffer): Promise<Buffer> => fileKeyOf(header, [home.recoveryKey]);
    const restore = await watchStalls(clock, () =>
      stageRestore({ paths: other.folder, file, open, nowMs: clock.wallMs() }),
    );
    return {
      rows: MILLION,
      databaseBytes: statSync(folder.databasePath).size,
      backupBytes: statSync(file).size,
      ...{ idle, backup, restore },
    };
  } finally {
    home.remove();
    other.remove();
    rmSync(out, { recursive: true, force: true });
  }
}

/** The segment that the million are made like. */
function insertOne({ db }: Awaited<ReturnType<typeof openTestHousehold>>): void {
  const run = { cameraId: CAMERA_ID, anchorMs: epochMs(0), codecs: 'avc1.640028' };
  const runId = insertRun(db, { ...run, width: 1_920, height: 1_080 });
  const parts = Array.from({ length: PARTS }, (_, index) => ({
    ...{ offsetBytes: 1_160 + index * PART_BYTES, sizeBytes: PART_BYTES },
    ...{ startMs: index * 2_000, durationMs: 2_000, key: true },
  }));
  db.run(
    `INSERT INTO segment
       (camera_id, run_id, sequence, start_ms, duration_ms, size_bytes, parts, state)
     VALUES (:cameraId, :runId, 1, 0, 58000, :sizeBytes, :parts, 'closed')`,
    {
      ...{ cameraId: CAMERA_ID, runId, sizeBytes: 1_160 + PARTS * PART_BYTES },
      parts: encodePartTable(parts),
    },
  );
}
