/** One camera stream for as long as it is wanted: attempts, back-off, state, the hub behind it. */
import { type AppError, cancelled, toAppError } from '../base/errors.ts';
import { CAMERA_BACKOFF, supervise } from '../base/lifecycle.ts';
import type { MonotonicMs } from '../base/time.ts';
import type { Fragment } from '../fmp4/fragment.ts';
import type { Announced, RelayCounters } from '../rtsp/relay.ts';
import { latenessOf } from './anchored-run.ts';
import { Hub } from './hub.ts';
import { RestJudge } from './rest-judge.ts';
import { runEndReason } from './run-end-reason.ts';
import type { AttemptDeps, StreamSource } from './run-once.ts';
import { StreamMeter, type Measured } from './stream-meter.ts';
import type { HubMessage, RunEndReason, StreamRun } from './stream-run.ts';

/** What the stream is doing, as its owner (the camera actor) sees it. */
export interface StreamStatus {
  readonly state: 'connecting' | 'online' | 'down';
  /** Why it is down. */
  readonly reason: RunEndReason | undefined;
  readonly error: AppError | undefined;
  readonly run: StreamRun | undefined;
  /** What the camera's SDP announced, from the newest connection. */
  readonly announced: Announced | undefined;
}

/** What a `StreamIngest` needs beside its source. */
export interface StreamIngestDeps extends AttemptDeps {
  readonly random: () => number;
  /** Told of each change of state. */
  onStatus(status: StreamStatus): void;
  /** The camera asked for the password by Digest: from now on Basic is refused. */
  onDigest(): void;
}

/** Counters since the start; what a restart of the stream does not reset. */
export interface IngestCounters {
  attempts: number;
  runs: number;
  videoFrames: number;
  videoBytes: number;
  audioBytes: number;
  lostPackets: number;
  relayedBytes: number;
}

/**
 * Cameras lock an account after five to ten wrong passwords. The first retries are quick, because
 * some cameras refuse everyone while they boot; then it is one try in five minutes. Changing the
 * password starts at once.
 */
const WRONG_PASSWORD_WAIT_MS = 300_000;
/** Quick retries before the slow ones: below the five after which the strictest cameras lock. */
const WRONG_PASSWORD_QUICK = 3;

