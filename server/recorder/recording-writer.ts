/**
 * Carries out commands one after the other: files first, then rows, as numbered in
 * docs/design/storage.md. Trouble with the disk costs a gap and a pause, never the camera.
 */
import type { Clock } from '../base/clock.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { backoffMs, type BackoffPolicy } from '../base/lifecycle.ts';
import { errorFields, type Log } from '../base/log.ts';
import { epochMs, type EpochMs, type MonotonicMs } from '../base/time.ts';
import type { GapReason } from '../contract/recording.ts';
import { buildInit, buildPart } from '../fmp4/part.ts';
import type { StreamRun } from '../ingest/stream-run.ts';
import type { Database } from '../storage/database.ts';
import { openGapOf } from '../storage/gaps.ts';
import { anchorOf, endRun, insertRun, type UncertainAnchor } from '../storage/runs.ts';
import { noRoom } from '../storage/retention.ts';
import { segmentLabel } from '../storage/segment-label.ts';
import type { WritableSegment } from '../storage/segment-writer.ts';
import {
  type SegmentPlace,
  addPart,
  closeSegment,
  insertSegment,
  lastRecordedMs,
} from '../storage/segments.ts';
import { type KnownTime, settleTimes } from '../storage/settle-times.ts';
import { GapKeeper } from './gap-keeper.ts';
import { type LabelsGiven } from './labels-given.ts';
import type { MediaPart } from './part-assembler.ts';
import type { RecorderStats } from './recorder-stats.ts';
import type { RecordingCommand } from './recording-queue.ts';
import { placePart } from './rotation.ts';

/** Where segments are made; `FootageStore` is one. */
export interface SegmentMaker {
  create(place: SegmentPlace): Promise<WritableSegment>;
}

/** See `Retention`. Each answers whether there is room now. */
export interface Room {
  makeRoom(): Promise<boolean>;
  onDiskFull(): Promise<boolean>;
}

/** What the box believes of the time (docs/design/time.md); `BoxTime` does. */
export interface RunTimes {
  /** Grows each time the true time is learned. */
  readonly learnedTotal: number;
  /** The label of an instant; `uncertain` while nobody vouches for it. */
  labelOf(at: MonotonicMs): {
    readonly anchorMs: EpochMs;
    readonly uncertain: UncertainAnchor | undefined;
  };
  /** Now; undefined until the clock is trusted. */
  known(): KnownTime | undefined;
}

/** What a recorder works with. */
export interface RecorderDeps {
  readonly cameraId: string;
  readonly db: Database;
  readonly footage: SegmentMaker;
  /** Room on the disk, made by deleting what is oldest. */
  readonly room?: Room;
  readonly clock: Clock;
  /** Left out: runs lie where ingest put them, for certain. */
  readonly time?: RunTimes;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
}

/** A disk that refused is asked again at the next key frame after 0.5 to 8 s: soon enough that space
 * which somebody freed is used, rare enough not to hammer a dying disk. */
const DISK_BACKOFF: BackoffPolicy = { firstMs: 1_000, maxMs: 8_000, healthyAfterMs: 0 };

interface StoredRun {
  readonly runId: number;
  anchorMs: number;
}

interface OpenRun {
  readonly stream: StreamRun;
  readonly init: Buffer;
  /** Undefined until the first part: until then there is no row. */
  stored: StoredRun | undefined;
  /** Of the next segment. */
  sequence: number;
  /** `mfhd` of the next part (ISO/IEC 14496-12 8.8.5); begins at 1. */
  fragmentNumber: number;
}

interface OpenSegment {
  readonly segmentId: number;
  readonly file: WritableSegment;
  /** Plaintext that its row counts. */
  countedBytes: number;
  startMs: EpochMs;
  /** Media time of its first frame. */
  readonly mediaStartMs: number;
}

interface BuiltPart {
  readonly part: MediaPart;
  readonly buffers: readonly Buffer[];
}

/** Start and end of a part on the wall clock, whole milliseconds. */
interface Placed {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}

/** See the head of this file. `execute` calls must not overlap. */
export class RecordingWriter {
  readonly #deps: RecorderDeps;
  readonly #stats: RecorderStats;
  readonly #gaps: GapKeeper;
  #run: OpenRun | undefined;
  #segment: OpenSegment | undefined;
  #retryAtMs = -Infinity;
  #failures = 0;
  readonly #given: LabelsGiven;
  #learned = -1;

