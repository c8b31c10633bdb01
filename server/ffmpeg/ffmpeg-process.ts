/** One ffmpeg process: its lifetime is a signal, its output goes to sinks, its end is one promise. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { Clock, Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { PacedSource, ReadPace } from '../base/read-pace.ts';
import { secrets } from '../base/secret.ts';
import { withPermit } from '../egress/permits.ts';

/** How the process ended. */
export interface FfmpegExit {
  /** Exit status, or null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines it wrote to standard error, without secrets. */
  readonly stderrTail: string;
}

/** What `startFfmpeg` needs. */
export interface FfmpegOptions {
  /** Path of the ffmpeg binary. */
  binary: string;
  argv: readonly string[];
  clock: Clock;
  /** Ends the process: SIGTERM, and after `KILL_AFTER_MS` SIGKILL. */
  signal: AbortSignal;
  /** Called with each chunk of the output descriptor (1, 3, 4 …). A throw ends the process. */
  outputs: ReadonlyMap<number, (chunk: Buffer) => void>;
  /** When the outputs are read; `isCalm`: nobody waits for them. Without it, at once. */
  pacing?: { readonly pace: ReadPace; readonly isCalm: () => boolean };
  /** Opens standard input as a pipe when true. */
  input?: boolean;
}

/** A running ffmpeg. */
export interface FfmpegProcess {
  readonly pid: number;
  /** Standard input, when `input` was asked for. */
  readonly stdin: Writable | undefined;
  /** Resolves when the process is gone and every output has been read to its end. Rejects with the
   * error that an output sink threw, or `internal` when it could not be started. */
  readonly exited: Promise<FfmpegExit>;
  /** Ends the process now; `exited` still says how it went. */
  kill(): void;
}

/** ffmpeg closes its files on SIGTERM within milliseconds; 2 s allow for a slow disk. */
const KILL_AFTER_MS = 2_000;

/** Enough for the reason ffmpeg gives, too little to fill memory when it repeats itself. */
const STDERR_TAIL_CHARS = 4_096;

/**
 * util-linux's `setpriv --pdeathsig` lets the kernel end ffmpeg when the server is gone, whichever
 * way it went. Elsewhere the closed relay ends its input, which does the same a moment later.
 */
const SETPRIV = '/usr/bin/setpriv';
const hasSetpriv = process.platform === 'linux' && canExecute(SETPRIV);

/** Starts ffmpeg with nothing of our environment but the language of its messages. */
export function startFfmpeg(options: FfmpegOptions): FfmpegProcess {
  if (options.signal.aborted) throw new AppError('cancelled', 'stopped before ffmpeg started');
  const child = spawnChild(options);
  if (child.pid === undefined) {
    // spawn reports the reason through 'error'; without a listener that would end the server.
    child.on('error', () => undefined);
    throw notStarted(options.binary);
  }
  let killTimer: Timer | undefined;
  let hasExited = false;
  const kill = (): void => {
    if (hasExited) return;
    child.kill('SIGTERM');
    killTimer ??= options.clock.setTimer(KILL_AFTER_MS, () => {
      child.kill('SIGKILL');
    });
  };
  options.signal.addEventListener('abort', kill, { once: true });
  child.stdin?.on('error', () => {
    // EPIPE: ffmpeg went first. How it went is what `exited` says.
  });
  const exited = watch(child, options, kill).finally(() => {
    hasExited = true;
    killTimer?.cancel();
    options.signal.removeEventListener('abort', kill);
  });
  return { pid: child.pid, stdin: child.stdin ?? undefined, exited, kill };
}

function spawnChild(options: FfmpegOptions): ChildProcess {
  const highest = Math.max(2, ...options.outputs.keys());
  const stdio = Array.from({ length: highest + 1 }, (_, fd): 'pipe' | 'ignore' =>
    fd === 2 || options.outputs.has(fd) || (fd === 0 && options.input === true) ? 'pipe' : 'ignore',
  );
  const env = { LC_ALL: 'C', AV_LOG_FORCE_NOCOLOR: '1' };
  return withPermit({ kind: 'program', program: 'ffmpeg', path: options.binary }, () =>
    hasSetpriv
      ? spawn(SETPRIV, ['--pdeathsig', 'KILL', '--', options.binary, ...options.argv], {
          ...{ stdio, env },
        })
      : spawn(options.binary, options.argv, { stdio, env }),
  );
}

function watch(child: ChildProcess, options: FfmpegOptions, kill: () => void): Promise<FfmpegExit> {
  return new Promise((resolve, reject) => {
    let sinkError: unknown;
    let tail = '';
    const sources: PacedSource[] = [];
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      tail = lastLines(tail + text);
    });
    for (const [fd, sink] of options.outputs) {
      const output = child.stdio[fd] as Readable;
      output.on('error', kill);
      const { pacing } = options;
      const source = pacing?.pace.source(output, pacing.isCalm);
      if (source !== undefined) sources.push(source);
      output.on('data', (chunk: Buffer) => {
        if (sinkError !== undefined) return;
        source?.afterRead(chunk.length);
        try {
          sink(chunk);
        } catch (thrown) {
          sinkError = thrown;
          kill();
        }
      });
    }
    child.once('error', reject);
    child.once('exit', () => {
      // What is left is read at once: an end is news.
      for (const source of sources) source.release();
    });
    // 'close' and not 'exit': by then every output has been read to its end.
    child.once('close', (code, signal) => {
      if (setprivFailed(code, tail)) {
        reject(notStarted(options.binary, new Error(tail.trim())));
      } else if (sinkError === undefined) {
        resolve({ code, signal, stderrTail: secrets.redact(tail.trim()) });
      } else {
        reject(sinkError instanceof Error ? sinkError : new AppError('internal', 'sink failed'));
      }
    });
  });
}

/** The newest whole lines: half a line could hold half a secret, which nothing would recognise. */
function lastLines(text: string): string {
  if (text.length <= STDERR_TAIL_CHARS) return text;
  const end = text.slice(-STDERR_TAIL_CHARS);
  const lineEnd = end.indexOf('\n');
  return lineEnd < 0 ? '' : end.slice(lineEnd + 1);
}

/** 126 and 127 are what a shell answers for a command that cannot be run or found; setpriv too. */
function setprivFailed(code: number | null, stderr: string): boolean {
  return hasSetpriv && (code === 126 || code === 127) && stderr.startsWith('setpriv: ');
}

function notStarted(binary: string, cause?: Error): AppError {
  return new AppError('internal', `ffmpeg could not be started from ${binary}`, {
    cause,
    hint: 'Run npm start once to set ffmpeg up, or name a working one in DOORKEEP_FFMPEG.',
  });
}

function canExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
