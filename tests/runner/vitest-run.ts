/** Runs vitest and counts what it did, from its JSON report and its exit status. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import { type Failure, NOTHING, type Tally, withFailure } from './tally.ts';

/** One start of vitest. */
export interface VitestRun {
  /** Names the report. */
  name: string;
  /** Of tests/vitest.config.ts. */
  projects: readonly string[];
  /** A run that takes longer hangs; it is stopped and counts as a failure. */
  timeoutMs: number;
  /** Only these, one after the other; paths below the project's folder. */
  files?: readonly string[];
}

/** The part of vitest's JSON report that is read. */
export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: readonly {
    /** The file's path. */
    name: string;
    status: string;
    message?: string;
    assertionResults: readonly {
      status: string;
      fullName?: string;
      failureMessages?: readonly string[] | null;
    }[];
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
      ...(run.files === undefined ? [] : ['--no-file-parallelism', ...run.files]),
    ],
    timeoutMs: run.timeoutMs,
    output: 'show',
  });
  const tally = judge(run.name, end, readReport(reportPath));
  for (const { file, test, reason } of tally.failures) {
    if (test === '') print(`FAIL  ${file}: ${reason}`);
  }
  return tally;
}

/**
 * The counts of a run. What no test reports (a file that does not load, an error outside of tests,
 * a crash, a time-out, nothing run at all) counts as one failure, so that it cannot pass unseen.
 */
export function judge(name: string, end: ProgramEnd, report: VitestReport | undefined): Tally {
  const failure = (reason: string): Failure => ({ file: name, test: '', reason });
  const stopped = failure('it took too long and was stopped');
  if (report === undefined) {
    const reason = end.timedOut ? stopped : failure('vitest wrote no report');
    return withFailure(NOTHING, reason);
  }
  const failures = report.testResults.flatMap(failuresOf);
  const unloadable = failures.filter(({ test }) => test === '').length;
  const tally: Tally = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
  if (end.timedOut) return withFailure(tally, stopped);
  if (!end.ok && tally.failed === 0) {
    return withFailure(tally, failure('an error outside of the tests'));
  }
  if (tally.passed + tally.failed + tally.skipped === 0) {
    return withFailure(tally, failure('no test ran'));
  }
  return tally;
}

function failuresOf({
  name,
  status,
  message = '',
  assertionResults,
}: VitestReport['testResults'][number]): Failure[] {
  const file = relative(PACKAGE_ROOT, name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length > 0) {
    return failed.map(({ fullName = '?', failureMessages }) => {
      return { file, test: fullName, reason: failureMessages?.[0] ?? '' };
    });
  }
  if (status !== 'failed') return [];
  return [{ file, test: '', reason: `could not be loaded: ${message}` }];
}

function readReport(path: string): VitestReport | undefined {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
}
