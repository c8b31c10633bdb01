/** What a recorder counts: for metrics and for the camera's state. */
import type { EpochMs } from '../base/time.ts';

/** Read it at any time; totals count since the recorder was made. */
export interface RecorderStats {
  /** A segment is open: what comes becomes durable. */
  recording: boolean;
  /** End of the last durable frame. */
  durableToMs: EpochMs | undefined;
  /** Why the last attempt to write did not work; undefined while it does. */
  diskProblem: 'disk-full' | 'disk-too-slow' | 'write-failed' | 'wrong-disk' | undefined;
  partsTotal: number;
  segmentsTotal: number;
  bytesTotal: number;
  /** Frames that came and did not become durable. */
  lostFramesTotal: number;
  /** Attempts to write that the disk or the database refused. */
  writeFailuresTotal: number;
  /** Bytes that wait for the disk now. */
  queuedBytes: number;
}

/** All zero. */
export function newRecorderStats(): RecorderStats {
  return {
    recording: false,
    durableToMs: undefined,
    diskProblem: undefined,
    partsTotal: 0,
    segmentsTotal: 0,
    bytesTotal: 0,
    lostFramesTotal: 0,
    writeFailuresTotal: 0,
    queuedBytes: 0,
  };
}
