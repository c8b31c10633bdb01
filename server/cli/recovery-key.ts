/** The recovery key for a command: from a file or typed, and footage keys that it opens. */
import { open } from 'node:fs/promises';
import { fileKeyOf } from '../age/header.ts';
import { type AgeIdentity, parseIdentity } from '../age/identity.ts';
import { AppError } from '../base/errors.ts';
import { fileError } from '../storage/file-error.ts';
import type { FootageKeys } from '../storage/file-keys.ts';
import type { Surroundings } from './command.ts';

/** A few sheets with comments; longer is another file, named by mistake. */
const FILE_MAX_BYTES = 65_536;

/** As many households as anybody has sheets of; each costs a curve per file. */
const KEYS_MAX = 16;

/** A slip in 74 characters is likely; three in a row are another sheet. */
const TRIES_MAX = 3;

const QUESTION = 'Recovery key (AGE-SECRET-KEY-1…; it is not shown): ';

/** Opens what the sheets open; seals nothing. */
export class RecoveryKeys implements FootageKeys {
  readonly isOpen = true;
  readonly identities: readonly AgeIdentity[];

  constructor(identities: readonly AgeIdentity[]) {
    this.identities = identities;
  }

  newHeader(): Promise<never> {
    return Promise.reject(new AppError('internal', 'a recovery key seals nothing here'));
  }

  unwrapFileKey(header: Buffer): Promise<Buffer> {
    return fileKeyOf(header, this.identities);
  }
}

/** Refuses a key among the arguments: by then it is in the shell's history, and in the list of
 * processes that everybody on the machine can read. Its text is not repeated. */
export function refuseKeyArgument(args: readonly string[]): void {
  if (!args.some((arg) => /AGE-SECRET-KEY-1/i.test(arg))) return;
  throw new AppError('invalid', 'A recovery key does not belong on the command line.', {
    hint:
      'Other programs could read it there, and the shell keeps it: remove that line from its ' +
      'history. Leave the key out, and it is asked for; or put it into a file: --identity FILE.',
  });
}

/** From the file at `path`, as age reads it: one key a line, and comments. */
export async function keysFromFile(path: string): Promise<RecoveryKeys> {
  const text = await readText(path);
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const read = await Promise.all(keys.slice(0, KEYS_MAX).map(parseIdentity));
  const identities = read.filter((identity) => identity !== undefined);
  if (keys.length === 0 || keys.length > KEYS_MAX || identities.length < keys.length) {
    throw new AppError('invalid', `${path} holds no recovery key that can be read.`, {
      hint: `One AGE-SECRET-KEY-1… a line, ${KEYS_MAX} at most; check each character.`,
    });
  }
  return new RecoveryKeys(identities);
}

/** Asks for it. */
export async function keysFromPrompt({ askSecret, remark }: Surroundings): Promise<RecoveryKeys> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const typed = await askSecret(QUESTION);
    if (typed === undefined) break;
    const identity = await parseIdentity(typed);
    if (identity !== undefined) return new RecoveryKeys([identity]);
    remark('That is not a recovery key. Check each character against the sheet.');
  }
  throw new AppError('invalid', 'No recovery key was given.', {
    hint: 'Type it at the question in a terminal, or put it into a file: --identity FILE.',
  });
}

async function readText(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(FILE_MAX_BYTES);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      return bytes.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const error = fileError(thrown);
    throw new AppError(error.kind, `${path} cannot be read.`, {
      cause: thrown,
      hint: 'Name a file with the recovery key that your account may read.',
    });
  }
}
