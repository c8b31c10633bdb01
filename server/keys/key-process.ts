/** The server's end of the key process: starts it, asks it, notices its end. */
import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { Value } from '@sinclair/typebox/value';
import type { Clock, Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { isRefusalReport } from '../egress/refusal-report.ts';
import { withPermit } from '../egress/permits.ts';
import { tellRefusal } from '../egress/refusals.ts';
import { Answered, type KeyAnswer, type KeyRequest } from './key-messages.ts';

/** More than a household asks at once; each answer is at most a few milliseconds, a password 0.2 s. */
const PENDING_MAX = 32;

/** Eight passwords in a row on a small board take less; a process that takes longer hangs. */
const ANSWER_WITHIN_MS = 20_000;

/** util-linux; sets the limit and becomes the program that it is given. */
const PRLIMIT = '/usr/bin/prlimit';

/** What it is made of. */
export interface KeyProcessParts {
  /** The compiled `key-worker.js`: processes are forked from build output only. */
  readonly entry: string;
  readonly clock: Clock;
  /** The process is gone, and with it every key; not called after `end`. */
  readonly onGone: () => void;
}

interface Pending {
  readonly resolve: (answer: KeyAnswer) => void;
  readonly reject: (error: AppError) => void;
  readonly timer: Timer;
}

/** One process, from start to end; a new one is a new object. */
export class KeyProcess {
  readonly #child: ChildProcess;
  readonly #parts: KeyProcessParts;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #nextId = 0;
  #isEnding = false;

  private constructor(parts: KeyProcessParts) {
    this.#parts = parts;
    this.#child = forkWorker(parts.entry);
    this.#child.on('message', (message) => {
      this.#take(message);
    });
    this.#ended = new Promise((resolve) => {
      const onEnd = (): void => {
        this.#rejectAll();
        resolve();
        if (this.#isEnding) return;
        this.#isEnding = true;
        parts.onGone();
      };
      this.#child.once('exit', onEnd);
      // It could not be started, or a message could not be sent: 'exit' may never come.
      this.#child.on('error', () => {
        this.#child.kill('SIGKILL');
        onEnd();
      });
    });
  }

  /** Starts it; what goes wrong is said by the first request. */
  static start(parts: KeyProcessParts): KeyProcess {
    return new KeyProcess(parts);
  }

  /** For tests and for who looks at the box's processes. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks; `refused` is an answer, what failed is an AppError. `unavailable` when it is gone. */
  async ask(request: KeyRequest): Promise<Exclude<KeyAnswer, { type: 'failed' }>> {
    const answer = await this.#send(request);
    if (answer.type === 'failed') {
      throw new AppError(answer.kind, answer.message, {
        ...(answer.kind === 'corrupt' && {
          hint: 'Put keys/household.json back from a copy of the data folder.',
        }),
      });
    }
    return answer;
  }

  /** Ends it at once, with everything it knows; resolves when it is gone. */
  end(): Promise<void> {
    this.#isEnding = true;
    this.#child.kill('SIGKILL');
    return this.#ended;
  }

  #send(request: KeyRequest): Promise<KeyAnswer> {
    if (this.#isEnding) return Promise.reject(gone());
    if (this.#pending.size >= PENDING_MAX) {
      return Promise.reject(
        new AppError('exhausted', 'Too much is being opened at this moment.', {
          hint: 'Wait a few seconds, then try again.',
          retryAfterMs: 5_000,
        }),
      );
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = this.#parts.clock.setTimer(ANSWER_WITHIN_MS, () => {
        this.#pending.delete(id);
        reject(new AppError('timeout', 'The key process does not answer.'));
        // Nobody knows what it is doing: it is not trusted with a second try.
        this.#child.kill('SIGKILL');
      });
      this.#pending.set(id, { resolve, reject, timer });
      this.#child.send({ id, request }, (error) => {
        if (error !== null) this.#rejectAll();
      });
    });
  }

  #take(message: unknown): void {
    if (isRefusalReport(message)) {
      tellRefusal({ ...message.refused, who: { kind: 'program', name: 'key process' } });
      return;
    }
    if (!Value.Check(Answered, message)) {
      this.#child.kill('SIGKILL');
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    pending?.timer.cancel();
    pending?.resolve(message.answer);
  }

  #rejectAll(): void {
    for (const { reject, timer } of this.#pending.values()) {
      timer.cancel();
      reject(gone());
    }
    this.#pending.clear();
  }
}

function forkWorker(entry: string): ChildProcess {
  // Nothing of our environment or of our flags: an inspector port would open the process.
  const options: ForkOptions = {
    ...{ env: {}, execArgv: [], serialization: 'advanced' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  };
  // fork() runs execPath with execArgv before the entry: prlimit, then Node in its place.
  const limit = { execPath: PRLIMIT, execArgv: ['--core=0:0', '--', process.execPath] };
  return withPermit({ kind: 'program', program: 'key process', path: entry }, () =>
    fork(entry, [], canLimit() ? { ...options, ...limit } : options),
  );
}

function canLimit(): boolean {
  try {
    accessSync(PRLIMIT, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function gone(): AppError {
  return new AppError('unavailable', 'The key process has ended.', {
    hint: 'Unlock again with your password.',
  });
}
