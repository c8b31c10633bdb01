/** What waits for the disk. Bounded in bytes and in time; the consumer is one. */
import { BoundedQueue } from '../base/bounded-queue.ts';
import type { Clock } from '../base/clock.ts';
import type { MonotonicMs } from '../base/time.ts';
import type { GapReason } from '../contract/recording.ts';
import type { StreamRun } from '../ingest/stream-run.ts';
import type { MediaPart } from './part-assembler.ts';

/** What the writer is told, in order. */
export type RecordingCommand =
  | { readonly type: 'run'; readonly run: StreamRun }
  | { readonly type: 'part'; readonly part: MediaPart }
  /** Footage is missing here: nothing may be appended to what was before. */
  | { readonly type: 'cut'; readonly reason: GapReason }
  | { readonly type: 'end'; readonly reason: GapReason }
  /** The true time was learned: a writer that has nothing else to do looks at it now. */
  | { readonly type: 'clock' };

/** 64 MiB: 30 s of a 16 Mbit/s camera; four of them together stay below the memory of the smallest
 * box. A disk that sleeps or resets its bus is back in 10 to 20 s. */
const QUEUE_MAX_BYTES = 64 * 1024 * 1024;
const QUEUE_MAX_AGE_MS = 30_000;
/** 30 s of a camera whose every frame is a key frame, at 60 fps, and the ends of its runs. */
const QUEUE_MAX_COMMANDS = 2_048;

interface Entry {
  readonly command: RecordingCommand;
  readonly queuedMs: MonotonicMs;
}

/** See the head of this file. */
export class RecordingQueue {
  readonly #clock: Clock;
  readonly #entries = new BoundedQueue<Entry>(
    { maxItems: QUEUE_MAX_COMMANDS, maxBytes: QUEUE_MAX_BYTES },
    ({ command }) => (command.type === 'part' ? command.part.sizeBytes : 0),
  );
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get bytes(): number {
    return this.#entries.bytes;
  }

  /** False, and nothing added, when a limit would be passed. */
  push(command: RecordingCommand): boolean {
    const queuedMs = this.#clock.monotonicMs();
    const oldest = this.#entries.peek();
    if (oldest !== undefined && queuedMs - oldest.queuedMs > QUEUE_MAX_AGE_MS) return false;
    if (!this.#entries.push({ command, queuedMs })) return false;
    this.#wake?.();
    return true;
  }

  /** The next command; undefined when the queue was closed and is empty. */
  async take(): Promise<RecordingCommand | undefined> {
    while (this.#entries.length === 0) {
      if (this.#closed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.#entries.take()?.command;
  }

  /** Empties the queue; answers how many frames that cost. */
  clear(): number {
    let frames = 0;
    for (let entry = this.#entries.take(); entry !== undefined; entry = this.#entries.take()) {
      if (entry.command.type === 'part') frames += entry.command.part.frames;
    }
    return frames;
  }

  /** Nothing more comes. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }
}
