/** Runs vitest and counts what it did, from its JSON report and its exit status. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import { NOTHING, type Tally } from './tally.ts';

/** One start of vitest. */
export interface VitestRun {
  /** Names the report. */
  name: string;
  /** Of tests/vitest.config.ts. */
  projects: readonly string[];
  /** A run that takes longer hangs; it is stopped and counts as a failure. */
  timeoutMs: number;
}

/** The part of vitest's JSON report that is read. */
export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: readonly {
    name: string;
    status: string;
    assertionResults: readonly { status: string }[];
  }[];
}

/** Runs the tests of its projects; that there are none is a failure. */
export async function runVitest(run: VitestRun, print: (line: string) => void): Promise<Tally> {
  const output = join(PACKAGE_ROOT, 'tests', 'output');
  const reportPath = join(output, `${run.name}.json`);
  await mkdir(output, { recursive: true });
  // A report left by an earlier run must not stand in for this one.
  await rm(reportPath, { force: true });
  print(`\n== ${run.projects.join(' ')}`);
  const end = await runProgram({
    script: 'node_modules/vitest/vitest.mjs',
    args: [
      ...['run', '--config', 'tests/vitest.config.ts'],
      ...run.projects.flatMap((name) => ['--project', name]),
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`],
    ],
    timeoutMs: run.timeoutMs,
    output: 'show',
  });
  const { tally, problem } = judge(end, readReport(reportPath));
  if (problem !== undefined) print(`FAIL  ${run.name}: ${problem}`);
  return tally;
}

/**
 * The counts of a run. What no test reports (a file that does not load, an error outside of tests,
 * a crash, a time-out, nothing run at all) counts as one failure, so that it cannot pass unseen.
 */
export function judge(
  end: ProgramEnd,
  report: VitestReport | undefined,
): { tally: Tally; problem?: string } {
  if (report === undefined) {
    const problem = end.timedOut ? 'it took too long and was stopped' : 'vitest wrote no report';
    return { tally: { ...NOTHING, failed: 1 }, problem };
  }
  const unloadable = report.testResults.filter(
    (file) =>
      file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  const tally: Tally = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  if (end.timedOut) return withFailure(tally, 'it took too long and was stopped');
  if (unloadable.length > 0) {
    const names = unloadable.map((file) => file.name).join(', ');
    return { tally, problem: `could not be loaded: ${names}` };
  }
  if (!end.ok && tally.failed === 0) return withFailure(tally, 'an error outside of the tests');
  if (tally.passed + tally.failed + tally.skipped === 0) return withFailure(tally, 'no test ran');
  return { tally };
}

function withFailure(tally: Tally, problem: string): { tally: Tally; problem: string } {
  return { tally: { ...tally, failed: tally.failed + 1 }, problem };
}

function readReport(path: string): VitestReport | undefined {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
}
