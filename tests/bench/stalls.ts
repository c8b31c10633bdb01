/** How long nothing else of the process got its turn while something was done. */
import type { SystemClock } from '../../server/base/clock.ts';

/** What was seen. */
export interface Stalls {
  readonly tookMs: number;
  /** The longest turn of the event loop, and how many were longer than a person notices. */
  readonly longestMs: number;
  readonly beyond50Ms: number;
  /** The most processor time of the process, all threads, in one turn: what of it was not waiting for
   * a disk or for other programs. */
  readonly longestCpuMs: number;
  /** The most memory at the end of a turn, above that of the beginning. */
  readonly addedRssMb: number;
}

/** Looks at each turn of the event loop until `work` is done. */
export async function watchStalls(
  clock: SystemClock,
  work: () => Promise<unknown>,
): Promise<Stalls> {
  const startedMs = clock.monotonicMs();
  const rssBefore = process.memoryUsage.rss();
  const done = new AbortController();
  let [lastMs, longestMs, beyond50Ms, rssMost] = [startedMs as number, 0, 0, rssBefore];
  let [lastCpuMs, longestCpuMs] = [cpuMs(), 0];
  const watching = (async () => {
    while (!done.signal.aborted) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      const nowMs = clock.monotonicMs();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      if (nowMs - lastMs > 50) beyond50Ms += 1;
      lastMs = nowMs;
      const nowCpuMs = cpuMs();
      longestCpuMs = Math.max(longestCpuMs, nowCpuMs - lastCpuMs);
      lastCpuMs = nowCpuMs;
      rssMost = Math.max(rssMost, process.memoryUsage.rss());
    }
  })();
  try {
    await work();
  } finally {
    done.abort();
    await watching;
  }
  const addedRssMb = Math.round((rssMost - rssBefore) / 1e6);
  const stalls: Stalls = {
    ...{ tookMs: clock.monotonicMs() - startedMs, longestMs, beyond50Ms, longestCpuMs, addedRssMb },
  };
  return stalls;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
