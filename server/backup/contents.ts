/** What goes into a backup: the copy of the database and the files of keys, each with its hash. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, errnoCode } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import { DATABASE_NAME, KEY_FILE_MAX_BYTES, type ManifestEntry, mayHold } from './manifest.ts';

/** Read in pieces of this size: a few chunks of the sealed file, and little to hash in one turn. */
const READ_BYTES = 256 * 1024;

/** Not ours, and for everybody to read. */
const PUBLIC: ReadonlySet<string> = new Set(['tls/own.crt']);

/** A file that goes in: its place in the manifest, and its bytes, as often as asked. */
export interface BackupFile {
  readonly entry: ManifestEntry;
  readonly read: () => AsyncIterable<Buffer>;
}

/** The copy of the database at `path`; nobody writes to it any more. */
export async function databaseFile(path: string): Promise<BackupFile> {
  const read = (): AsyncIterable<Buffer> => createReadStream(path, { highWaterMark: READ_BYTES });
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const bytes of read()) {
    hash.update(bytes);
    sizeBytes += bytes.length;
  }
  return { entry: { name: DATABASE_NAME, sizeBytes, sha256: hash.digest('hex') }, read };
}

/**
 * The files of `keysPath` that belong into a backup, in memory: each is small, and replaced as a whole
 * while the server runs. `conflict` for one that others may read.
 */
export async function keyFiles(keysPath: string): Promise<BackupFile[]> {
  const names = [...(await namesIn(keysPath)), ...(await namesIn(join(keysPath, 'tls'), 'tls/'))];
  const files: BackupFile[] = [];
  for (const name of names.filter((one) => mayHold(`keys/${one}`)).sort()) {
    const path = join(keysPath, name);
    // An owner's certificate is public, and may be a link to where other programs renew it.
    const bytes = PUBLIC.has(name)
      ? await readFile(path)
      : await readPrivateFile(path, KEY_FILE_MAX_BYTES);
    // Taken away in this moment, or empty so far.
    if (bytes === undefined || bytes.length === 0) continue;
    files.push(memoryFile(`keys/${name}`, bytes));
  }
  return files;
}

/** A file whose bytes are at hand. */
export function memoryFile(name: string, bytes: Buffer): BackupFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  async function* read(): AsyncIterable<Buffer> {
    yield await Promise.resolve(bytes);
  }
  return { entry: { name, sizeBytes: bytes.length, sha256 }, read };
}

async function namesIn(folder: string, prefix = ''): Promise<string[]> {
  try {
    return (await readdir(folder)).map((name) => `${prefix}${name}`);
  } catch (thrown) {
    if (errnoCode(thrown) === 'ENOENT') return [];
    throw new AppError('io', 'The folder of keys cannot be read.', {
      cause: thrown,
      hint: 'Check that Doorkeep may read its data folder.',
    });
  }
}
