/** Runs one tool of the test run in its own process group, with a limit on its time. */
import { spawn } from 'node:child_process';
import { SystemClock } from '../../server/base/clock.ts';
import { PACKAGE_ROOT } from '../../server/config.ts';

/** What to run: a JavaScript file with this Node. */
export interface Program {
  /** Path below the project's folder. */
  script: string;
  args: readonly string[];
  timeoutMs: number;
  /** `show` passes the output on as it comes, `keep` hands it back. */
  output: 'show' | 'keep';
  /** Beside those of this process. */
  env?: Readonly<Record<string, string>>;
}

/** How it ended. */
export interface ProgramEnd {
  /** Exit code 0, in time. */
  ok: boolean;
  timedOut: boolean;
  /** stdout and stderr, when they were kept. */
  output: string;
}

/** A linter with a thousand findings says enough in this much. */
const OUTPUT_MAX_CHARS = 200_000;

const clock = new SystemClock();

/** Runs `program` to its end; never throws. What it leaves running in its group is killed. */
export async function runProgram(program: Program): Promise<ProgramEnd> {
  const stdout = program.output === 'show' ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, [program.script, ...program.args], {
    cwd: PACKAGE_ROOT,
    env: { ...process.env, ...program.env },
    stdio: ['ignore', stdout, stdout],
    // A group of its own, so that a stuck test's ffmpeg goes with it.
    detached: true,
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(0, OUTPUT_MAX_CHARS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  let timedOut = false;
  const guard = clock.setTimer(program.timeoutMs, () => {
    timedOut = true;
    killGroup(child.pid);
  });
  const onInterrupt = (): void => {
    killGroup(child.pid);
    process.exit(130);
  };
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('close', resolve);
  });
  guard.cancel();
  process.removeListener('SIGINT', onInterrupt);
  process.removeListener('SIGTERM', onInterrupt);
  killGroup(child.pid);
  return { ok: code === 0 && !timedOut, timedOut, output };
}

/** Only the group that we made; it may be gone already. */
function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}
