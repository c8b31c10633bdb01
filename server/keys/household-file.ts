/** `DATA/keys/household.json`: read, replaced as a whole, set aside, never deleted. */
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { AppError } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import { Household } from './key-messages.ts';

/** 64 members and 64 generations are 130 kB, eight kept phones of each 400 kB. */
const FILE_MAX_BYTES = 1024 * 1024;

/** The end of a recipient tells two apart well enough for a file's name. */
const NAME_CHARS = 12;

/** The household's file; undefined when there is none. What is there and cannot be used is a
 * `conflict`, because a new one in its place would hide what the old one opens. */
export async function readHousehold(path: string): Promise<Household | undefined> {
  const bytes = await readPrivateFile(path, FILE_MAX_BYTES);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (Value.Check(Household, value)) return value;
  } catch (cause) {
    throw damaged(cause);
  }
  throw damaged();
}

/** Replaces the file; durable when it resolves. */
export async function writeHousehold(path: string, household: Household): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(household, null, 2)}\n`, 0o600);
}

/** Gives a household that has no account its own name, so that its sheet still has a use. The write
 * that follows makes the new name durable. */
export async function setAside(path: string, household: Household): Promise<void> {
  const name = `household-${household.recipient.slice(-NAME_CHARS)}.json`;
  await rename(path, join(dirname(path), name));
}

function damaged(cause?: unknown): AppError {
  return new AppError('conflict', 'the household file (keys/household.json) is damaged', {
    reason: 'unsafe-file',
    hint: 'Put keys/household.json back from a copy of the data folder, then start again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
