/**
 * `npm run torture -- NAME [--rounds N] [--seed N]`: the long forms of what CI runs a bounded form of.
 * Exit status 0 only if every round held, 1 if one did not, 2 when called wrongly.
 */
import { parseArgs } from 'node:util';
import { runProgram } from './runner/run-program.ts';

/** What each is, and how many rounds it has unless said. */
const TORTURES: Readonly<Record<string, { files: readonly string[]; rounds: number }>> = {
  // SIGKILL of the whole server at random moments while two cameras record; each file opens after it.
  crash: { files: ['tests/crash/server-kill-alone.test.ts'], rounds: 200 },
  // Every file system call of a recording fails once, and the server dies at every one; a round does all.
  fault: {
    files: ['tests/fault/recording-disk.test.ts', 'tests/crash/recording-steps.test.ts'],
    rounds: 1,
  },
  // A small disk, filled from outside with bytes and then with files, while a camera records.
  full: { files: ['tests/fault/full-disk-alone.test.ts'], rounds: 20 },
};

const USAGE = `usage: npm run torture -- ${Object.keys(TORTURES).join('|')} [--rounds N] [--seed N]`;

/** No one asks for more than a night. */
const ROUNDS_MAX = 10_000;

/** What hangs longer than this is no round that holds: the slowest, the fault steps, take a minute. */
const ROUND_MAX_MS = 10 * 60_000;

function whole(text: string, max: number): number | undefined {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 1 && value <= max ? value : undefined;
}

/** Runs one; answers the exit status. */
async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { rounds: { type: 'string' }, seed: { type: 'string' } },
    allowPositionals: true,
  });
  const torture = TORTURES[positionals[0] ?? ''];
  const rounds = whole(values.rounds ?? String(torture?.rounds ?? ''), ROUNDS_MAX);
  const seed = whole(values.seed ?? '1', 2 ** 32 - 1);
  if (torture === undefined || rounds === undefined || seed === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  // The kills count their own rounds; the others begin again.
  const counts = positionals[0] === 'crash';
  for (let round = 0; round < (counts ? 1 : rounds); round += 1) {
    const { ok } = await runProgram({
      script: 'node_modules/vitest/vitest.mjs',
      args: ['run', '--config', 'tests/vitest.config.ts', ...torture.files],
      env: { CRASH_SEED: String(seed), ...(counts ? { CRASH_ROUNDS: String(rounds) } : {}) },
      timeoutMs: ROUND_MAX_MS * (counts ? rounds : 1),
      output: 'show',
    });
    if (!ok) return 1;
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
