/** `npm run check`: format, lint, types, rules of the tree, unit tests; what to run before a commit. */
import { runChecks } from './runner/checks.ts';
import { exitStatusOf, failureLines, sumOf, tallyLine } from './runner/tally.ts';
import { runVitest } from './runner/vitest-run.ts';

/** The unit tests take seconds; this is for a test that hangs. */
const TIMEOUT_MS = 10 * 60_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const total = sumOf([
  await runChecks(print),
  await runVitest({ name: 'check', projects: ['repo', 'unit'], timeoutMs: TIMEOUT_MS }, print),
]);
print(`\n${[...failureLines('FAIL', total.failures), tallyLine(total)].join('\n')}`);
process.exitCode = exitStatusOf(total);
