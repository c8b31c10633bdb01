/**
 * `npm run torture -- NAME [--rounds N] [--seed N]`: the long forms of what CI runs a bounded form of.
 * Exit status 0 only if every round held, 1 if one did not, 2 when called wrongly.
 */
import { parseArgs } from 'node:util';
import { runProgram } from './runner/run-program.ts';

interface Torture {
  readonly files: readonly string[];
  /** Unless said. */
  readonly rounds: number;
  /** The files count the rounds themselves; the others are run again and again. */
  readonly counts?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** What each is. */
const TORTURES: Readonly<Record<string, Torture>> = {
  // SIGKILL of the server, its key process or an ffmpeg at random moments while two cameras record.
  crash: { files: ['tests/crash/kills-alone.test.ts'], rounds: 200, counts: true },
  // The power is cut while it works; what the disk had not promised is there in part.
  power: {
    ...{ files: ['tests/crash/power-cuts-alone.test.ts'], rounds: 100, counts: true },
    env: { POWER_SECONDS: process.env['POWER_SECONDS'] ?? '65' },
  },
  // Every file system call fails once, and the server dies at every one; a round does all.
  fault: {
    files: [
      ...['tests/fault/recording-disk.test.ts', 'tests/fault/every-call.test.ts'],
      'tests/crash/recording-steps.test.ts',
    ],
    ...{ rounds: 1, env: { FAULT_EVERY: 'all' } },
  },
  // Clocks of the box that step, in 1970, far ahead, both changes of a year; then the real server.
  clock: {
    files: ['tests/crash/clock-steps.test.ts', 'tests/integration/box-clock.test.ts'],
    rounds: 1,
  },
  // Two cameras record for so many minutes as there are rounds: nothing that the server holds grows.
  soak: { files: ['tests/crash/soak-alone.test.ts'], rounds: 60, counts: true },
  // Which key and nonce seal what, through crashes, broken disks and clocks set back; 200,000 chunks each.
  nonces: { files: ['tests/crash/nonces.test.ts'], rounds: 50, counts: true },
  // A small disk, filled from outside with bytes and then with files, while a camera records.
  full: { files: ['tests/fault/full-disk-alone.test.ts'], rounds: 20 },
};

const USAGE = `usage: npm run torture -- ${Object.keys(TORTURES).join('|')} [--rounds N] [--seed N]`;

/** No one asks for more than a night. */
const ROUNDS_MAX = 10_000;

/** What hangs longer than this is no round that holds: the slowest, every call of every recording, take
 * ten minutes. */
const ROUND_MAX_MS = 60 * 60_000;

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
  const { counts = false } = torture;
  for (let round = 0; round < (counts ? 1 : rounds); round += 1) {
    const { ok } = await runProgram({
      script: 'node_modules/vitest/vitest.mjs',
      args: ['run', '--config', 'tests/vitest.config.ts', ...torture.files],
      env: {
        ...{ ...torture.env, TORTURE_SEED: String(seed) },
        ...(counts && { TORTURE_ROUNDS: String(rounds) }),
      },
      timeoutMs: ROUND_MAX_MS * (counts ? rounds : 1),
      output: 'show',
    });
    if (!ok) return 1;
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
