import { existsSync, mkdirSync, renameSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { createLog, silentLog } from '../../../server/base/log.ts';
import { epochMs } from '../../../server/base/time.ts';
import { segmentPath, tailName } from '../../../server/storage/footage-names.ts';
import { gapsBetween } from '../../../server/storage/gaps.ts';
import { finishSegments, segmentFinisher } from '../../../server/storage/finish-segments.ts';
import { endRun, insertRun } from '../../../server/storage/runs.ts';
import {
  closeSegment,
  insertSegment,
  segmentAt,
  type SegmentPlace,
} from '../../../server/storage/segments.ts';
import { labelledInit } from '../../fixtures/labelled-init.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const never = new AbortController().signal;

let storage: TestStorage;

beforeEach(async () => {
  storage = await openTestStorage();
});

afterEach(() => {
  storage.remove();
});

function newRun(): SegmentPlace {
  const runId = insertRun(storage.db, {
    ...{ cameraId: CAMERA_ID, anchorMs: epochMs(0), codecs: 'avc1', width: 1, height: 1 },
  });
  return { cameraId: CAMERA_ID, runId, sequence: 0 };
}

/** A segment of 200 bytes whose file is left as a crash leaves it. */
async function leave(place: SegmentPlace): Promise<void> {
  const writer = await storage.footage.create(place);
  await writer.append([labelledInit(place, 100), Buffer.alloc(100)]);
  await writer.close(0);
}

function addRow(place: SegmentPlace): number {
  const part = { offsetBytes: 100, sizeBytes: 100, startMs: 0, durationMs: 1_000, key: true };
  return insertSegment(storage.db, { ...place, startMs: epochMs(place.runId * 2_000) }, part);
}

function tailOf({ runId }: SegmentPlace): string {
  return join(storage.folder.tailsPath, `${CAMERA_ID}-${String(runId)}-0.tail`);
}

describe('finishing', () => {
  it('ends what has a closed row, and tells what it cannot end', async () => {
    const [whole, damaged] = [newRun(), newRun()];
    for (const place of [whole, damaged]) {
      await leave(place);
      closeSegment(storage.db, addRow(place));
    }
    truncateSync(tailOf(damaged), 100);
    const report = await finishSegments(storage, never);
    expect(report).toEqual({ finished: 1, strays: 0, damaged: [damaged] });
    expect([existsSync(tailOf(whole)), existsSync(tailOf(damaged))]).toEqual([false, false]);
    // What there is of it is kept, and its time is a gap with its reason.
    expect(await storage.quarantine.list()).toEqual([damaged]);
    expect(segmentAt(storage.db, damaged)).toBeUndefined();
    const fromMs = epochMs(damaged.runId * 2_000);
    expect(
      gapsBetween(storage.db, { cameraId: CAMERA_ID, fromMs, toMs: epochMs(fromMs + 1) }),
    ).toEqual([{ cameraId: CAMERA_ID, fromMs, toMs: epochMs(fromMs + 1_000), reason: 'damaged' }]);
    expect(await finishSegments(storage, never)).toEqual({ finished: 0, strays: 0, damaged: [] });
  });

  it('goes on with a quarantine that was cut off after the file was moved', async () => {
    const place = newRun();
    await leave(place);
    closeSegment(storage.db, addRow(place));
    const { footagePath, tailsPath, quarantinePath } = storage.folder;
    const moved = segmentPath(quarantinePath, place);
    mkdirSync(dirname(moved), { recursive: true });
    renameSync(segmentPath(footagePath, place), moved);
    expect(await finishSegments(storage, never)).toMatchObject({ damaged: [place] });
    expect(segmentAt(storage.db, place)).toBeUndefined();
    expect([existsSync(moved), existsSync(join(tailsPath, tailName(place)))]).toEqual([
      true,
      false,
    ]);
  });

  it('leaves what a recorder may be about to make again: the next segment of a run that goes on', async () => {
    const [going, ended] = [newRun(), newRun()];
    for (const place of [going, ended]) await leave(place);
    // With a row, so that ending it keeps the run.
    addRow({ ...ended, sequence: 1 });
    endRun(storage.db, ended.runId, 'stalled');
    expect(await finishSegments(storage, never)).toEqual({ finished: 0, strays: 1, damaged: [] });
    expect([existsSync(tailOf(going)), existsSync(tailOf(ended))]).toEqual([true, false]);
    expect(await storage.footage.durableBytes(going)).toBe(200);
  });

  it('leaves what is being made, from the first moment on', async () => {
    const place = newRun();
    const making = storage.footage.create(place);
    expect(await storage.footage.unfinished()).toEqual([]);
    const writer = await making;
    expect(await storage.footage.unfinished()).toEqual([]);
    await writer.close(0);
    expect(await storage.footage.unfinished()).toEqual([place]);
  });

  it('is done when it is woken, and waits for another unlock when somebody locks', async () => {
    const place = newRun();
    await leave(place);
    closeSegment(storage.db, addRow(place));
    const lines: string[] = [];
    const finisher = segmentFinisher({
      ...storage,
      log: createLog((line) => lines.push(line)),
    });
    const stop = new AbortController();
    const running = finisher.run(stop.signal);
    storage.keys.isOpen = false;
    finisher.wake();
    await expect.poll(() => storage.keys.refused).toBe(1);
    expect(existsSync(tailOf(place))).toBe(true);
    storage.keys.isOpen = true;
    finisher.wake();
    await expect.poll(() => existsSync(tailOf(place))).toBe(false);
    stop.abort();
    await running;
    expect(lines.join()).toContain('have their end');
  });

  it.each(['unavailable', 'exhausted', 'timeout'] as const)(
    'waits for another unlock when the key process is %s',
    async (kind) => {
      const place = newRun();
      await leave(place);
      closeSegment(storage.db, addRow(place));
      const finisher = segmentFinisher({ ...storage, log: silentLog });
      const stop = new AbortController();
      const running = finisher.run(stop.signal);
      storage.keys.problem = new AppError(kind, 'The key process has ended.', { hint: 'Again.' });
      finisher.wake();
      await expect.poll(() => storage.keys.refused).toBe(1);
      storage.keys.problem = undefined;
      finisher.wake();
      await expect.poll(() => existsSync(tailOf(place))).toBe(false);
      stop.abort();
      await running;
    },
  );
});
