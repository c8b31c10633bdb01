/** `npm test`: every check and every test; the last line is `N passed, N failed[, N skipped]`. */
import { runChecks } from './runner/checks.ts';
import { exitStatusOf, sumOf, type Tally, tallyLine } from './runner/tally.ts';
import { runVitestProject, type VitestProject } from './runner/vitest-project.ts';

const MINUTE_MS = 60_000;

/** In the order in which a failure is cheapest to find. */
const PROJECTS: readonly VitestProject[] = [
  { name: 'repo', timeoutMs: 5 * MINUTE_MS },
  { name: 'unit', timeoutMs: 10 * MINUTE_MS },
  { name: 'fuzz', timeoutMs: 10 * MINUTE_MS },
  { name: 'integration', timeoutMs: 30 * MINUTE_MS },
  { name: 'e2e', timeoutMs: 15 * MINUTE_MS },
  { name: 'fault', timeoutMs: 15 * MINUTE_MS },
  { name: 'crash', timeoutMs: 30 * MINUTE_MS },
];

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const tallies: Tally[] = [await runChecks(print)];
for (const project of PROJECTS) tallies.push(await runVitestProject(project, print));
const total = sumOf(tallies);
print(`\n${tallyLine(total)}`);
process.exitCode = exitStatusOf(total);
