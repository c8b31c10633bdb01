/** The process: environment in, exit status out. What is in between is `app.ts`. */
import './egress/guard.ts';
import { SystemClock } from './base/clock.ts';
import { keepMemoryOutOfDumps } from './base/core-dump.ts';
import { AppError, errorChain, toAppError } from './base/errors.ts';
import { createLog, errorFields } from './base/log.ts';
import { secrets } from './base/secret.ts';
import type { MonotonicMs } from './base/time.ts';
import type { RestartingApp } from './restarting-app.ts';
import { readConfig } from './config.ts';
import { startRestartingApp } from './restarting-app.ts';
import { askWhetherHome, canAsk, type TerminalFacts } from './reach/terminal-question.ts';

/** Exit statuses; docs/ref/config.md lists them for people. */
const EXIT_STOPPED = 0;
const EXIT_DEFECT = 1;
const EXIT_SETTINGS = 2;
const EXIT_DATA_FOLDER = 3;
const EXIT_ADDRESS_IN_USE = 4;

/** An orderly stop flushes a few parts; a disk that takes longer is not going to. systemd waits 90 s
 * before it kills, people wait less. */
const STOP_WITHIN_MS = 10_000;

/** npm passes on a SIGINT that the terminal has sent to everyone already: one press of Ctrl-C is two
 * signals, some milliseconds apart. A person who presses again takes longer. */
const SAME_PRESS_MS = 500;

const clock = new SystemClock();
const log = createLog((line) => process.stderr.write(line));

async function main(): Promise<void> {
  if (!keepMemoryOutOfDumps() && process.platform === 'linux') {
    log.warn({}, 'a core dump of this process would hold its memory');
  }
  // Asked for before anything is open: a start that is under way is finished and then stopped.
  const asked = stopAsked();
  const app = await startRestartingApp({
    config: readConfig(process.env, process.cwd()),
    ...{ clock, log },
    print: (line) => process.stdout.write(`${line}\n`),
    ...(canAsk(terminalFacts()) && {
      ask: (signal) =>
        askWhetherHome({ input: process.stdin, output: process.stdout, clock, signal }),
    }),
    onDefect: (error) => {
      stopAfterDefect(error);
    },
    onCannotRestart: couldNotStart,
  });
  void asked.then((signal) => stop(app, signal));
}

function terminalFacts(): TerminalFacts {
  // Node's types say `true`; where there is no terminal, they are undefined.
  const [stdinIsTty, stdoutIsTty] = [process.stdin, process.stdout].map(
    ({ isTTY }: { isTTY?: boolean }) => isTTY === true,
  );
  return {
    ...{ platform: process.platform, env: process.env },
    ...{ stdinIsTty: stdinIsTty === true, stdoutIsTty: stdoutIsTty === true },
  };
}

/** Resolves with the first signal to stop; a later one ends the process at once. */
function stopAsked(): Promise<string> {
  return new Promise((resolve) => {
    let askedMs: MonotonicMs | undefined;
    const onSignal = (signal: string): void => {
      askedMs ??= clock.monotonicMs();
      if (clock.monotonicMs() - askedMs > SAME_PRESS_MS) {
        log.warn({ signal }, 'stopping at once; the next start cleans up');
        process.exit(EXIT_DEFECT);
      }
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  });
}

async function stop(app: RestartingApp, signal: string): Promise<void> {
  log.info({ signal }, 'stopping');
  const late = clock.sleep(STOP_WITHIN_MS).then(() => {
    throw new AppError('timeout', 'the stop took too long');
  });
  try {
    await Promise.race([app.stop(), late]);
    log.info({}, 'stopped');
    process.exit(EXIT_STOPPED);
  } catch (thrown) {
    log.error(errorFields(thrown), 'not stopped in order; the next start cleans up');
    process.exit(EXIT_DEFECT);
  }
}

/** What is not understood is not carried on with: the next start recovers what was durable. */
function stopAfterDefect(thrown: unknown): never {
  log.error(
    { ...errorFields(thrown), stack: thrown instanceof Error ? thrown.stack : undefined },
    'stopping after a defect; please report this line',
  );
  process.exit(EXIT_DEFECT);
}

function exitStatusOf(error: AppError): number {
  switch (error.reason) {
    case 'address-in-use':
      return EXIT_ADDRESS_IN_USE;
    case 'settings':
      return EXIT_SETTINGS;
    default:
      return error.kind === 'internal' ? EXIT_DEFECT : EXIT_DATA_FOLDER;
  }
}

function couldNotStart(thrown: unknown): never {
  const error = toAppError(thrown);
  log.error({ ...errorFields(error) }, 'could not start');
  const chain = error.kind === 'internal' ? `${errorChain(error)}\n` : '';
  const words = `\nDoorkeep did not start: ${error.message}\n${error.hint ?? ''}\n${chain}`;
  process.stderr.write(secrets.redact(words));
  process.exit(exitStatusOf(error));
}

process.on('uncaughtException', stopAfterDefect);
process.on('unhandledRejection', stopAfterDefect);

await main().catch(couldNotStart);
