/** What a command is, and how its arguments are read. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';

/** All is well. */
export const EXIT_FINE = 0;
/** It ran to its end and found something. */
export const EXIT_FOUND = 1;
/** It could not do what was asked. */
export const EXIT_COULD_NOT = 2;

/** One of the three above. */
export type ExitStatus = typeof EXIT_FINE | typeof EXIT_FOUND | typeof EXIT_COULD_NOT;

/** What a command has around it. */
export interface Surroundings {
  /** The data folder that the settings name. */
  readonly dataPath: string;
  /** Where the person is: what paths in the arguments start from. */
  readonly workingPath: string;
  /** The folder of this Doorkeep: that of package.json. */
  readonly programPath: string;
  /** Of this Doorkeep. */
  readonly version: string;
  readonly clock: Clock;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** One line of the result. */
  readonly print: (line: string) => void;
  /** One line for the person beside it: progress, and what is wrong. */
  readonly remark: (line: string) => void;
  /** Asks for a secret without showing it; undefined where nobody can be asked or nobody answers. */
  readonly askSecret: (question: string) => Promise<string | undefined>;
}

/** A command. */
export type Command = (args: readonly string[], around: Surroundings) => Promise<ExitStatus>;

/** `parseArgs`, strict, with its complaints in our terms (`invalid`). */
export function parseStrictly<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
  usage: string,
): ReturnType<typeof parseArgs<{ options: T; allowPositionals: true; strict: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    // Its second sentence explains a notation that no command here needs.
    throw new AppError('invalid', said.split('. ')[0] ?? said, { hint: usage, cause: thrown });
  }
}
