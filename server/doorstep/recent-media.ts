/** The last seconds of one stream, in whole GOPs. Pure: times are those of the fragments' arrival. */
import type { MonotonicMs } from '../base/time.ts';
import type { HubMessage, StreamRun } from '../ingest/stream-run.ts';

/** A fragment and when it arrived. Its bytes are shared with the hub and the recorder. */
export type ArrivedFragment = Extract<HubMessage, { type: 'fragment' }>;

/** Media that can be decoded from its first fragment on. */
export interface Stretch {
  readonly run: StreamRun;
  readonly fragments: readonly ArrivedFragment[];
}

/** What is around a fragment's bytes in memory, as the hub counts it. */
const OBJECTS_BYTES = 256;

/** What a fragment takes. */
export function bytesOf({ fragment }: ArrivedFragment): number {
  return fragment.bytes.length + OBJECTS_BYTES;
}

interface Gop {
  readonly startMs: MonotonicMs;
  readonly fragments: ArrivedFragment[];
  bytes: number;
}

/** See the head of this file. */
export class RecentMedia {
  readonly #keepMs: number;
  #run: StreamRun | undefined;
  #gops: Gop[] = [];
  #bytes = 0;

  /** `keepMs`: at least so much is kept, where so much came. */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get run(): StreamRun | undefined {
    return this.#run;
  }

  /** Takes the next message. The end of a run leaves what came before it: a cut cable is what somebody
   * wants to look at. The next run takes its place. */
  take(message: HubMessage, maxBytes: number): void {
    if (message.type === 'run') {
      this.clear();
      this.#run = message.run;
    }
    if (message.type !== 'fragment') return;
    const { fragment, arrivedMs } = message;
    if (fragment.kind === 'video' && fragment.key) {
      this.#gops.push({ startMs: arrivedMs, fragments: [], bytes: 0 });
    }
    const gop = this.#gops.at(-1);
    if (gop === undefined) return;
    gop.fragments.push(message);
    gop.bytes += bytesOf(message);
    this.#bytes += bytesOf(message);
    this.#cut(arrivedMs, maxBytes);
  }

  /** Everything from the last key frame at or before `fromMs` on, or from the first one there is. */
  since(fromMs: number): Stretch | undefined {
    if (this.#run === undefined || this.#gops.length === 0) return undefined;
    const after = this.#gops.findIndex(({ startMs }) => startMs > fromMs);
    const from = after === -1 ? this.#gops.length - 1 : Math.max(0, after - 1);
    return {
      run: this.#run,
      fragments: this.#gops.slice(from).flatMap(({ fragments }) => fragments),
    };
  }

  /** Forgets all of it, the run included. */
  clear(): void {
    this.#run = undefined;
    this.#gops = [];
    this.#bytes = 0;
  }

  /** Drops whole GOPs from the front: those that are old enough, and as many as are too many. One that is
   * too large by itself goes, too; the next key frame begins anew. */
  #cut(nowMs: number, maxBytes: number): void {
    let drop = 0;
    for (;;) {
      const next = this.#gops[drop + 1];
      const isOld = next !== undefined && next.startMs <= nowMs - this.#keepMs;
      if (drop >= this.#gops.length || !(isOld || this.#bytes > maxBytes)) break;
      this.#bytes -= this.#gops[drop]?.bytes ?? 0;
      drop += 1;
    }
    if (drop > 0) this.#gops = this.#gops.slice(drop);
  }
}