  /** `given` outlives the writer, as its camera does. */
  constructor(deps: RecorderDeps, stats: RecorderStats, given: LabelsGiven) {
    this.#deps = deps;
    this.#stats = stats;
    this.#given = given;
    this.#gaps = new GapKeeper(deps.db, deps.cameraId);
  }

  /** Reads what the recorder before this one left; once, before the first command. */
  load(): void {
    this.#trySettle();
    const { db, cameraId } = this.#deps;
    // After a lost index the gap alone says where footage ends.
    this.#stats.durableToMs = lastRecordedMs(db, cameraId) ?? openGapOf(db, cameraId)?.fromMs;
    this.#gaps.load();
  }

  /** Resolves when the command is durable or was given up with a gap; rejects for defects only. */
  async execute(command: RecordingCommand): Promise<void> {
    this.#trySettle();
    switch (command.type) {
      case 'clock':
        return;
      case 'run':
        // A queue that overflowed says again which run goes on.
        if (this.#run?.stream === command.run) return;
        if (this.#run !== undefined) await this.#end('internal');
        this.#begin(command.run);
        return;
      case 'part':
        await this.#record(command.part);
        return;
      case 'cut':
        await this.#stop(command.reason);
        return;
      case 'end':
        await this.#end(command.reason);
    }
  }

  #begin(stream: StreamRun): void {
    const init = buildInit(stream.video, stream.audio);
    this.#run = { stream, init, stored: undefined, sequence: 0, fragmentNumber: 1 };
  }

  async #record(part: MediaPart): Promise<void> {
    const run = this.#run;
    if (run === undefined) throw new AppError('internal', 'a part came outside of a run');
    const segment = this.#segment;
    const where = placePart({
      segmentMs: segment === undefined ? undefined : part.startMs - segment.mediaStartMs,
      partMs: part.endMs - part.startMs,
      key: part.key,
      longestGopMs: part.longestGopMs,
      outdated: segment?.file.isOutdated === true,
    });
    const isPaused = segment === undefined && this.#deps.clock.monotonicMs() < this.#retryAtMs;
    if (where === 'stop' || isPaused) {
      this.#stats.lostFramesTotal += part.frames;
      if (segment !== undefined) await this.#stop('long-key-frame-interval');
      return;
    }
    if (!this.#given.hasRoom(run.stream, part)) {
      this.#stats.lostFramesTotal += part.frames;
      await this.#stop('clock-drift');
      return;
    }
    const buffers = this.#build(run, part);
    if (buffers === undefined) {
      this.#stats.lostFramesTotal += part.frames;
      await this.#stop('corrupt');
      return;
    }
    try {
      try {
        if (where === 'append' && segment !== undefined) {
          await this.#append(run, segment, { part, buffers });
        } else {
          await this.#startSegment(run, { part, buffers });
        }
      } catch (thrown) {
        await this.#recordElsewhere(run, { part, buffers }, toAppError(thrown));
      }
      this.#failures = 0;
      this.#stats.diskProblem = undefined;
    } catch (thrown) {
      this.#stats.lostFramesTotal += part.frames;
      await this.#fail(toAppError(thrown));
    }
  }

  /** A segment that broke takes no more: the same part, from memory, begins one of its own when the
   * oldest footage is gone. Only a key frame can. */
  async #recordElsewhere(run: OpenRun, built: BuiltPart, error: AppError): Promise<void> {
    if (!built.part.key || !(await this.#hasRoomNow(error))) throw error;
    await this.#startSegment(run, built);
  }

  /** Does something that a full disk may refuse without harm, once more when the oldest footage is gone:
   * `again` answers how, or undefined where that is not possible. */
  async #orMakeRoom<T>(
    work: () => T | Promise<T>,
    again: () => (() => T | Promise<T>) | undefined,
  ): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      const error = toAppError(thrown);
      const retry = again();
      if (retry === undefined || !(await this.#hasRoomNow(error))) throw error;
      return await retry();
    }
  }

