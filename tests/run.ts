/** `npm test`: every check and every test; the last line is `N passed, N failed[, N skipped]`. */
import { runChecks } from './runner/checks.ts';
import { takeEarlyChecks } from './runner/early-checks.ts';
import { exitStatusOf, sumOf, type Tally, tallyLine } from './runner/tally.ts';
import { LATER_RUNS, QUICK_RUN } from './runner/runs.ts';
import { runSignatures } from './runner/signatures.ts';
import { runVitest } from './runner/vitest-run.ts';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const tallies: Tally[] = await Promise.all([
  takeEarlyChecks() ?? runChecks(print),
  runVitest(QUICK_RUN, print),
  runSignatures(print),
]);
for (const run of LATER_RUNS) tallies.push(await runVitest(run, print));
const total = sumOf(tallies);
print(`\n${tallyLine(total)}`);
process.exitCode = exitStatusOf(total);
