/** Counts of what passed, and the last line that says so. */

/** How many tests and checks ended in which way. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** A tally of nothing yet. */
export const NOTHING: Readonly<Tally> = { passed: 0, failed: 0, skipped: 0 };

/** The sum of several tallies. */
export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, tally) => ({
      passed: sum.passed + tally.passed,
      failed: sum.failed + tally.failed,
      skipped: sum.skipped + tally.skipped,
    }),
    NOTHING,
  );
}

/** `N passed, N failed`, and `, N skipped` when some were: tools outside read this line. */
export function tallyLine(tally: Tally): string {
  const counts = `${tally.passed} passed, ${tally.failed} failed`;
  return tally.skipped === 0 ? counts : `${counts}, ${tally.skipped} skipped`;
}

/** 0 when something passed and nothing failed; nothing at all is a failure too. */
export function exitStatusOf(tally: Tally): 0 | 1 {
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}
