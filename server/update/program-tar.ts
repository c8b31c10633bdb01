/** What may be in the tar of an update: plain files with plain names. Pure. */
import { AppError } from '../base/errors.ts';
import { isUstarEnd, readUstarBlock, ustarBlock } from '../base/ustar.ts';

/** Everybody on the machine may read a program; only its owner changes it. */
const MODE = 0o644;

/** No file of ours is over 1 MB; the lock file is the largest. */
export const FILE_MAX_BYTES = 32 * 1024 * 1024;

/** The two fields of a name (pax(1)). */
const NAME_MAX_BYTES = 100;
const PREFIX_MAX_BYTES = 155;

/** One part of a name. A dot may be first, as in `.npmrc`; `.` and `..` are none. */
const PART = /^(?!\.{1,2}$)[A-Za-z0-9._@+-]{1,100}$/;

/** `server/storage/…` has three. */
const PARTS_MAX = 12;

/** One file of an update. */
export interface ProgramFile {
  /** Its parts between slashes. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** Whether a file of an update may have this name. */
export function isProgramName(name: string): boolean {
  const parts = name.split('/');
  return parts.length <= PARTS_MAX && parts.every((part) => PART.test(part));
}

/** The block before a file. `internal` for a file that an update cannot hold. */
export function programFileBlock({ name, sizeBytes }: ProgramFile, modifiedMs: number): Buffer {
  const split = splitName(name);
  if (split === undefined || !isProgramName(name) || sizeBytes > FILE_MAX_BYTES) {
    throw new AppError('internal', `an update cannot hold ${name}`);
  }
  return ustarBlock({ ...split, sizeBytes, mode: MODE, modifiedMs });
}

/** The file that a block announces; undefined at the end. `unprocessable` for anything else. */
export function readProgramFile(block: Buffer): ProgramFile | undefined {
  if (isUstarEnd(block)) return undefined;
  const found = readUstarBlock(block);
  if (typeof found === 'string') throw notAProgram(found);
  if (found.type !== '0' || found.linkName !== '')
    throw notAProgram('something that is no plain file');
  const name = found.prefix === '' ? found.name : `${found.prefix}/${found.name}`;
  if (!isProgramName(name)) throw notAProgram('a name');
  if (found.sizeBytes > FILE_MAX_BYTES) throw notAProgram('a file that is too large');
  return { name, sizeBytes: found.sizeBytes };
}

/** A name of over 100 bytes is split at a slash; undefined where that is not enough. */
function splitName(whole: string): { name: string; prefix: string } | undefined {
  if (whole.length <= NAME_MAX_BYTES) return { name: whole, prefix: '' };
  const at = whole.indexOf('/', whole.length - NAME_MAX_BYTES - 1);
  if (at === -1 || at > PREFIX_MAX_BYTES) return undefined;
  return { name: whole.slice(at + 1), prefix: whole.slice(0, at) };
}

/** For what was signed and yet cannot be taken: a mistake of whoever made it. */
export function notAProgram(what: string): AppError {
  return new AppError('unprocessable', 'What is in this update is not a Doorkeep.', {
    reason: 'update-content',
    hint: 'Nothing was changed. Please tell Doorkeep’s maintainers which file it was.',
    cause: new Error(`in the update: ${what}`),
  });
}
