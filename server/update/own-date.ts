/** Of when the running program is, as far as its folder knows: docs/design/updates.md, "Age". */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoCode } from '../base/errors.ts';

/** A day, and what happened on it. */
export interface OwnDate {
  /** `2027-02-01`, by UTC; null where it is not known. */
  readonly date: string | null;
  readonly dateOf: 'release' | 'compiling' | 'nothing';
}

/** In the folder of a release; its signature covers it. */
const RELEASE = 'release.json';

/** What set-up writes when it has compiled the server (server/setup/build.mjs). */
const COMPILED = join('dist', 'server.stamp');

const DAY = /^\d{4}-\d\d-\d\d$/;

/** Reads it once, at the start. A folder that tells nothing is no reason not to start. */
export function ownDate(programPath: string): OwnDate {
  const released = releaseDate(join(programPath, RELEASE));
  if (released !== undefined) return { date: released, dateOf: 'release' };
  const compiled = statSync(join(programPath, COMPILED), { throwIfNoEntry: false });
  if (compiled === undefined) return { date: null, dateOf: 'nothing' };
  return { date: compiled.mtime.toISOString().slice(0, 10), dateOf: 'compiling' };
}

function releaseDate(path: string): string | undefined {
  try {
    const release: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof release !== 'object' || release === null || !('releasedOn' in release)) {
      return undefined;
    }
    const { releasedOn } = release;
    return typeof releasedOn === 'string' && DAY.test(releasedOn) ? releasedOn : undefined;
  } catch (thrown) {
    if (errnoCode(thrown) === 'ENOENT' || thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
