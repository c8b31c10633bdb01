/** One question to whoever sits at the terminal, on a box that has nothing else to show. */
import { createInterface } from 'node:readline/promises';
import type { Clock } from '../base/clock.ts';

/** Long enough to read two lines; a service must be on its way. */
const ANSWER_WITHIN_MS = 60_000;

/** Somebody who types something else three times is a program. */
const TRIES_MAX = 3;

const QUESTION =
  'May phones and computers at home open Doorkeep? Otherwise only this machine can.\n' +
  '[Y/n, a minute to answer] ';

/** What is known of the terminal and the machine. */
export interface TerminalFacts {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
}

/** Whether somebody is there to answer, on a box without a screen: its owner cannot open
 * http://127.0.0.1 in a browser, so the answer decides whether it can be used at all. */
export function canAsk({ platform, env, stdinIsTty, stdoutIsTty }: TerminalFacts): boolean {
  const hasScreen = ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => (env[name] ?? '') !== '');
  return platform === 'linux' && !hasScreen && stdinIsTty && stdoutIsTty;
}

/** Asks; undefined when nobody answered in time, the input ended or `signal` aborted: then nothing was
 * decided. Enter means yes, because a box without a screen is of no use otherwise. */
export async function askWhetherHome(options: {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<boolean | undefined> {
  const { input, output, clock, signal } = options;
  // Not a terminal to readline: the tty driver edits the line, and Ctrl-C stays a signal.
  const lines = createInterface({ input, output, terminal: false });
  const late = new AbortController();
  const timer = clock.setTimer(ANSWER_WITHIN_MS, () => {
    late.abort();
  });
  // The end of the input answers nothing; without this, the question would wait for the minute.
  lines.once('close', () => {
    late.abort();
  });
  try {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const answer = await lines.question(tries === 0 ? QUESTION : 'y or n? ', {
        signal: AbortSignal.any([signal, late.signal]),
      });
      const said = yesOrNo(answer);
      if (said !== undefined) return said;
    }
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'AbortError') {
      output.write('\n');
      return undefined;
    }
    throw thrown;
  } finally {
    timer.cancel();
    lines.close();
    // An input that is still read keeps the process alive and takes keys from the shell.
    input.pause();
  }
}

function yesOrNo(answer: string): boolean | undefined {
  const word = answer.trim().toLowerCase();
  if (word === '' || word === 'y' || word === 'yes') return true;
  return word === 'n' || word === 'no' ? false : undefined;
}
