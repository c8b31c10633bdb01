/** Nothing that went wrong passes unseen: how a run of vitest becomes counts. */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../runner/run-program.ts';
import { exitStatusOf, sumOf, tallyLine } from '../../runner/tally.ts';
import { judge, type VitestReport } from '../../runner/vitest-run.ts';

const good = { ok: true, timedOut: false, output: '' };
const bad = { ...good, ok: false };
const passing: VitestReport = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [{ name: 'a', status: 'passed', assertionResults: [{ status: 'passed' }] }],
};

describe('a run of vitest', () => {
  it('counts what passed and what was skipped', () => {
    expect(judge(good, passing)).toEqual({ tally: { passed: 3, failed: 0, skipped: 2 } });
  });

  it('fails when it wrote no report', () => {
    expect(judge(good, undefined).tally).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('fails for each file that could not be loaded', () => {
    const testResults = [
      { name: 'a', status: 'failed', assertionResults: [] },
      { name: 'b', status: 'failed', assertionResults: [{ status: 'failed' }] },
    ];
    const end = judge(bad, { ...passing, numFailedTests: 1, testResults });
    expect(end.tally.failed).toBe(2);
    expect(end.problem).toContain('a');
  });

  it('fails on an error outside of the tests', () => {
    expect(judge(bad, passing).tally).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it('fails when it took too long, whatever passed before', () => {
    expect(judge({ ...bad, timedOut: true }, passing).tally.failed).toBe(1);
  });

  it('fails when no test ran', () => {
    const none = { ...passing, numPassedTests: 0, numPendingTests: 0, numTodoTests: 0 };
    expect(judge(good, none).tally.failed).toBe(1);
  });
});

describe('the last line', () => {
  it('names what was skipped only if something was', () => {
    expect(tallyLine({ passed: 2, failed: 0, skipped: 0 })).toBe('2 passed, 0 failed');
    expect(tallyLine({ passed: 2, failed: 1, skipped: 4 })).toBe('2 passed, 1 failed, 4 skipped');
  });

  it('goes with an exit status of 0 only when something passed and nothing failed', () => {
    const one = { passed: 1, failed: 0, skipped: 0 };
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
