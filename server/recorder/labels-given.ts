/**
 * To where labels have been given out, on the clock that never steps. Media that claims more seconds
 * than pass would push labels ahead of the time, run by run, without an end: docs/design/time.md,
 * "Media faster than the clock". Pure.
 */
import type { StreamRun } from '../ingest/stream-run.ts';
import { SHORTEST_GAP_MS } from '../storage/gaps.ts';
import type { MediaPart } from './part-assembler.ts';

/** A run may begin so far before the end of the labels given out; as far ahead as ingest lets a
 * single run go. */
export const LEAD_MAX_MS = 10_000;

/** See the head of this file. One per recorder. */
export class LabelsGiven {
  /** Monotonic; where the labels of the newest part end. */
  #toMs = -Infinity;
  #run: StreamRun | undefined;
  /** How far the labels of that run lie behind where ingest measured it. */
  #movedMs = 0;
  /** Frames are passed over until the clock has caught up. */
  #waits = false;

  /** Whether a part can have a label. One that cannot begins a run, or follows one that could not. */
  hasRoom(run: StreamRun, part: MediaPart): boolean {
    if (run === this.#run) return true;
    const leadMs = this.#toMs - (run.anchorMonotonicMs + part.startMs);
    // All of the lead at once, and so much more that a gap can say so.
    this.#waits = leadMs > (this.#waits ? -SHORTEST_GAP_MS : LEAD_MAX_MS);
    return !this.#waits;
  }

  /** A part has its label. */
  gave(run: StreamRun, part: MediaPart): void {
    if (run !== this.#run) {
      this.#run = run;
      this.#movedMs = Math.max(0, this.#toMs - (run.anchorMonotonicMs + part.startMs));
    }
    this.#toMs = run.anchorMonotonicMs + part.endMs + this.#movedMs;
  }
}
