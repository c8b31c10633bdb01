/** What `npm test` starts vitest for; tests/repo/alone.test.ts looks that no project is left out. */
import type { VitestRun } from './vitest-run.ts';

/** One of several, in their order. */
export interface LaterRun extends VitestRun {
  /** See second-try.ts. */
  maySecondTry: boolean;
}

const MINUTE_MS = 60_000;

/** What lives in the time of its own clocks: it judges no time of the machine, and the checks run
 * beside it. */
export const QUICK_RUN: VitestRun = {
  name: 'quick',
  projects: ['repo', 'unit', 'fuzz', 'fault', 'crash'],
  timeoutMs: 20 * MINUTE_MS,
};

/** The others, one after the other, in the order in which a failure is cheapest to find. */
export const LATER_RUNS: readonly LaterRun[] = [
  {
    name: 'integration',
    projects: ['integration'],
    timeoutMs: 30 * MINUTE_MS,
    maySecondTry: true,
  },
  { name: 'e2e', projects: ['e2e'], timeoutMs: 35 * MINUTE_MS, maySecondTry: true },
  {
    name: 'alone',
    projects: ['integration-alone', 'e2e-alone', 'crash-alone', 'fault-alone'],
    timeoutMs: 40 * MINUTE_MS,
    maySecondTry: false,
  },
];
