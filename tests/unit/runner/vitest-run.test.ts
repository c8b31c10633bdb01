/** Nothing that went wrong passes unseen: how a run of vitest becomes counts. */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../runner/run-program.ts';
import { afterSecondTry, secondTryOf } from '../../runner/second-try.ts';
import { exitStatusOf, failureLines, NOTHING, sumOf, tallyLine } from '../../runner/tally.ts';
import { judge, type VitestReport } from '../../runner/vitest-run.ts';
import { PACKAGE_ROOT } from '../../../server/config.ts';

const good = { ok: true, timedOut: false, output: '' };
const bad = { ...good, ok: false };
const A = `${PACKAGE_ROOT}/tests/a.test.ts`;
const passing: VitestReport = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [{ name: A, status: 'passed', assertionResults: [{ status: 'passed' }] }],
};
const failing: VitestReport = {
  ...{ ...passing, numFailedTests: 1 },
  testResults: [
    {
      ...{ name: A, status: 'failed' },
      assertionResults: [
        { status: 'passed', fullName: 'the gate opens' },
        { status: 'failed', fullName: 'the gate shuts', failureMessages: ['Error: ajar\nat'] },
      ],
    },
  ],
};

describe('a run of vitest', () => {
  it('counts what passed and what was skipped', () => {
    const counts = { passed: 3, failed: 0, skipped: 2, failures: [] };
    expect(judge('quick', good, passing)).toEqual(counts);
  });

  it('names what failed, and what it said', () => {
    const failure = { file: 'tests/a.test.ts', test: 'the gate shuts', reason: 'Error: ajar\nat' };
    expect(judge('quick', bad, failing)).toMatchObject({ failed: 1, failures: [failure] });
  });

  it('fails when it wrote no report', () => {
    const failure = { file: 'quick', test: '', reason: 'vitest wrote no report' };
    const counts = { passed: 0, failed: 1, skipped: 0, failures: [failure] };
    expect(judge('quick', good, undefined)).toEqual(counts);
  });

  it('fails for each file that could not be loaded', () => {
    const unloaded = { name: A, status: 'failed', message: 'no such file', assertionResults: [] };
    const testResults = [unloaded, ...failing.testResults];
    const tally = judge('quick', bad, { ...failing, testResults });
    expect(tally.failed).toBe(2);
    const reason = 'could not be loaded: no such file';
    expect(tally.failures[0]).toEqual({ file: 'tests/a.test.ts', test: '', reason });
  });

  it('fails on an error outside of the tests', () => {
    expect(judge('quick', bad, passing)).toMatchObject({ passed: 3, failed: 1, skipped: 2 });
  });

  it('fails when it took too long, whatever passed before', () => {
    expect(judge('quick', { ...bad, timedOut: true }, passing).failed).toBe(1);
  });

  it('fails when no test ran', () => {
    const none = { ...passing, numPassedTests: 0, numPendingTests: 0, numTodoTests: 0 };
    expect(judge('quick', good, none).failed).toBe(1);
  });
});

describe('a second try', () => {
  const run = { name: 'integration', projects: ['integration'], timeoutMs: 1 };
  const first = judge('integration', bad, failing);

  it('is of the files in which a test failed', () => {
    const again = { ...run, name: 'integration-again', files: ['tests/a.test.ts'] };
    expect(secondTryOf(run, first)).toEqual(again);
  });

  it('is not where nothing failed, where much did, or where no test is to blame', () => {
    expect(secondTryOf(run, judge('integration', good, passing))).toBeUndefined();
    const four = ['a', 'b', 'c', 'd'].map((file) => ({ file, test: 'shuts', reason: '' }));
    expect(secondTryOf(run, { ...first, failed: 4, failures: four })).toBeUndefined();
    expect(secondTryOf(run, judge('integration', bad, passing))).toBeUndefined();
  });

  it('that holds makes it passed, and unsteady', () => {
    const { tally, unsteady } = afterSecondTry(first, judge('again', good, passing));
    expect(tally).toEqual({ passed: 4, failed: 0, skipped: 2, failures: [] });
    expect(unsteady).toEqual(first.failures);
  });

  it('that fails, or shows nothing, leaves it failed', () => {
    const once = { tally: first, unsteady: [] };
    expect(afterSecondTry(first, judge('again', bad, failing))).toEqual(once);
    expect(afterSecondTry(first, judge('again', bad, undefined))).toEqual(once);
    expect(afterSecondTry(first, NOTHING)).toEqual(once);
  });

  it('in which another test fails does not help', () => {
    const failures = [{ file: 'tests/a.test.ts', test: 'another', reason: '' }];
    const again = { passed: 9, failed: 1, skipped: 0, failures };
    expect(afterSecondTry(first, again)).toEqual({ tally: first, unsteady: [] });
  });
});

describe('what failed', () => {
  it('is said once more, with the first lines of its reason', () => {
    const failures = [
      { file: 'tests/a.test.ts', test: 'the gate shuts', reason: 'Error: ajar\nat\n' },
      { file: 'quick', test: '', reason: 'no test ran' },
    ];
    expect(failureLines('FAIL', failures)).toEqual([
      ...['FAIL  tests/a.test.ts > the gate shuts', '      Error: ajar', '      at'],
      ...['FAIL  quick', '      no test ran'],
    ]);
    expect(failureLines('FAIL', [])).toEqual([]);
  });

  it('is cut where it is long, and counted where it is much', () => {
    const failures = Array.from({ length: 42 }, () => {
      return { file: 'f', test: 't', reason: 'x'.repeat(9_999) };
    });
    const lines = failureLines('FAIL', failures);
    expect(lines.at(-1)).toBe('FAIL  and 2 more');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(700);
  });
});

describe('the last line', () => {
  it('names what was skipped only if something was', () => {
    expect(tallyLine({ ...NOTHING, passed: 2 })).toBe('2 passed, 0 failed');
    const more = { ...NOTHING, passed: 2, failed: 1, skipped: 4 };
    expect(tallyLine(more)).toBe('2 passed, 1 failed, 4 skipped');
  });

  it('goes with an exit status of 0 only when something passed and nothing failed', () => {
    const one = { ...NOTHING, passed: 1 };
    expect(exitStatusOf(sumOf([one, one]))).toBe(0);
    expect(exitStatusOf(sumOf([one, { ...one, failed: 1 }]))).toBe(1);
    expect(exitStatusOf(sumOf([]))).toBe(1);
  });
});

describe('a program of the run', () => {
  const node = (code: string, timeoutMs = 20_000) =>
    runProgram({ script: '-e', args: [code], timeoutMs, output: 'keep' });

  it('hands back what it wrote and how it ended', async () => {
    const end = await node('console.log("out"); console.error("err"); process.exit(3)');
    expect(end.ok).toBe(false);
    expect(end.output).toContain('out');
    expect(end.output).toContain('err');
    expect((await node('')).ok).toBe(true);
  });

  it('is stopped when it takes too long, with what it started', async () => {
    const forever = 'setInterval(() => {}, 1000)';
    const code = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(forever)}]);
      console.log('child', child.pid); ${forever}`;
    const end = await node(code, 1_500);
    expect(end).toMatchObject({ ok: false, timedOut: true });
    const pid = Number(/child (\d+)/.exec(end.output)?.[1]);
    expect(pid).toBeGreaterThan(0);
    // Signal 0 asks whether it is there; a zombie waits for init for a moment, hence the poll.
    await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