/** See the head of this file. The constructor starts nothing. */
export class StreamIngest {
  readonly hub = new Hub();
  readonly counters: IngestCounters = {
    ...{ attempts: 0, runs: 0, videoFrames: 0, videoBytes: 0, audioBytes: 0 },
    ...{ lostPackets: 0, relayedBytes: 0 },
  };
  readonly #source: StreamSource;
  readonly #deps: StreamIngestDeps;
  #basicAllowed: boolean;
  #status: StreamStatus = {
    ...{ state: 'connecting', reason: undefined, error: undefined },
    ...{ run: undefined, announced: undefined },
  };
  #meter: StreamMeter | undefined;
  #restJudge = new RestJudge();
  #lastFrameMs: MonotonicMs | undefined;
  #wrongPasswords = 0;
  #relayCounters: (() => RelayCounters) | undefined;

  constructor(source: StreamSource, deps: StreamIngestDeps) {
    this.#source = source;
    this.#deps = deps;
    this.#basicAllowed = source.basicAllowed;
  }

  get status(): StreamStatus {
    return this.#status;
  }

  /** Monotonic time of the newest frame. */
  get lastFrameMs(): MonotonicMs | undefined {
    return this.#lastFrameMs;
  }

  /** RTP packets lost since the start, those of the running connection included. */
  lostPackets(): number {
    return this.counters.lostPackets + lostPackets(this.#relayCounters?.());
  }

  measured(): Measured | undefined {
    return this.#meter?.measured();
  }

  /** Runs until `signal` aborts; the last `end` then has the reason that it was aborted with. */
  async run(signal: AbortSignal): Promise<void> {
    await supervise({
      clock: this.#deps.clock,
      random: this.#deps.random,
      policy: CAMERA_BACKOFF,
      signal,
      runOnce: (attemptSignal) => this.#attempt(attemptSignal),
      onEnd: () => undefined,
    });
    const reason = runEndReason(cancelled(signal));
    // Ended between two attempts: what follows is deliberate, and no longer the camera's doing.
    if (this.#status.reason !== reason) this.#end(reason, cancelled(signal));
    this.hub.close();
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    this.counters.attempts += 1;
    if (this.#status.state !== 'down') this.#setStatus({ state: 'connecting' });
    try {
      await this.#deps.runOnce(
        { ...this.#source, basicAllowed: this.#basicAllowed },
        this.#deps,
        {
          onRelay: (relay) => {
            this.#relayCounters = () => relay.counters();
            this.#wrongPasswords = 0;
            if (relay.authentication === 'digest' && this.#basicAllowed) {
              this.#basicAllowed = false;
              this.#deps.onDigest();
            }
            this.#setStatus({ announced: relay.announced });
          },
          emit: (message) => {
            this.#onMessage(message);
          },
          isCalm: () => this.#isCalm(),
        },
        signal,
      );
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#count();
      this.#end(runEndReason(error), error);
      await this.#spareThePassword(signal);
      throw error;
    }
  }

  /** The anchor is settled, nobody watches, and the camera can hold back what comes meanwhile: it may
   * wait for the common tick. */
  #isCalm(): boolean {
    const { state } = this.#status;
    const isSettled = state === 'online' && (this.#meter?.keyFrames ?? 0) >= 2;
    return isSettled && this.hub.viewers === 0 && this.#restJudge.mayRest;
  }

  #onMessage(message: HubMessage): void {
    if (message.type === 'run') {
      this.counters.runs += 1;
      this.#meter = new StreamMeter(message.run.video.timescale);
      this.#restJudge = new RestJudge();
      this.#setStatus({ state: 'online', run: message.run, reason: undefined, error: undefined });
    } else if (message.type === 'fragment') {
      const { fragment } = message;
      if (fragment.kind === 'video') {
        this.#meter?.add(fragment);
        this.#judgeLateness(fragment, message.arrivedMs);
        this.#lastFrameMs = message.arrivedMs;
        this.counters.videoFrames += fragment.samples.length;
        this.counters.videoBytes += fragment.payload.length;
      } else {
        this.counters.audioBytes += fragment.payload.length;
      }
    }
    this.hub.publish(message);
  }

  #judgeLateness(fragment: Fragment, arrivedMs: MonotonicMs): void {
    const { run } = this.#status;
    if (run !== undefined) this.#restJudge.add(latenessOf(fragment, run, arrivedMs), arrivedMs);
  }

  #end(reason: RunEndReason, error: AppError): void {
    this.hub.publish({ type: 'end', reason, error });
    this.#setStatus({ state: 'down', reason, error, run: undefined });
  }

  /** Waits beyond the ordinary back-off while the camera refuses the password. */
  async #spareThePassword(signal: AbortSignal): Promise<void> {
    if (this.#status.reason !== 'wrong-password' || signal.aborted) return;
    this.#wrongPasswords += 1;
    if (this.#wrongPasswords <= WRONG_PASSWORD_QUICK) return;
    // An abort ends the wait; the supervisor then sees it too.
    await this.#deps.clock.sleep(WRONG_PASSWORD_WAIT_MS, signal).catch(() => undefined);
  }

  /** Takes over what the connection that just ended had counted. */
  #count(): void {
    const counters = this.#relayCounters?.();
    this.#relayCounters = undefined;
    this.counters.relayedBytes += counters?.bytes ?? 0;
    this.counters.lostPackets += lostPackets(counters);
  }

  #setStatus(change: Partial<StreamStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#deps.onStatus(this.#status);
  }
}

function lostPackets(counters: RelayCounters | undefined): number {
  return counters?.tracks.reduce((sum, track) => sum + track.lost, 0) ?? 0;
}
