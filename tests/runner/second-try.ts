/**
 * Tests with real cameras and browsers wait for a machine that somebody else may be using. What fails there,
 * beside other tests, is tried once more by itself; what holds then has passed, and is named as unsteady, with
 * what it said the first time: nobody has to find out twice, and nothing goes unseen. Files that have the
 * machine for themselves, and all that live in the time of their own clocks, get no second try.
 */
import type { Failure, Tally } from './tally.ts';
import type { VitestRun } from './vitest-run.ts';

/** More than a few are no accident. */
const FILES_MAX = 3;

/** The run that tries again what failed in `tally`; undefined where there is nothing to try, or too much. */
export function secondTryOf(run: VitestRun, tally: Tally): VitestRun | undefined {
  const files = [...new Set(tally.failures.map(({ file }) => file))];
  const isOfTests = tally.failures.every(({ test }) => test !== '');
  if (!isOfTests || files.length === 0 || files.length > FILES_MAX) return undefined;
  return { ...run, name: `${run.name}-again`, files };
}

/** What a run and its second try come to: only a second try in which nothing at all failed helps. */
export function afterSecondTry(
  first: Tally,
  again: Tally,
): { tally: Tally; unsteady: readonly Failure[] } {
  if (again.failed > 0 || again.passed < first.failed) return { tally: first, unsteady: [] };
  const passed = first.passed + first.failed;
  return { tally: { ...first, passed, failed: 0, failures: [] }, unsteady: first.failures };
}
