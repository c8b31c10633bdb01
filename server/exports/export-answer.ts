/** A stored export as the API shows it, in words for people. Pure. */
import { toRfc3339 } from '../base/time.ts';
import type { Export } from '../contract/export.ts';
import type { StoredExport } from '../storage/export-jobs.ts';

/** Below this nobody notices that a file begins earlier or later: three frames at 15 fps. */
const NOTICED_MS = 200;

/** The contract's shape of a stored job. */
export function exportAnswer(job: StoredExport): Export {
  const { actualFromMs, actualToMs, failure, finishedMs } = job;
  return {
    id: job.id,
    camera: job.cameraId,
    from: toRfc3339(job.fromMs),
    to: toRfc3339(job.toMs),
    state: job.state,
    progress: job.state === 'done' ? 1 : progressOf(job),
    ...(actualFromMs === undefined ? {} : { actualFrom: toRfc3339(actualFromMs) }),
    ...(actualToMs === undefined ? {} : { actualTo: toRfc3339(actualToMs) }),
    ...(job.totalBytes > 0 ? { sizeBytes: job.totalBytes } : {}),
    notes: notesOn(job),
    ...(failure === undefined ? {} : { failure }),
    createdAt: toRfc3339(job.createdMs),
    ...(finishedMs === undefined ? {} : { finishedAt: toRfc3339(finishedMs) }),
  };
}

/** What the file is called for the person: camera and beginning in UTC, without the characters that
 * file systems refuse. */
export function exportFileName(job: StoredExport): string {
  const camera = job.cameraName.replaceAll(/[\p{Cc}"*/:<>?\\|]/gu, ' ').trim();
  const time = toRfc3339(job.actualFromMs ?? job.fromMs)
    .slice(0, 19)
    .replace('T', ' ')
    .replaceAll(':', '-');
  return `${camera} ${time} UTC.mp4`;
}

function progressOf(job: StoredExport): number {
  return job.totalBytes === 0 ? 0 : Math.min(1, job.writtenBytes / job.totalBytes);
}

function notesOn(job: StoredExport): string[] {
  const { actualFromMs, actualToMs, gapCount } = job;
  if (actualFromMs === undefined || actualToMs === undefined) return [];
  const notes: string[] = [];
  const lateMs = actualFromMs - job.fromMs;
  if (lateMs <= -NOTICED_MS) {
    notes.push(
      `The video begins ${seconds(-lateMs)} early: it can only begin where the camera sent a ` +
        'whole picture.',
    );
  } else if (lateMs >= NOTICED_MS) {
    notes.push(`The video begins ${seconds(lateMs)} late: nothing was recorded before that.`);
  }
  const missingMs = job.toMs - actualToMs;
  if (missingMs >= NOTICED_MS) {
    notes.push(`The video ends ${seconds(missingMs)} early: nothing was recorded after that.`);
  }
  if (gapCount !== undefined && gapCount > 0) {
    const places = gapCount === 1 ? 'one place' : `${String(gapCount)} places`;
    notes.push(`Footage is missing in ${places}: the last picture stays there.`);
  }
  return notes;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
