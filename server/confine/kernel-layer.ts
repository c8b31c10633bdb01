/**
 * Whether the kernel refuses what leaves the home, on this box. Where it is expected to (a service of systemd, a
 * container) it is tried at the start and each hour; elsewhere when a person asks, because there the try is a
 * packet that reaches the router.
 */
import type { Clock } from '../base/clock.ts';
import type { ProbeAnswers } from '../egress/kernel-probe.ts';
import type { EpochMs } from '../base/time.ts';

/** Who would have told the kernel. */
export const KERNEL_LAYERS = ['systemd', 'nftables'] as const;

/** See `KERNEL_LAYERS`. */
export type KernelLayerName = (typeof KERNEL_LAYERS)[number];

/** One try. */
export interface KernelTry extends ProbeAnswers {
  readonly atMs: EpochMs;
}

/** What is known. `untried`: nobody has tried yet, or the machine has no way out to try. */
export type KernelLayerState = 'active' | 'absent' | 'broken' | 'untried';

/** What it needs. */
export interface KernelLayerParts {
  readonly clock: Clock;
  /** Who is expected to have told the kernel; undefined for nobody. */
  readonly expected: KernelLayerName | undefined;
  readonly probe: () => Promise<ProbeAnswers>;
  /** Kept for who looks from outside (`privacy report`). */
  readonly keep: (tried: KernelTry) => void;
}

/** Rules that somebody flushed are noticed within it. */
const TRY_EVERY_MS = 60 * 60_000;

/** See the head of this file. */
export class KernelLayer {
  readonly #parts: KernelLayerParts;
  #last: KernelTry | undefined;

  constructor(parts: KernelLayerParts) {
    this.#parts = parts;
  }

  get expected(): KernelLayerName | undefined {
    return this.#parts.expected;
  }

  /** The newest try of this process. */
  get last(): KernelTry | undefined {
    return this.#last;
  }

  /** Of `name`, as far as the newest try says. A refusal counts for the one that is expected. */
  stateOf(name: KernelLayerName): KernelLayerState {
    const { expected } = this.#parts;
    const verdict = this.#last === undefined ? undefined : verdictOf(this.#last);
    if (expected === undefined) {
      // Somebody else's rules: which, the kernel does not say. They hold all the same.
      return name === 'nftables' && verdict === 'refused' ? 'active' : 'absent';
    }
    if (name !== expected) return 'absent';
    if (verdict === undefined) return 'untried';
    return verdict === 'refused' ? 'active' : 'broken';
  }

  /** Tries now. */
  async tryNow(): Promise<KernelTry> {
    const answers = await this.#parts.probe();
    this.#last = { ...answers, atMs: this.#parts.clock.wallMs() };
    this.#parts.keep(this.#last);
    return this.#last;
  }

  /** Tries at the start and each hour until `signal`, where it is expected to hold. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, expected } = this.#parts;
    if (expected === undefined) return;
    while (!signal.aborted) {
      await this.tryNow();
      await clock.sleep(TRY_EVERY_MS, signal).catch(() => undefined);
    }
  }
}

/** `left` in one family is enough to be out; undefined where the machine has no way in either. */
export function verdictOf({ v4, v6 }: ProbeAnswers): 'refused' | 'left' | undefined {
  if (v4 === 'left' || v6 === 'left') return 'left';
  return v4 === 'refused' || v6 === 'refused' ? 'refused' : undefined;
}
