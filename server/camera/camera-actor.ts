/**
 * One camera: owns its streams and its recorder, and is the only one that starts and stops them.
 * The main stream runs as long as the camera is enabled, because it is recorded; the sub-stream
 * runs while somebody holds it.
 */
import { AppError, cancelled } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import { toRfc3339, type EpochMs } from '../base/time.ts';
import type { Camera, PictureSize } from '../contract/camera.ts';
import type { StreamName } from '../contract/live.ts';
import type { Hub } from '../ingest/hub.ts';
import { stopError } from '../ingest/run-end-reason.ts';
import type { AttemptDeps, StreamSource } from '../ingest/run-once.ts';
import { StreamIngest, type StreamStatus } from '../ingest/stream-ingest.ts';
import type { HubMessage } from '../ingest/stream-run.ts';
import type { StoredCamera } from '../storage/cameras.ts';
import type { CameraCredentials } from './camera-credentials.ts';
import type { CameraCondition, CameraWatch, CameraWatcher, WatchedStream } from './camera-watch.ts';
import { REASON_TEXTS, reasonSentence } from './reason-text.ts';
import { relayTarget, shownSource, type StoredSource, type StoredStream } from './stored-source.ts';
import { SubStream } from './sub-stream.ts';
import { takePicture, type Picture } from './take-picture.ts';
import { describeAudio, describeVideo } from './test-source.ts';

/** A camera as it is configured. */
export interface CameraConfig {
  readonly stored: StoredCamera;
  readonly source: StoredSource;
  readonly credentials: CameraCredentials | undefined;
}

/** The recorder's side that the actor needs; `recorder/` implements it. */
export interface RecorderSeat {
  run(messages: AsyncIterable<HubMessage>, signal: AbortSignal): Promise<void>;
}

/** What an actor needs beside its configuration. */
export interface CameraActorDeps extends AttemptDeps {
  readonly random: () => number;
  readonly recorder: RecorderSeat;
  readonly log: Log;
  /** The camera asked for its password by Digest for the first time: store it. */
  onDigest(): void;
  /** A defect ended the recorder; the composition root decides (it stops the server). */
  onDefect(error: unknown): void;
}

/** The recorder may be this far behind: 30 s of a 16 Mbit/s camera, then its recording aborts. */
const RECORDER_LIMITS = { maxItems: 10_000, maxBytes: 64 * 1024 * 1024 };

/** A picture may be this old when the next person asks: decoding costs a tenth of a second. */
const PICTURE_FRESH_MS = 1_000;

interface Running {
  readonly ingest: StreamIngest;
  readonly done: Promise<unknown>;
  readonly stop: AbortController;
}

/** Somebody who watches, and what they asked for. */
interface Watching {
  readonly wanted: StreamName;
  readonly watcher: CameraWatcher;
}

/** See the head of this file. The constructor starts nothing. */
export class CameraActor {
  #config: CameraConfig;
  readonly #deps: CameraActorDeps;
  #main: Running | undefined;
  #sub: SubStream | undefined;
  /** They outlive a stop: what is watched is watched again after the next start. */
  readonly #watching = new Set<Watching>();
  #status: StreamStatus | undefined;
  #pictureSize: PictureSize | undefined;
  #sinceMs: EpochMs | undefined;
  /** The picture that is being taken, or was taken last. */
  #picture: { readonly taken: Promise<Picture>; freshUntilMs: number } | undefined;