  /** After an error: whether it was a full disk, and something could be deleted. */
  async #hasRoomNow(error: AppError): Promise<boolean> {
    const isFull = error.kind === 'io' && error.reason === 'disk-full';
    return isFull && (await this.#deps.room?.onDiskFull()) === true;
  }

  /** append 1 to 3. */
  async #append(run: OpenRun, segment: OpenSegment, { part, buffers }: BuiltPart): Promise<void> {
    const place = this.#place(run, part);
    const { file } = segment;
    const written = await this.#orMakeRoom(
      () => file.append(buffers),
      () => (file.canAppendAgain ? () => file.appendAgain() : undefined),
    );
    // The transaction was rolled back where the database had no room: it is the same one again.
    const count = (): void => {
      addPart(this.#deps.db, segment.segmentId, {
        ...written,
        startMs: place.fromMs - segment.startMs,
        durationMs: place.toMs - place.fromMs,
        key: part.key,
      });
    };
    await this.#orMakeRoom(count, () => count);
    segment.countedBytes = written.offsetBytes + written.sizeBytes;
    this.#given.gave(run.stream, part);
    this.#count(place, written.sizeBytes);
  }

  /** close, then create 1 to 5. */
  async #startSegment(run: OpenRun, { part, buffers }: BuiltPart): Promise<void> {
    await this.#closeSegment();
    const { db, footage, cameraId, room } = this.#deps;
    if (room !== undefined && !(await room.makeRoom())) throw noRoom();
    // It must come before a run that is certain; where the disk refuses it, the part waits, too.
    this.#settle();
    const place = this.#place(run, part);
    const { runId, anchorMs } = this.#stored(run, part);
    const segmentPlace = { cameraId, runId, sequence: run.sequence };
    const label = segmentLabel({
      ...{ ...segmentPlace, anchorMs: epochMs(Math.round(anchorMs)), startMs: place.fromMs },
    });
    const offsetBytes = run.init.length + label.length;
    const file = await footage.create(segmentPlace);
    try {
      const written = await file.append([run.init, label, ...buffers]);
      const segmentId = db.transaction(() => {
        this.#gaps.close(place.fromMs);
        return insertSegment(
          db,
          { ...segmentPlace, startMs: place.fromMs },
          {
            offsetBytes,
            sizeBytes: written.sizeBytes - offsetBytes,
            startMs: 0,
            durationMs: place.toMs - place.fromMs,
            key: true,
          },
        );
      });
      this.#gaps.closed();
      run.sequence += 1;
      const mediaStartMs = part.startMs;
      const countedBytes = written.sizeBytes;
      this.#segment = { segmentId, file, countedBytes, startMs: place.fromMs, mediaStartMs };
      this.#stats.recording = true;
      this.#stats.segmentsTotal += 1;
      this.#given.gave(run.stream, part);
      this.#count(place, written.sizeBytes);
    } catch (thrown) {
      // The file has no row and keeps its name: the next create removes it, or start-up does.
      await file.close(0);
      throw thrown;
    }
  }

  /** create 1: the run's row, with the anchor as it is now that the first part is complete. */
  #stored(run: OpenRun, part: MediaPart): StoredRun {
    if (run.stored !== undefined) return run.stored;
    const { video, audio } = run.stream;
    const label = this.#deps.time?.labelOf(run.stream.anchorMonotonicMs);
    const measuredMs = label?.anchorMs ?? run.stream.anchorMs;
    // Times of one camera never overlap: after a step of the clock, or where the first frame came
    // late, the run follows the one before it.
    const earliestMs = (this.#stats.durableToMs ?? -Infinity) - Math.floor(part.startMs);
    const anchorMs = Math.max(measuredMs, earliestMs);
    const runId = insertRun(this.#deps.db, {
      cameraId: this.#deps.cameraId,
      anchorMs: epochMs(anchorMs),
      codecs: [video.codecString, ...(audio === undefined ? [] : [audio.codecString])].join(','),
      width: video.width,
      height: video.height,
      uncertain: label?.uncertain,
    });
    run.stored = { runId, anchorMs };
    return run.stored;
  }

  /** Once each time that the true time was learned: moves the rows of the camera, and what is held of
   * them here. Never between the two halves of a write. */
  #settle(): void {
    const { db, cameraId, time } = this.#deps;
    if (time === undefined || time.learnedTotal === this.#learned) return;
    const known = time.known();
    if (known !== undefined && settleTimes(db, cameraId, known)) this.#reload();
    this.#learned = time.learnedTotal;
  }

  /** A full disk refuses it; it is tried again with the next command. */
  #trySettle(): void {
    try {
      this.#settle();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.kind !== 'io') throw error;
    }
  }

  #reload(): void {
    const { db, cameraId } = this.#deps;
    this.#stats.durableToMs = lastRecordedMs(db, cameraId);
    this.#gaps.moved(this.#stats.durableToMs);
    const stored = this.#run?.stored;
    if (stored === undefined) return;
    const anchorMs = anchorOf(db, stored.runId) ?? stored.anchorMs;
    const byMs = anchorMs - Math.round(stored.anchorMs);
    stored.anchorMs += byMs;
    if (this.#segment !== undefined) {
      this.#segment.startMs = epochMs(this.#segment.startMs + byMs);
    }
  }

  #place(run: OpenRun, part: MediaPart): Placed {
    const { anchorMs } = this.#stored(run, part);
    // Both are rounded from media time, so that no error adds up over parts.
    return {
      fromMs: epochMs(Math.round(anchorMs + part.startMs)),
      toMs: epochMs(Math.round(anchorMs + part.endMs)),
    };
  }

  /** Undefined for media that cannot be written down: the camera's doing, so it costs the camera a
   * gap. A defect of ours passes. */
  #build(run: OpenRun, part: MediaPart): Buffer[] | undefined {
    const sequenceNumber = run.fragmentNumber;
    run.fragmentNumber += 1;
    try {
      return buildPart({ sequenceNumber, video: part.video, audio: part.audio });
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.kind !== 'corrupt' && error.kind !== 'exhausted') throw error;
      this.#deps.log.warn(errorFields(error), 'a part of the footage was unusable');
      return undefined;
    }
  }

  #count(place: Placed, sizeBytes: number): void {
    this.#stats.durableToMs = place.toMs;
    this.#stats.partsTotal += 1;
    this.#stats.bytesTotal += sizeBytes;
  }

  async #fail(error: AppError): Promise<void> {
    if (error.kind !== 'io') {
      await this.#end('internal');
      throw error;
    }
    const reason =
      (['disk-full', 'wrong-disk'] as const).find((known) => known === error.reason) ??
      'write-failed';
    await this.#stop(reason);
    const { clock, log, random } = this.#deps;
    const waitMs = backoffMs(DISK_BACKOFF, this.#failures, random());
    this.#retryAtMs = clock.monotonicMs() + waitMs;
    this.#failures += 1;
    this.#stats.writeFailuresTotal += 1;
    this.#stats.diskProblem = reason;
    log.warn({ ...errorFields(error), waitMs: Math.round(waitMs) }, 'recording paused');
  }

  /** Nothing is recorded from the last durable frame on. A camera that never recorded has no gap. */
  async #stop(reason: GapReason): Promise<void> {
    if (reason === 'disk-too-slow') this.#stats.diskProblem = reason;
    await this.#closeSegment().catch((thrown: unknown) => {
      // The row stays open and counts what is durable; the next create closes it, or start-up does.
      const error = toAppError(thrown);
      if (error.kind !== 'io') throw error;
    });
    const { durableToMs } = this.#stats;
    if (durableToMs !== undefined) {
      this.#gaps.open(reason, durableToMs, this.#deps.clock.wallMs());
    }
  }

  async #end(reason: GapReason): Promise<void> {
    await this.#stop(reason);
    const runId = this.#run?.stored?.runId;
    this.#run = undefined;
    if (runId === undefined) return;
    try {
      endRun(this.#deps.db, runId, reason);
    } catch (thrown) {
      // It stays unfinished, which start-up puts right.
      const error = toAppError(thrown);
      if (error.kind !== 'io') throw error;
    }
  }

  /** close 1 to 4. */
  async #closeSegment(): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#segment = undefined;
    this.#stats.recording = false;
    try {
      closeSegment(this.#deps.db, segment.segmentId);
    } finally {
      await segment.file.close(segment.countedBytes);
    }
  }
}
