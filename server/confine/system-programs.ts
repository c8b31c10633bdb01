/** The two programs that a service is made with. `service install` alone starts them, as root. */
import { execFile } from 'node:child_process';
import { AppError } from '../base/errors.ts';

/** What may be started, by its full path: nothing is searched for on root's behalf. */
export const SYSTEM_PROGRAMS = {
  useradd: '/usr/sbin/useradd',
  systemctl: '/usr/bin/systemctl',
} as const;

/** See `SYSTEM_PROGRAMS`. */
export type SystemProgram = keyof typeof SYSTEM_PROGRAMS;

/** Runs one to its end; rejects with an `unavailable` AppError that carries what it said. */
export type RunSystemProgram = (program: SystemProgram, args: readonly string[]) => Promise<void>;

/** systemctl waits for the start, which prepares keys on a slow machine. */
const WITHIN_MS = 90_000;

/** The real thing. */
export const runSystemProgram: RunSystemProgram = (program, args) =>
  new Promise((resolve, reject) => {
    const path = SYSTEM_PROGRAMS[program];
    execFile(path, [...args], { env: { LC_ALL: 'C' }, timeout: WITHIN_MS }, (cause, _out, said) => {
      if (cause === null) {
        resolve();
        return;
      }
      reject(
        new AppError('unavailable', `${[path, ...args].join(' ')} did not work.`, {
          hint: said.trim().split('\n').at(-1) ?? '',
          cause,
        }),
      );
    });
  });
