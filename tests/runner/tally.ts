/** Counts of what passed, what failed by name, and the last line that says so. */

/** One test or check that failed, or a file of tests that could not be loaded. */
export interface Failure {
  /** Path of its file below the project's folder; the run's name where no file is to blame. */
  file: string;
  /** Its whole name; empty where the file as a whole is meant. */
  test: string;
  /** What it said, cut to a few lines. */
  reason: string;
}

/** How many tests and checks ended in which way. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  failures: readonly Failure[];
}

/** A tally of nothing yet. */
export const NOTHING: Readonly<Tally> = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** More are counted and not named again: something is broken as a whole, and said so above. */
const NAMED_MAX = 40;

const REASON_MAX_CHARS = 600;

/** The sum of several tallies. */
export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, tally) => ({
      passed: sum.passed + tally.passed,
      failed: sum.failed + tally.failed,
      skipped: sum.skipped + tally.skipped,
      failures: [...sum.failures, ...tally.failures],
    }),
    NOTHING,
  );
}

/** `tally` and one failure more. */
export function withFailure(tally: Tally, failure: Failure): Tally {
  return { ...tally, failed: tally.failed + 1, failures: [...tally.failures, failure] };
}

/** `N passed, N failed`, and `, N skipped` when some were: tools outside read this line. */
export function tallyLine(tally: Tally): string {
  const counts = `${tally.passed} passed, ${tally.failed} failed`;
  return tally.skipped === 0 ? counts : `${counts}, ${tally.skipped} skipped`;
}

/** What failed, once more and together: a run prints thousands of lines after the first failure. Empty
 * where nothing did. `word` begins each. */
export function failureLines(word: string, failures: readonly Failure[]): string[] {
  const named = failures.slice(0, NAMED_MAX);
  const more = failures.length - named.length;
  return [
    ...named.flatMap(({ file, test, reason }) => [
      `${word}  ${file}${test === '' ? '' : ` > ${test}`}`,
      ...reason.slice(0, REASON_MAX_CHARS).trimEnd().split('\n').map(indented),
    ]),
    ...(more > 0 ? [`${word}  and ${String(more)} more`] : []),
  ];
}

function indented(line: string): string {
  return `      ${line}`;
}

/** 0 when something passed and nothing failed; nothing at all is a failure too. */
export function exitStatusOf(tally: Tally): 0 | 1 {
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}