  constructor(config: CameraConfig, deps: CameraActorDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  get config(): CameraConfig {
    return this.#config;
  }

  /** Takes another configuration. While the camera runs it may differ only in what people see (name
   * and place) and in what was learnt of it. */
  configure(config: CameraConfig): void {
    this.#config = config;
    this.#tellWatchers();
  }

  /** Notes the size of a main picture that somebody else saw: a test, or an earlier process. */
  notePictureSize(size: PictureSize): void {
    this.#pictureSize = size;
  }

  /** The main stream's hub while the camera is enabled. */
  get hub(): Hub | undefined {
    return this.#main?.ingest.hub;
  }

  /** The main stream, for its counters. */
  get ingest(): StreamIngest | undefined {
    return this.#main?.ingest;
  }

  /** Starts connecting and recording, unless the camera is switched off. */
  start(): void {
    if (this.#main !== undefined || !this.#config.stored.enabled) return;
    this.#status = undefined;
    this.#picture = undefined;
    const stop = new AbortController();
    const ingest = new StreamIngest(this.#streamSource(this.#config.source.main), {
      ...this.#deps,
      onStatus: (status) => {
        this.#onStatus(status);
      },
    });
    const recording = this.#record(ingest, stop.signal);
    const done = Promise.all([ingest.run(stop.signal), recording]);
    this.#main = { ingest, done, stop };
    this.#sub = this.#subStream();
    for (const { wanted } of this.#watching) if (wanted === 'sub') this.#sub?.hold();
    this.#tellWatchers();
  }

  /** Ends recording with `reason` and resolves when everything pending is durable. Idempotent. */
  async stop(reason: 'disabled' | 'removed' | 'stopped'): Promise<void> {
    const main = this.#main;
    if (main === undefined) return;
    main.stop.abort(stopError(reason));
    await Promise.all([main.done, this.#sub?.stop()]);
    // Two may have waited, and the first may have started it again.
    if (this.#main !== main) return;
    this.#main = undefined;
    this.#sub = undefined;
    this.#tellWatchers();
  }

  /** Tells everybody who watches that the camera is gone for good. */
  forget(): void {
    for (const { watcher } of [...this.#watching]) watcher.onRemoved();
  }

  /** Holds the stream that is asked for, until the watch is released. A camera without a sub-stream
   * serves its main stream for both. */
  watch(wanted: StreamName, watcher: CameraWatcher): CameraWatch {
    const watching: Watching = { wanted, watcher };
    this.#watching.add(watching);
    if (wanted === 'sub') this.#sub?.hold();
    // What rests until the common tick is up to 200 ms old, and this is about now.
    this.#deps.pace.wakeAll();
    return {
      stream: () => this.#streamFor(wanted),
      condition: () => this.#condition(),
      release: () => {
        if (this.#watching.delete(watching) && wanted === 'sub') this.#sub?.release();
      },
    };
  }

  /**
   * The sub-stream once its picture is there. Until then, and while it is away, the main stream's
   * picture: it is in memory. Not so where only the small one may be H.264: the large one, which not
   * every browser plays, would be nothing to bridge the seconds with.
   */
  #streamFor(wanted: StreamName): WatchedStream | undefined {
    const main = this.#main;
    if (main === undefined || main.stop.signal.aborted) return undefined;
    const sub = wanted === 'sub' ? this.#sub?.ingest : undefined;
    if (sub !== undefined) {
      const isWorthWaiting =
        sub.status.state === 'connecting' &&
        main.ingest.status.run !== undefined &&
        main.ingest.status.run.video.codec !== 'h264';
      if (sub.status.state === 'online' || isWorthWaiting) return { name: 'sub', hub: sub.hub };
    }
    return { name: 'main', hub: main.ingest.hub };
  }

  #subStream(): SubStream | undefined {
    const { sub } = this.#config.source;
    if (sub === undefined) return undefined;
    let before: StreamStatus | undefined;
    const onStatus = (status: StreamStatus): void => {
      if (before?.state !== status.state || before.reason !== status.reason) {
        this.#logChange('sub', status);
      }
      before = status;
      this.#tellWatchers();
    };
    return new SubStream(
      () => new StreamIngest(this.#streamSource(sub), { ...this.#deps, onStatus }),
      this.#deps.clock,
    );
  }

  #tellWatchers(): void {
    for (const { watcher } of [...this.#watching]) watcher.onChange();
  }

  /** A picture at most a second old; who asks while one is being taken gets that one. */
  async snapshot(signal: AbortSignal): Promise<Picture> {
    const hub = this.#main?.ingest.hub;
    if (hub === undefined) throw this.#noPicture();
    const now = this.#deps.clock.monotonicMs();
    if (this.#picture === undefined || now > this.#picture.freshUntilMs) {
      this.#picture = this.#take(hub);
    }
    const picture = await this.#picture.taken;
    if (signal.aborted) throw cancelled(signal);
    return picture;
  }

  #take(hub: Hub): { readonly taken: Promise<Picture>; freshUntilMs: number } {
    // Not the caller's signal: another caller may be waiting for the same picture.
    const taken = takePicture(hub, this.#deps, new AbortController().signal);
    const entry = { taken, freshUntilMs: Infinity };
    taken.then(
      () => {
        entry.freshUntilMs = this.#deps.clock.monotonicMs() + PICTURE_FRESH_MS;
      },
      () => {
        // Whoever waits hears of it; the next one tries again.
        if (this.#picture === entry) this.#picture = undefined;
      },
    );
    return entry;
  }

  /** The camera as the API shows it. */
  view(): Camera {
    const { stored, source, credentials } = this.#config;
    const status = this.#statusNow();
    const ingest = this.#main?.ingest;
    // What is announced may never come; then the run has no sound.
    const isHeard = stored.sound && status?.run?.audio !== undefined;
    const audio = isHeard ? (describeAudio(status.announced) ?? null) : null;
    return {
      ...{ id: stored.id, name: stored.name, sound: stored.sound, enabled: stored.enabled },
      ...{ position: stored.position, createdAt: toRfc3339(stored.createdMs) },
      source: shownSource(source, credentials?.username),
      ...this.#condition(),
      ...(this.#pictureSize === undefined ? {} : { pictureSize: this.#pictureSize }),
      ...(status?.run === undefined
        ? {}
        : { video: describeVideo(status.run, ingest?.measured()), audio }),
    };
  }

  #statusNow(): StreamStatus | undefined {
    return this.#main === undefined ? undefined : this.#status;
  }

  #condition(): CameraCondition {
    const status = this.#statusNow();
    return { state: this.#stateOf(status), ...this.#reasonOf(status) };
  }

  #stateOf(status: StreamStatus | undefined): Camera['state'] {
    if (!this.#config.stored.enabled) return 'disabled';
    if (status === undefined || status.state === 'connecting') return 'connecting';
    if (status.state === 'online') return 'online';
    return REASON_TEXTS[status.reason ?? 'internal'].state;
  }

  #reasonOf(status: StreamStatus | undefined): Pick<Camera, 'stateReason'> {
    if (status?.state !== 'down' || status.reason === undefined) return {};
    return {
      stateReason: {
        reason: status.reason,
        sentence: reasonSentence(status.reason, this.#config.stored.name, status.error),
        hint: REASON_TEXTS[status.reason].hint,
        since: toRfc3339(this.#sinceMs ?? this.#deps.clock.wallMs()),
      },
    };
  }

  #onStatus(status: StreamStatus): void {
    const before = this.#status;
    this.#status = status;
    if (status.run !== undefined && status.run !== before?.run) {
      const { width, height } = status.run.video;
      this.#pictureSize = { width, height };
    }
    if (before?.state === status.state && before.reason === status.reason) return;
    this.#sinceMs = this.#deps.clock.wallMs();
    this.#logChange('main', status);
    this.#tellWatchers();
  }

  /** One line when the state or its reason changes: not one per attempt at a camera that is away. */
  #logChange(stream: StreamName, { state, reason, error }: StreamStatus): void {
    const which = { camera: this.#config.stored.id, stream };
    if (state === 'online') this.#deps.log.info(which, 'pictures come');
    if (state !== 'down') return;
    const why = error === undefined ? {} : errorFields(error);
    if (error?.kind === 'cancelled') this.#deps.log.info({ ...which, reason }, 'ended on purpose');
    else this.#deps.log.warn({ ...which, reason, ...why }, 'no pictures come');
  }

  #streamSource(stream: StoredStream): StreamSource {
    const { source, credentials, stored } = this.#config;
    return {
      ...{ target: relayTarget(stream), credentials, sound: stored.sound, cameraId: stored.id },
      basicAllowed: source.authentication !== 'digest',
    };
  }

  /** Subscribes the recorder for as long as the camera runs. */
  async #record(ingest: StreamIngest, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const messages = ingest.hub.subscribe({
        ...{ policy: 'lossless-or-abort', limits: RECORDER_LIMITS, from: 'next' },
      });
      try {
        // It ends when the messages do, so that what is queued at a stop is still recorded.
        await this.#deps.recorder.run(messages, new AbortController().signal);
        return;
      } catch (thrown) {
        // Too slow a disk: the recorder has said so in a gap; it goes on with what comes next.
        if (thrown instanceof AppError && thrown.kind === 'exhausted') continue;
        this.#deps.onDefect(thrown);
        return;
      }
    }
  }

  #noPicture(): AppError {
    return new AppError('unavailable', `${this.#config.stored.name} is switched off.`, {
      reason: 'disabled',
      hint: 'Switch it on to see a picture.',
    });
  }
}
