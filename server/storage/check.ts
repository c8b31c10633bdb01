/**
 * Compares index and footage files, invariant by invariant; the names are those of
 * docs/design/storage.md. It reads only, and reads every row: for tests and for a person's question,
 * never for a start.
 */
import type { Database } from './database.ts';
import type { FootageStore } from './footage.ts';
import type { Part } from './part-table.ts';
import type { Query } from './row.ts';
import {
  nextSequence,
  partsOf,
  SEGMENT_MAX_MS,
  segmentPage,
  type SegmentPlace,
  type StoredSegment,
} from './segments.ts';

/** The invariants by name. */
export type Invariant =
  /** A file has at least the bytes that its row counts. */
  | 'row-has-bytes'
  /** The file of a closed row has exactly the plaintext that the row counts, or a tail. */
  | 'finished-or-tail'
  /** Parts begin behind the init, follow one another, and end where the row says. */
  | 'parts-contiguous'
  /** The first part of a segment begins with a key frame. */
  | 'key-first'
  /** A segment is at most 60 s long. */
  | 'segment-length'
  /** Segments of a camera do not overlap. */
  | 'times-ascend'
  /** Nothing is recorded while a gap is open, and no gap covers footage. */
  | 'gap-without-footage'
  /** Behind the last segment of a run that ended there is no file. */
  | 'one-stray-file';

/** One thing that is not as it should be. */
export interface Finding {
  readonly invariant: Invariant;
  readonly cameraId: string;
  readonly detail: string;
}

/** Rows that are looked at between two reads of files. */
const PAGE_ROWS = 500;

const CAMERAS: Query<string> = {
  sql: 'SELECT id FROM camera ORDER BY id',
  read: (row) => row.text('id'),
};
const OVERLAPPED: Query<number> = {
  sql: `SELECT gap.from_ms FROM gap JOIN segment ON segment.camera_id = gap.camera_id
          AND segment.start_ms < coalesce(gap.to_ms, 9e15)
          AND segment.start_ms + segment.duration_ms > gap.from_ms
        WHERE gap.camera_id = :cameraId`,
  read: (row) => row.integer('from_ms'),
};
const ENDED_RUNS: Query<number> = {
  sql: 'SELECT id FROM run WHERE camera_id = :cameraId AND end_reason IS NOT NULL',
  read: (row) => row.integer('id'),
};

/** Everything that is wrong, in order of camera and time; empty when all invariants hold. */
export async function checkStorage(deps: {
  readonly db: Database;
  readonly footage: FootageStore;
}): Promise<Finding[]> {
  const { db, footage } = deps;
  const findings: Finding[] = [];
  const tails = new Set((await footage.withTail()).map(keyOf));
  for (const cameraId of db.all(CAMERAS)) {
    const note = (invariant: Invariant, detail: string): void => {
      findings.push({ invariant, cameraId, detail });
    };
    let endMs = -Infinity;
    let page = segmentPage(db, { cameraId, afterMs: -Infinity, limit: PAGE_ROWS });
    while (page.length > 0) {
      for (const segment of page) {
        if (segment.startMs < endMs) note('times-ascend', nameOf(segment));
        endMs = segment.startMs + segment.durationMs;
        checkParts(segment, partsOf(db, segment), note);
        const bytes = await footage.durableBytes(segment);
        if (bytes === undefined || bytes < segment.sizeBytes) {
          note('row-has-bytes', nameOf(segment));
        }
        const mayHaveMore = segment.partTable === undefined || tails.has(keyOf(segment));
        if (!mayHaveMore && (bytes ?? 0) > segment.sizeBytes) {
          note('finished-or-tail', nameOf(segment));
        }
      }
      const afterMs = page.at(-1)?.startMs ?? Infinity;
      page = segmentPage(db, { cameraId, afterMs, limit: PAGE_ROWS });
    }
    for (const fromMs of db.all(OVERLAPPED, { cameraId })) {
      note('gap-without-footage', `gap from ${String(fromMs)}`);
    }
    for (const runId of db.all(ENDED_RUNS, { cameraId })) {
      const sequence = nextSequence(db, runId);
      const bytes = await footage.durableBytes({ cameraId, runId, sequence });
      if (bytes !== undefined) note('one-stray-file', `${String(runId)}/${String(sequence)}`);
    }
  }
  return findings;
}

function checkParts(
  segment: StoredSegment,
  parts: readonly Part[],
  note: (invariant: Invariant, detail: string) => void,
): void {
  const [first] = parts;
  let nextOffset = first?.offsetBytes ?? 0;
  let contiguous = nextOffset > 0;
  for (const part of parts) {
    contiguous &&= part.offsetBytes === nextOffset;
    nextOffset = part.offsetBytes + part.sizeBytes;
  }
  if (!contiguous || nextOffset !== segment.sizeBytes) note('parts-contiguous', nameOf(segment));
  if (first?.key !== true) note('key-first', nameOf(segment));
  if (segment.durationMs > SEGMENT_MAX_MS) note('segment-length', nameOf(segment));
}

function keyOf({ cameraId, runId, sequence }: SegmentPlace): string {
  return [cameraId, runId, sequence].join(' ');
}

function nameOf(segment: StoredSegment): string {
  return `${String(segment.runId)}/${String(segment.sequence)}`;
}
