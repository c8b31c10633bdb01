/** The checks that are no tests: format, lint, types. Each counts as one. */
import { NOTHING, type Tally, sumOf, withFailure } from './tally.ts';
import { runProgram } from './run-program.ts';

interface Check {
  name: string;
  /** Run one after the other; the first that fails is the answer. */
  commands: readonly { script: string; args: readonly string[] }[];
}

const TSC = 'node_modules/typescript/bin/tsc';

const CHECKS: readonly Check[] = [
  {
    name: 'format (prettier)',
    commands: [{ script: 'node_modules/prettier/bin/prettier.cjs', args: ['--check', '.'] }],
  },
  {
    name: 'lint (eslint)',
    commands: [
      {
        script: 'node_modules/eslint/bin/eslint.js',
        args: ['-c', 'tests/repo/eslint.config.mjs', '--max-warnings', '0', '.'],
      },
    ],
  },
  {
    name: 'types (tsc)',
    commands: [
      { script: TSC, args: ['-b'] },
      { script: TSC, args: ['-p', 'server/setup'] },
    ],
  },
];

/** Linting with types takes 20 s on two free cores; a Raspberry Pi is ten times slower. */
const CHECK_TIMEOUT_MS = 10 * 60_000;

/** Runs them side by side and prints what each found. */
export async function runChecks(print: (line: string) => void): Promise<Tally> {
  return sumOf(await Promise.all(CHECKS.map((check) => runCheck(check, print))));
}

async function runCheck(check: Check, print: (line: string) => void): Promise<Tally> {
  for (const command of check.commands) {
    const end = await runProgram({ ...command, timeoutMs: CHECK_TIMEOUT_MS, output: 'keep' });
    if (end.ok) continue;
    const reason = end.timedOut ? 'It took too long and was stopped.' : end.output.trimEnd();
    print(`${reason}\nFAIL  ${check.name}`);
    return withFailure(NOTHING, { file: check.name, test: '', reason });
  }
  print(`ok    ${check.name}`);
  return { ...NOTHING, passed: 1 };
}
