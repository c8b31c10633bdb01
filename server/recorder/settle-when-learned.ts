/** Puts the labels of all cameras right each time that the true time is learned. */
import type { Database } from '../storage/database.ts';
import { camerasWithFootage } from '../storage/segments.ts';
import { settleTimes } from '../storage/settle-times.ts';
import type { Recorder } from './recorder.ts';
import type { RunTimes } from './recording-writer.ts';

/** `RunTimes` that say when there is news; `BoxTime` does. */
export interface LearningTimes extends RunTimes {
  /** Answers how to stop it. */
  onLearned(listener: () => void): () => void;
}

/** Does it now, too: a stop of the server can have come between. Answers how to stop it. */
export function settleWhenLearned(parts: {
  readonly time: LearningTimes;
  readonly db: Database;
  readonly recorders: ReadonlyMap<string, Recorder>;
}): () => void {
  const { time, db, recorders } = parts;
  const settle = (): void => {
    const known = time.known();
    if (known === undefined) return;
    for (const cameraId of camerasWithFootage(db)) {
      const recorder = recorders.get(cameraId);
      if (recorder === undefined) settleTimes(db, cameraId, known);
      else recorder.onTimeLearned();
    }
  };
  settle();
  return time.onLearned(settle);
}
