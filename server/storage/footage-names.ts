/** How segments and tails are called on the disk, and what their names say. Pure. */
import { join } from 'node:path';
import type { SegmentPlace } from './segments.ts';

/** Six digits sort a run of 1.9 years by name; longer ones only stop sorting. */
const SEQUENCE_DIGITS = 6;

const SEGMENT_NAME = /^(\d{6,15})\.age$/;
const TAIL_NAME = /^([0-9a-f]{16})-(\d{1,15})-(\d{1,15})\.tail$/;
const CAMERA_NAME = /^[0-9a-f]{16}$/;
const RUN_NAME = /^[1-9]\d{0,14}$/;

/** Names a segment in one word. */
export function segmentName({ cameraId, runId, sequence }: SegmentPlace): string {
  return `${cameraId}-${String(runId)}-${String(sequence)}`;
}

/** Where its file lies below a folder of footage. */
export function segmentPath(
  footagePath: string,
  { cameraId, runId, sequence }: SegmentPlace,
): string {
  const name = `${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.age`;
  return join(footagePath, cameraId, String(runId), name);
}

/** The tail of a segment. */
export function tailName(place: SegmentPlace): string {
  return `${segmentName(place)}.tail`;
}

/** The segment of a tail; undefined for a name of another kind. */
export function placeOfTail(name: string): SegmentPlace | undefined {
  const [, cameraId, runId, sequence] = TAIL_NAME.exec(name) ?? [];
  if (cameraId === undefined) return undefined;
  return { cameraId, runId: Number(runId), sequence: Number(sequence) };
}

/** The sequence that a file's name says; undefined for a name of another kind. */
export function sequenceOf(name: string): number | undefined {
  const digits = SEGMENT_NAME.exec(name)?.[1];
  const sequence = digits === undefined ? undefined : Number(digits);
  const isOurs = digits === String(sequence).padStart(SEQUENCE_DIGITS, '0');
  return isOurs ? sequence : undefined;
}

/** Whether a folder is called like a camera's. */
export function isCameraName(name: string): boolean {
  return CAMERA_NAME.test(name);
}

/** The run that a folder's name says; undefined for a name of another kind. */
export function runOf(name: string): number | undefined {
  return RUN_NAME.test(name) ? Number(name) : undefined;
}
