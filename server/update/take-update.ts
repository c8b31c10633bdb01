/**
 * `doorkeep update FILE`: a new installation beside the one that runs, or nothing at all. The steps are
 * those of docs/design/updates.md, "Taking an update".
 */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../base/atomic-file.ts';
import { AppError, cancelled, errnoCode } from '../base/errors.ts';
import { diskSpace } from '../storage/disk-space.ts';
import { fileError } from '../storage/file-error.ts';
import { notAProgram } from './program-tar.ts';
import type { ReleaseKeys } from './release-keys.ts';
import { unpackProgram } from './unpack-program.ts';
import { HEAD_MAX_BYTES, readHead, type SignedHead, type UpdateHead } from './update-head.ts';
import { isAbove } from './version-order.ts';

/** What an update is taken into. */
export interface Installation {
  /** The folder of the running program; the new one comes beside it. */
  readonly programPath: string;
  readonly version: string;
  /** Of the database; undefined where there is none. */
  readonly databaseVersion: number | undefined;
  readonly keys: ReleaseKeys;
  /** Stops between two pieces. */
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface TakenUpdate {
  readonly head: UpdateHead;
  readonly path: string;
  /** Folders that an interrupted update has left. */
  readonly leftOver: readonly string[];
}

/** The file is read in pieces of this size. */
const PIECE_BYTES = 256 * 1024;

/** Small files take whole blocks: a thousand of them, half a block each, and some more. */
const ROOM_EXTRA_BYTES = 16 * 1024 * 1024;

/** Everybody may look into a program's folder. */
const FOLDER_MODE = 0o755;

/** Takes the update at `path`. Everything thrown leaves what is there as it was. */
export async function takeUpdate(path: string, installed: Installation): Promise<TakenUpdate> {
  if (installed.keys.size === 0) throw noKeysYet();
  const file = await openFile(path);
  try {
    // update 1
    const signed = await headOf(file, installed.keys);
    // update 2
    const target = join(dirname(installed.programPath), `doorkeep-${signed.head.version}`);
    refuseBackwards(signed.head, installed);
    await refuseExisting(target);
    // update 3
    await refuseWithoutRoom(dirname(target), signed.head);
    // update 4: all of it before the first file is written
    await readAll(checkedTar(file, signed, installed.signal));
    const leftOver = await foldersLeft(dirname(target));
    await unpackBeside(file, signed, { target, signal: installed.signal });
    return { head: signed.head, path: target, leftOver };
  } finally {
    await file.close();
  }
}

/** The tar's bytes; throws at their end when they are not those that were signed. */
async function* checkedTar(
  file: FileHandle,
  { head, tarAt }: SignedHead,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha512');
  let at = tarAt;
  const end = tarAt + head.sizeBytes;
  while (at < end) {
    if (signal.aborted) throw cancelled(signal);
    const piece = Buffer.alloc(Math.min(PIECE_BYTES, end - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) throw notWhole();
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
  if ((await file.stat()).size !== end || hash.digest('hex') !== head.sha512) throw notWhole();
}

async function readAll(pieces: AsyncGenerator<Buffer>): Promise<void> {
  while ((await pieces.next()).done !== true);
}

/** update 5 to 7 */
async function unpackBeside(
  file: FileHandle,
  signed: SignedHead,
  { target, signal }: { readonly target: string; readonly signal: AbortSignal },
): Promise<void> {
  const { head } = signed;
  let part: string | undefined;
  try {
    part = await mkdtemp(join(dirname(target), partStart(head.version)));
    // update 5: the bytes that are unpacked are hashed, so nothing can be exchanged in between.
    await unpackProgram(checkedTar(file, signed, signal), part, head);
    // update 6
    await mustBe(part, head);
    // update 7
    await chmod(part, FOLDER_MODE);
    await syncDirectory(part);
    await refuseExisting(target);
    await rename(part, target);
    await syncDirectory(dirname(target));
  } catch (thrown) {
    if (part !== undefined) await rm(part, { recursive: true, force: true });
    throw thrown instanceof AppError ? thrown : fileError(thrown);
  }
}

function partStart(version: string): string {
  return `.doorkeep-${version}.part-`;
}

async function foldersLeft(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const isLeft = (name: string): boolean => /^\.doorkeep-[\d.]+\.part-/.test(name);
  return names
    .filter(isLeft)
    .sort()
    .map((name) => join(folder, name));
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (thrown) {
    throw new AppError(fileError(thrown).kind, `${path} cannot be read.`, {
      cause: thrown,
      hint: 'Name the file doorkeep-….update of the release.',
    });
  }
  throw new AppError('invalid', `${path} is not a file.`, {
    hint: 'Name the file doorkeep-….update of the release.',
  });
}

async function headOf(file: FileHandle, keys: ReleaseKeys): Promise<SignedHead> {
  const start = Buffer.alloc(HEAD_MAX_BYTES);
  const { bytesRead } = await file.read(start, 0, start.length, 0);
  return readHead(start.subarray(0, bytesRead), keys);
}

function refuseBackwards(
  { version, schemaVersion }: UpdateHead,
  { version: own, databaseVersion }: Installation,
): void {
  // A version that is none cannot be compared, so nothing is above it.
  if (isAbove(version, own) !== true) {
    throw new AppError('conflict', `This is Doorkeep ${own}; the file holds ${version}.`, {
      reason: 'not-newer',
      hint: 'Only a newer one is taken: an older one lacks what was mended since. Nothing was changed.',
    });
  }
  if (databaseVersion !== undefined && schemaVersion < databaseVersion) {
    throw new AppError('conflict', `Doorkeep ${version} is too old for the database of this box.`, {
      reason: 'below-database',
      hint: 'Take a newer update. Nothing was changed.',
    });
  }
}

async function refuseExisting(target: string): Promise<void> {
  try {
    await lstat(target);
  } catch (thrown) {
    if (errnoCode(thrown) === 'ENOENT') return;
    throw fileError(thrown);
  }
  throw new AppError('conflict', `${target} is there already.`, {
    reason: 'already-there',
    hint: 'If it is not what you want, remove it and try again. Nothing was changed.',
  });
}

async function refuseWithoutRoom(folder: string, { unpackedBytes }: UpdateHead): Promise<void> {
  const needed = unpackedBytes + ROOM_EXTRA_BYTES;
  const { freeBytes } = await diskSpace(folder);
  if (freeBytes >= needed) return;
  throw new AppError('io', `There is no room for the update in ${folder}.`, {
    reason: 'disk-full',
    hint: `Free ${String(Math.ceil(needed / 1024 ** 2))} MiB there and try again.`,
  });
}

async function mustBe(part: string, { version, releasedOn }: UpdateHead): Promise<void> {
  const [program, release] = [
    await jsonOf(join(part, 'package.json')),
    await jsonOf(join(part, 'release.json')),
  ];
  const isThis =
    program['name'] === 'doorkeep' &&
    program['version'] === version &&
    release['version'] === version &&
    release['releasedOn'] === releasedOn;
  if (!isThis) throw notAProgram('another name, version or date than its head says');
}

async function jsonOf(path: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError) && errnoCode(thrown) !== 'ENOENT') throw fileError(thrown);
  }
  throw notAProgram('no package.json or release.json');
}

function noKeysYet(): AppError {
  return new AppError(
    'conflict',
    'This Doorkeep knows no key that an update could be signed with.',
    {
      reason: 'no-release-key',
      hint: 'Its maintainers have published none yet. Until then, update by hand: docs/guide/updates.md.',
    },
  );
}

function notWhole(): AppError {
  return new AppError('unprocessable', 'This update is not whole, or it was changed.', {
    reason: 'update-bytes',
    hint: 'Fetch it again from where Doorkeep is published. Nothing was changed.',
  });
}
