import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import { exportAnswer, exportFileName } from '../../../server/exports/export-answer.ts';
import type { StoredExport } from '../../../server/storage/export-jobs.ts';

const T0 = Date.UTC(2026, 0, 2, 3, 4, 5);

const job = (changes: Partial<StoredExport> = {}): StoredExport => ({
  id: 'ab'.repeat(16),
  userId: 1,
  cameraId: '00000000000000c1',
  cameraName: 'Front door',
  fromMs: epochMs(T0),
  toMs: epochMs(T0 + 60_000),
  state: 'queued',
  writtenBytes: 0,
  totalBytes: 0,
  actualFromMs: undefined,
  actualToMs: undefined,
  gapCount: undefined,
  failure: undefined,
  createdMs: epochMs(T0 + 90_000),
  finishedMs: undefined,
  ...changes,
});

const planned = (fromMs: number, toMs: number, gapCount = 0) =>
  job({
    totalBytes: 100,
    actualFromMs: epochMs(T0 + fromMs),
    actualToMs: epochMs(T0 + toMs),
    gapCount,
  });

describe('an export as it is shown', () => {
  it('has no size, no times and no notes before it is planned', () => {
    expect(exportAnswer(job())).toEqual({
      id: 'ab'.repeat(16),
      camera: '00000000000000c1',
      from: '2026-01-02T03:04:05.000Z',
      to: '2026-01-02T03:05:05.000Z',
      state: 'queued',
      progress: 0,
      notes: [],
      createdAt: '2026-01-02T03:05:35.000Z',
    });
  });

  it('says how far it is, and how it ended', () => {
    const half = job({ state: 'running', writtenBytes: 50, totalBytes: 100 });
    expect(exportAnswer(half)).toMatchObject({ progress: 0.5, sizeBytes: 100 });
    expect(exportAnswer({ ...half, state: 'done', finishedMs: epochMs(T0) })).toMatchObject({
      progress: 1,
      finishedAt: '2026-01-02T03:04:05.000Z',
    });
    expect(exportAnswer(job({ state: 'failed', failure: 'The disk is full.' }))).toMatchObject({
      failure: 'The disk is full.',
    });
  });

  it.each([
    [planned(0, 60_000), []],
    [planned(-100, 60_100), []],
    [planned(-1_500, 60_000), [/begins 1\.5 s early/]],
    [planned(12_000, 60_000), [/begins 12\.0 s late/]],
    [planned(0, 50_000), [/ends 10\.0 s early/]],
    [planned(0, 60_000, 1), [/missing in one place/]],
    [planned(-900, 60_000, 3), [/early/, /missing in 3 places/]],
  ])('notes what a person should know (%#)', (stored, expected) => {
    const { notes } = exportAnswer(stored);
    expect(notes).toEqual(expected.map((pattern): unknown => expect.stringMatching(pattern)));
  });

  it('is called after the camera and its beginning', () => {
    expect(exportFileName(planned(-900, 1))).toBe('Front door 2026-01-02 03-04-04 UTC.mp4');
    expect(exportFileName(job({ cameraName: '../a:b\n"c" ' }))).toBe(
      '.. a b  c 2026-01-02 03-04-05 UTC.mp4',
    );
  });
});
