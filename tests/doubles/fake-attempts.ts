/** Attempts at a camera without a camera: a test says what each of them brings and how it ends. */
import { AppError, cancelled } from '../../server/base/errors.ts';
import { monotonicMs } from '../../server/base/time.ts';
import type { Fragment } from '../../server/fmp4/fragment.ts';
import type { RunOnce, RunOnceEvents, StreamSource } from '../../server/ingest/run-once.ts';
import type { StreamRun } from '../../server/ingest/stream-run.ts';
import type { Relay, RelayCounters } from '../../server/rtsp/relay.ts';

/** One attempt that is under way. */
export class FakeAttempt {
  readonly source: StreamSource;
  readonly events: RunOnceEvents;
  readonly signal: AbortSignal;
  /** Rejects when the attempt is over. */
  readonly over: Promise<never>;
  #reject: (error: AppError) => void = () => undefined;

  constructor(source: StreamSource, events: RunOnceEvents, signal: AbortSignal) {
    this.source = source;
    this.events = events;
    this.signal = signal;
    this.over = new Promise((_resolve, reject) => {
      this.#reject = reject;
    });
    signal.addEventListener(
      'abort',
      () => {
        this.#reject(cancelled(signal));
      },
      { once: true },
    );
  }

  /** The camera answered and logged us in. */
  connect(relay: Partial<Pick<Relay, 'announced' | 'authentication'>> & Counted = {}): void {
    this.events.onRelay({
      url: 'rtsp://127.0.0.1:1/x',
      announced: relay.announced ?? { video: undefined, audio: undefined },
      authentication: relay.authentication ?? 'none',
      fingerprint256: undefined,
      closed: new Promise(() => undefined),
      counters: () => relay.counters ?? { bytes: 0, skippedBytes: 0, tracks: [] },
      close: () => Promise.resolve(),
    });
  }

  run(run: StreamRun): void {
    this.events.emit({ type: 'run', run });
  }

  media(...fragments: readonly Fragment[]): void {
    for (const fragment of fragments) {
      this.events.emit({ type: 'fragment', fragment, arrivedMs: monotonicMs(0) });
    }
  }

  end(reason: string, kind: AppError['kind'] = 'unavailable'): void {
    this.#reject(new AppError(kind, `ended: ${reason}`, { reason }));
  }
}

interface Counted {
  counters?: RelayCounters;
}

/** Stands in for `runOnce`. */
export class FakeAttempts {
  /** All attempts, the first one first. */
  readonly all: FakeAttempt[] = [];
  /** Called as an attempt begins; ends or feeds it at once where a test does not want to wait. */
  onAttempt: (attempt: FakeAttempt) => void = () => undefined;

  readonly runOnce: RunOnce = async (source, _deps, events, signal) => {
    const attempt = new FakeAttempt(source, events, signal);
    this.all.push(attempt);
    this.onAttempt(attempt);
    return attempt.over;
  };

  /** The attempt that is under way, or was last. */
  get newest(): FakeAttempt {
    const newest = this.all.at(-1);
    if (newest === undefined) throw new Error('nothing was attempted yet');
    return newest;
  }
}
