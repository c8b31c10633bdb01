/**
 * What goes now, and why. Pure: what is stored, what is set, how much room is missing and what time
 * it is come in; segments and reasons come out. docs/design/storage.md, "Retention", has the rules.
 */
import type { DeletionReason, KeepLimits } from '../contract/storage.ts';
import type { DiskSpace } from './disk-space.ts';
import { isTouched, type Span } from './protected-ranges.ts';
import type { DeletableSegment } from './unprotected.ts';

const MIB = 1024 * 1024;

/** Limits are in elapsed days: clock changes make no day longer. */
export const DAY_MS = 24 * 60 * 60 * 1000;

/** Share of the disk that footage never takes, and its limits: the database, the log and the system
 * need room, and most file systems become slow when they are full. */
const RESERVE_SHARE = 0.02;
const RESERVE_MIN_BYTES = 512 * MIB;
const RESERVE_MAX_BYTES = 10 * 1024 * MIB;

/** No reserve takes more than this of a disk: one of 1 GiB is a test, or a stick. */
const RESERVE_MAX_SHARE = 0.1;

/** What is made free beyond the reserve: a minute of ten cameras, so that not each segment deletes. */
export const MARGIN_BYTES = 256 * MIB;
const MARGIN_MAX_SHARE = 0.01;

/** Files that the file system can still make, for footage and for everything else. */
const FILES_RESERVE = 2_000;
const FILES_MARGIN = 200;

/** What is missing; both 0: there is room. */
export interface Shortage {
  readonly bytes: number;
  readonly files: number;
}

/** There is room. */
export const NO_SHORTAGE: Shortage = { bytes: 0, files: 0 };

/** What footage never takes of a disk of this size. */
export function reserveBytesOf(totalBytes: number): number {
  const wanted = Math.min(
    Math.max(totalBytes * RESERVE_SHARE, RESERVE_MIN_BYTES),
    RESERVE_MAX_BYTES,
  );
  return Math.floor(Math.min(wanted, totalBytes * RESERVE_MAX_SHARE));
}

/** How much has to go so that the reserve is free again, and a margin. */
export function shortageOf({ freeBytes, totalBytes, freeFiles, totalFiles }: DiskSpace): Shortage {
  const reserve = reserveBytesOf(totalBytes);
  const margin = Math.min(MARGIN_BYTES, totalBytes * MARGIN_MAX_SHARE);
  // Some file systems make files as they are needed, and say that they have none.
  const filesReserve = totalFiles === 0 ? 0 : Math.min(FILES_RESERVE, totalFiles / 10);
  const filesMargin = Math.min(FILES_MARGIN, Math.ceil(totalFiles * MARGIN_MAX_SHARE));
  return {
    bytes: freeBytes < reserve ? Math.ceil(reserve + margin - freeBytes) : 0,
    files:
      totalFiles > 0 && freeFiles < filesReserve
        ? Math.ceil(filesReserve + filesMargin - freeFiles)
        : 0,
  };
}

/** What the plan knows of a camera. */
export interface PlanCamera {
  /** Its oldest segments, by time, so many that the plan can be made of them. */
  readonly oldest: readonly DeletableSegment[];
  readonly protectedSpans: readonly Span[];
  readonly keep: KeepLimits;
  /** All that a limit in bytes counts; undefined: not known, and then nothing goes by it. */
  readonly unprotectedBytes: number | undefined;
  /** Somebody is taking footage of it out. */
  readonly isHeld: boolean;
}

/** What a plan is made of. */
export interface PlanInput {
  readonly cameras: readonly PlanCamera[];
  readonly shortage: Shortage;
  /** Undefined: the time is not certain, and nothing goes by its age. */
  readonly nowMs: number | undefined;
  /** No plan is longer. */
  readonly maxSegments: number;
}

/** One step of the plan. */
export interface Deletion {
  readonly segment: DeletableSegment;
  readonly reason: DeletionReason;
}

/** The oldest first, whichever camera it is of. What is being taken out goes last: only where room is
 * missing, and no other camera has anything left to give. */
export function planDeletion(input: PlanInput): Deletion[] {
  const { cameras, shortage } = input;
  const planned = planOf(
    cameras.filter(({ isHeld }) => !isHeld),
    input,
  );
  const isShort = shortage.bytes > 0 || shortage.files > 0;
  if (planned.length > 0 || !isShort) return planned;
  const held = cameras.map((camera) => ({ ...camera, unprotectedBytes: undefined }));
  return planOf(held, { ...input, nowMs: undefined });
}

function planOf(cameras: readonly PlanCamera[], input: PlanInput): Deletion[] {
  const { shortage, nowMs, maxSegments } = input;
  const shares = cameras.map((camera) => ({ camera, bytes: camera.unprotectedBytes ?? 0 }));
  const candidates = shares
    .flatMap((share) =>
      share.camera.oldest
        .filter((segment) => mayGo(segment, share.camera))
        .map((segment) => ({ segment, share })),
    )
    .sort((a, b) => a.segment.startMs - b.segment.startMs);
  const planned: Deletion[] = [];
  let freedBytes = 0;
  for (const { segment, share } of candidates) {
    if (planned.length >= maxSegments) break;
    const isMissing = freedBytes < shortage.bytes || planned.length < shortage.files;
    const reason = reasonOf(segment, { ...share, nowMs, isMissing });
    if (reason === undefined) continue;
    planned.push({ segment, reason });
    freedBytes += segment.sizeBytes;
    share.bytes -= segment.sizeBytes;
  }
  return planned;
}

/** Protected footage never goes by itself. What keeps events longer than the rest stands here, too,
 * when there are events. */
function mayGo({ startMs, durationMs }: DeletableSegment, { protectedSpans }: PlanCamera): boolean {
  return !isTouched(protectedSpans, { fromMs: startMs, toMs: startMs + durationMs });
}

/** What one segment is judged by. */
interface Judged {
  readonly camera: PlanCamera;
  /** Of the camera, less what the plan takes already. */
  readonly bytes: number;
  readonly nowMs: number | undefined;
  /** Room is. */
  readonly isMissing: boolean;
}

function reasonOf(
  { startMs, durationMs }: DeletableSegment,
  { camera, bytes, nowMs, isMissing }: Judged,
): DeletionReason | undefined {
  const { keep, unprotectedBytes } = camera;
  const endMs = startMs + durationMs;
  if (keep.days !== null && nowMs !== undefined && endMs <= nowMs - keep.days * DAY_MS) {
    return 'days';
  }
  if (keep.bytes !== null && unprotectedBytes !== undefined && bytes > keep.bytes) return 'bytes';
  return isMissing ? 'room' : undefined;
}
