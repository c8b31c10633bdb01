/** `npm test`: every check and every test; the last line is `N passed, N failed[, N skipped]`. */
import { runChecks } from './runner/checks.ts';
import { takeEarlyChecks } from './runner/early-checks.ts';
import { LATER_RUNS, QUICK_RUN } from './runner/runs.ts';
import { afterSecondTry, secondTryOf } from './runner/second-try.ts';
import { runSignatures } from './runner/signatures.ts';
import {
  exitStatusOf,
  type Failure,
  failureLines,
  sumOf,
  type Tally,
  tallyLine,
} from './runner/tally.ts';
import { runVitest } from './runner/vitest-run.ts';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const tallies: Tally[] = await Promise.all([
  takeEarlyChecks() ?? runChecks(print),
  runVitest(QUICK_RUN, print),
  runSignatures(print),
]);
const unsteady: Failure[] = [];
for (const run of LATER_RUNS) {
  const first = await runVitest(run, print);
  const again = run.maySecondTry ? secondTryOf(run, first) : undefined;
  if (again === undefined) {
    tallies.push(first);
    continue;
  }
  const end = afterSecondTry(first, await runVitest(again, print));
  tallies.push(end.tally);
  unsteady.push(...end.unsteady);
}
const total = sumOf(tallies);
const lines = [
  ...failureLines('UNSTEADY', unsteady),
  ...failureLines('FAIL', total.failures),
  tallyLine(total),
];
print(`\n${lines.join('\n')}`);
process.exitCode = exitStatusOf(total);
