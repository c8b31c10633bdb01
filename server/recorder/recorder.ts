/**
 * Records one camera: takes what the hub delivers, at once and always, and writes it beside that.
 * The hub never waits for the disk, and a disk that cannot keep up costs a gap, not memory.
 */
import { AppError, toAppError } from '../base/errors.ts';
import { GAP_REASONS, type GapReason } from '../contract/recording.ts';
import type { DroppedMessage } from '../ingest/hub.ts';
import type { HubMessage, StreamRun } from '../ingest/stream-run.ts';
import { settleTimes } from '../storage/settle-times.ts';
import { LabelsGiven } from './labels-given.ts';
import { PartAssembler, type MediaPart } from './part-assembler.ts';
import { newRecorderStats, type RecorderStats } from './recorder-stats.ts';
import { RecordingQueue, type RecordingCommand } from './recording-queue.ts';
import { RecordingWriter, type RecorderDeps } from './recording-writer.ts';

/** One per camera; see the head of this file. */
export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #stats = newRecorderStats();
  readonly #given = new LabelsGiven();
  #recording: Recording | undefined;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  /** The true time was learned: what is recorded of this camera is put in its place, by the writer
   * where there is one, because nobody else may move its rows. */
  onTimeLearned(): void {
    if (this.#recording !== undefined) {
      this.#recording.onTimeLearned();
      return;
    }
    const { db, cameraId, time } = this.#deps;
    const known = time?.known();
    if (known !== undefined) settleTimes(db, cameraId, known);
  }

  /** Counters and state; the object is updated in place. */
  get stats(): Readonly<RecorderStats> {
    return this.#stats;
  }

  /**
   * Records until the messages end or `signal` aborts, and resolves when what came until then is
   * durable. The abort reason may be an AppError whose `reason` is a GapReason (`disabled`,
   * `removed`); otherwise the gap that follows says `stopped`. The caller closes the subscription.
   *
   * Rejects for a defect, and when the subscription fails because it was not read fast enough; the
   * gap is in the index by then, and `run` can be called again. Trouble with the disk never rejects.
   */
  async run(
    messages: AsyncIterable<HubMessage | DroppedMessage>,
    signal: AbortSignal,
  ): Promise<void> {
    const recording = new Recording(this.#deps, this.#stats, this.#given);
    this.#recording = recording;
    const writing = recording.write().finally(() => {
      this.#recording = undefined;
    });
    // One race per call: racing a long-lived promise per message would keep every one of them.
    const over = new AbortController();
    await Promise.race([recording.read(messages), writing, untilAborted(signal, over.signal)]);
    over.abort();
    recording.finish(signal.aborted ? stopReason(signal) : undefined);
    await writing;
    if (recording.error !== undefined) throw recording.error;
  }
}

/** One call of `Recorder.run`. */
class Recording {
  readonly #stats: RecorderStats;
  readonly #queue: RecordingQueue;
  readonly #writer: RecordingWriter;
  #run: StreamRun | undefined;
  #assembler: PartAssembler | undefined;
  #finished = false;
  error: AppError | undefined;

  constructor(deps: RecorderDeps, stats: RecorderStats, given: LabelsGiven) {
    this.#stats = stats;
    this.#queue = new RecordingQueue(deps.clock);
    this.#writer = new RecordingWriter(deps, stats, given);
  }

  /** Takes messages until they end; resolves then, also when they failed. */
  async read(messages: AsyncIterable<HubMessage | DroppedMessage>): Promise<void> {
    try {
      for await (const message of messages) {
        if (this.#finished) return;
        this.#onMessage(message);
      }
    } catch (thrown) {
      if (this.#finished) return;
      this.error = toAppError(thrown);
      this.#abandon();
    }
  }

  /** Writes until the queue is closed and empty; resolves then, also after a defect. */
  async write(): Promise<void> {
    try {
      this.#writer.load();
      for (
        let command = await this.#queue.take();
        command !== undefined;
        command = await this.#queue.take()
      ) {
        await this.#writer.execute(command);
        this.#stats.queuedBytes = this.#queue.bytes;
      }
    } catch (thrown) {
      this.error = toAppError(thrown);
    }
  }

  /** Wakes the writer; one that is busy looks by itself before its next command. */
  onTimeLearned(): void {
    this.#queue.push({ type: 'clock' });
  }

  /** Nothing more is taken; what is pending is written. `reason` is undefined when the messages ended
   * by themselves: then they have said why, unless they broke off within a run. */
  finish(reason: GapReason | undefined): void {
    if (reason !== undefined) this.#onEnd(reason);
    else if (this.#run !== undefined) this.#onEnd('stopped');
    this.#finished = true;
    this.#queue.close();
  }

  #onMessage(message: HubMessage | DroppedMessage): void {
    switch (message.type) {
      case 'run':
        this.#enqueue(message);
        this.#run = message.run;
        this.#assembler = new PartAssembler(message.run.video.timescale);
        return;
      case 'fragment':
        for (const part of this.#assembler?.push(message.fragment) ?? []) this.#enqueuePart(part);
        return;
      case 'end':
        this.#onEnd(message.reason);
        return;
      case 'dropped':
        // Not a subscription for a recorder; but what is missing is said, not papered over.
        this.#stats.lostFramesTotal += message.frames;
        this.#abandon();
    }
  }

  #onEnd(reason: GapReason): void {
    const last = this.#assembler?.flush();
    if (last !== undefined) this.#enqueuePart(last);
    this.#stats.lostFramesTotal += this.#assembler?.skippedFrames ?? 0;
    this.#assembler = undefined;
    this.#run = undefined;
    this.#enqueue({ type: 'end', reason });
  }

  #enqueuePart(part: MediaPart): void {
    if (!this.#queue.push({ type: 'part', part })) {
      this.#stats.lostFramesTotal += part.frames;
      this.#abandon();
    }
    this.#stats.queuedBytes = this.#queue.bytes;
  }

  #enqueue(command: RecordingCommand): void {
    if (this.#queue.push(command)) return;
    this.#abandon();
    this.#queue.push(command);
  }

  /** lossless-or-abort: what waits is given up, and recording begins again at a key frame. */
  #abandon(): void {
    this.#stats.lostFramesTotal += this.#queue.clear() + (this.#assembler?.abandon() ?? 0);
    this.#queue.push({ type: 'cut', reason: 'disk-too-slow' });
    // Among what was given up may be the message that this run had begun.
    if (this.#run !== undefined) this.#queue.push({ type: 'run', run: this.#run });
  }
}

/** Resolves when `signal` aborts; `over` takes the listener away, because the signal may live on. */
function untilAborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const onAbort = (): void => {
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true, signal: over });
  });
}

function stopReason(signal: AbortSignal): GapReason {
  const reason: unknown = signal.reason;
  const name = reason instanceof AppError ? reason.reason : undefined;
  return GAP_REASONS.find((known) => known === name) ?? 'stopped';
}
