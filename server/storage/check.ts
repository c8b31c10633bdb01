/**
 * Compares index and footage files, invariant by invariant; the names are those of
 * docs/design/storage.md. It reads only, and reads every row: for tests and for a person's question,
 * never for a start.
 */
import { AppError } from '../base/errors.ts';
import type { Database } from './database.ts';
import { segmentsBeingDeleted } from './delete-segments.ts';
import type { FootageListing } from './footage-listing.ts';
import type { FootageStore } from './footage.ts';
import { isIndexPending, lastRunId } from './index-state.ts';
import type { Part } from './part-table.ts';
import type { Query } from './row.ts';
import {
  nextSequence,
  partsOf,
  segmentAt,
  SEGMENT_MAX_MS,
  segmentPage,
  sequencesOf,
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
  | 'one-stray-file'
  /** Every other file in the footage folder has a row. */
  | 'file-has-row'
  /** No folder has the number of a run that is still to come. */
  | 'new-run-new-folder';

/** One thing that is not as it should be. */
export interface Finding {
  readonly invariant: Invariant;
  readonly cameraId: string;
  /** Which segment it is about; undefined for a gap. */
  readonly place: SegmentPlace | undefined;
  /** Where the gap begins that it is about; undefined for a segment. */
  readonly gapFromMs: number | undefined;
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
const IS_UNFINISHED: Query<boolean> = {
  sql: `SELECT end_reason IS NULL AS unfinished FROM run
        WHERE id = :runId AND camera_id = :cameraId`,
  read: (row) => row.flag('unfinished'),
};
const ENDED_RUNS: Query<number> = {
  sql: 'SELECT id FROM run WHERE camera_id = :cameraId AND end_reason IS NOT NULL',
  read: (row) => row.integer('id'),
};

/** Everything that is wrong, in order of camera and time; empty when all invariants hold. */
export async function checkStorage(deps: {
  readonly db: Database;
  readonly footage: FootageStore;
  /** Without it, files that no row leads to are not looked for. */
  readonly listing?: FootageListing;
}): Promise<Finding[]> {
  const { db, footage, listing } = deps;
  const isPending = isIndexPending(db);
  const findings: Finding[] = [];
  const withTail = await footage.withTail();
  const tails = new Set(withTail.map(keyOf));
  // Of these the files may be gone already; a start, or the next round, finishes that.
  const deleting = new Set(segmentsBeingDeleted(db).map(keyOf));
  for (const cameraId of db.all(CAMERAS)) {
    const note = (invariant: Invariant, place?: SegmentPlace, gapFromMs?: number): void => {
      findings.push({ invariant, cameraId, place, gapFromMs });
    };
    let endMs = -Infinity;
    let page = segmentPage(db, { cameraId, afterMs: -Infinity, limit: PAGE_ROWS });
    while (page.length > 0) {
      for (const segment of page) {
        if (segment.startMs < endMs) note('times-ascend', placeOf(segment));
        endMs = segment.startMs + segment.durationMs;
        if (deleting.has(keyOf(segment))) continue;
        checkParts(segment, readableParts(db, segment), note);
        const bytes = await footage.durableBytes(segment);
        if (bytes === undefined || bytes < segment.sizeBytes) {
          note('row-has-bytes', placeOf(segment));
        }
        const mayHaveMore = segment.partTable === undefined || tails.has(keyOf(segment));
        if (!mayHaveMore && (bytes ?? 0) > segment.sizeBytes) {
          note('finished-or-tail', placeOf(segment));
        }
      }
      const afterMs = page.at(-1)?.startMs ?? Infinity;
      page = segmentPage(db, { cameraId, afterMs, limit: PAGE_ROWS });
    }
    for (const fromMs of db.all(OVERLAPPED, { cameraId })) {
      note('gap-without-footage', undefined, fromMs);
    }
    // What the index does not know yet is not in the wrong place.
    for (const runId of isPending ? [] : db.all(ENDED_RUNS, { cameraId })) {
      const place = { cameraId, runId, sequence: nextSequence(db, runId) };
      // One with a tail is noted below.
      if (tails.has(keyOf(place))) continue;
      if ((await footage.durableBytes(place)) !== undefined) note('one-stray-file', place);
    }
  }
  for (const place of withTail) {
    if (isPending || mayHaveTail(db, place)) continue;
    findings.push({
      ...{ invariant: 'one-stray-file', cameraId: place.cameraId, place, gapFromMs: undefined },
    });
  }
  if (listing !== undefined) findings.push(...(await checkFolders(db, listing, isPending)));
  return findings;
}

/** What lies there and no row leads to. */
async function checkFolders(
  db: Database,
  listing: FootageListing,
  isPending: boolean,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const lastRun = lastRunId(db);
  for (const cameraId of await listing.cameras()) {
    const note = (invariant: Invariant, place: SegmentPlace): void => {
      findings.push({ invariant, cameraId, place, gapFromMs: undefined });
    };
    for (const runId of await listing.runs(cameraId)) {
      const known = sequencesOf(db, cameraId, runId);
      // The one behind the last row is `one-stray-file`, or being written.
      const hasRow = db.get(IS_UNFINISHED, { runId, cameraId }) !== undefined;
      const next = hasRow ? nextSequence(db, runId) : undefined;
      for (const place of await listing.segments(cameraId, runId)) {
        const { sequence } = place;
        if (runId > lastRun) note('new-run-new-folder', place);
        const isKnown = known.has(sequence) || sequence === next;
        if (!isPending && !isKnown) note('file-has-row', place);
      }
    }
  }
  return findings;
}

/** A segment with a row, or the next one of a run that goes on: its files are made before its row. */
function mayHaveTail(db: Database, place: SegmentPlace): boolean {
  if (segmentAt(db, place) !== undefined) return true;
  const { runId, cameraId } = place;
  const isUnfinished = db.get(IS_UNFINISHED, { runId, cameraId }) === true;
  return isUnfinished && place.sequence === nextSequence(db, runId);
}

/** None where the row's table of parts cannot be read. */
function readableParts(db: Database, segment: StoredSegment): Part[] {
  try {
    return partsOf(db, segment);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'corrupt') return [];
    throw thrown;
  }
}

function checkParts(
  segment: StoredSegment,
  parts: readonly Part[],
  note: (invariant: Invariant, place: SegmentPlace) => void,
): void {
  const [first] = parts;
  let nextOffset = first?.offsetBytes ?? 0;
  let contiguous = nextOffset > 0;
  for (const part of parts) {
    contiguous &&= part.offsetBytes === nextOffset;
    nextOffset = part.offsetBytes + part.sizeBytes;
  }
  if (!contiguous || nextOffset !== segment.sizeBytes) note('parts-contiguous', placeOf(segment));
  if (first?.key === false) note('key-first', placeOf(segment));
  if (segment.durationMs > SEGMENT_MAX_MS) note('segment-length', placeOf(segment));
}

function keyOf({ cameraId, runId, sequence }: SegmentPlace): string {
  return [cameraId, runId, sequence].join(' ');
}

function placeOf({ cameraId, runId, sequence }: StoredSegment): SegmentPlace {
  return { cameraId, runId, sequence };
}
