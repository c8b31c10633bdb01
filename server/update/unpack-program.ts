/** From the tar of an update to files on the disk, within the limits that its head states. */
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { syncDirectory } from '../base/atomic-file.ts';
import { AppError, errnoCode } from '../base/errors.ts';
import { USTAR_BLOCK_BYTES, ustarPadding } from '../base/ustar.ts';
import { ByteStream } from './byte-stream.ts';
import { notAProgram, type ProgramFile, readProgramFile } from './program-tar.ts';
import type { UpdateHead } from './update-head.ts';

/** Everybody may read a program. */
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** Two blocks of zeros end a tar; tar(1) fills up to 20 (its default record). */
const END_MAX_BYTES = 20 * USTAR_BLOCK_BYTES;

/**
 * update 5: unpacks into the new and empty folder `into`, durably. Throws `unprocessable` for anything that
 * is not the number of plain files, and bytes, that the head states.
 */
export async function unpackProgram(
  packed: AsyncIterable<Buffer>,
  into: string,
  { files, unpackedBytes }: UpdateHead,
): Promise<void> {
  const gunzip = createGunzip();
  const source = Readable.from(packed, { objectMode: false });
  // What the source throws is the reason; gunzip alone would say that its input ended.
  source.once('error', (error) => gunzip.destroy(error));
  const tar = new ByteStream(source.pipe(gunzip) as AsyncIterable<Buffer>);
  const folders = new Set([into]);
  let [count, bytes] = [0, 0];
  try {
    for (;;) {
      const file = readProgramFile(await tar.whole(USTAR_BLOCK_BYTES));
      if (file === undefined) break;
      count += 1;
      bytes += file.sizeBytes;
      if (count > files || bytes > unpackedBytes) throw notAProgram('more than its head says');
      await writeOut(tar, file, { into, folders });
      await tar.whole(ustarPadding(file.sizeBytes));
    }
    if (count !== files || bytes !== unpackedBytes) throw notAProgram('less than its head says');
    await mustEnd(tar);
  } catch (thrown) {
    throw inWords(thrown);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  for (const folder of folders) await syncDirectory(folder);
}

/** Into a new file: a name that is there already, whichever way it is written, is refused by the disk. */
async function writeOut(
  tar: ByteStream,
  { name, sizeBytes }: ProgramFile,
  { into, folders }: { readonly into: string; readonly folders: Set<string> },
): Promise<void> {
  const path = join(into, name);
  const above: string[] = [];
  for (let at = dirname(path); !folders.has(at); at = dirname(at)) above.unshift(at);
  for (const folder of above) {
    await mkdir(folder, { mode: FOLDER_MODE });
    folders.add(folder);
  }
  const file = await open(path, 'wx', FILE_MODE);
  try {
    for await (const piece of tar.exactly(sizeBytes)) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Zeros to the end, and not many. It is read to the end, so that the hash of all of it is known. */
async function mustEnd(tar: ByteStream): Promise<void> {
  let left = END_MAX_BYTES;
  for (;;) {
    const piece = await tar.some(END_MAX_BYTES);
    if (piece === undefined) return;
    left -= piece.length;
    if (left < 0 || piece.some((byte) => byte !== 0)) throw notAProgram('something behind its end');
  }
}

function inWords(thrown: unknown): unknown {
  if (thrown instanceof AppError) {
    return thrown.kind === 'corrupt' ? notAProgram('an early end') : thrown;
  }
  const code = errnoCode(thrown);
  if (code !== undefined && /^Z_|^ERR_/.test(code)) return notAProgram('broken gzip');
  // A name twice, or a file where a folder is to be.
  if (code === 'EEXIST' || code === 'ENOTDIR') return notAProgram('a name twice');
  return thrown;
}
