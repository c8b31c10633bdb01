/** Opening a backup: nothing of it is believed before its bytes, its manifest and its hashes agree. */
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { fileError } from '../storage/file-error.ts';
import { FileKeys, type FootageKeys } from '../storage/file-keys.ts';
import { SCHEMA_VERSION } from '../storage/migrations.ts';
import { openSealedFile, sealedFileBytes } from '../storage/sealed-file.ts';
import { type Manifest, MANIFEST_MAX_BYTES, MANIFEST_NAME, readManifest } from './manifest.ts';
import {
  readTarHeader,
  TAR_BLOCK_BYTES,
  TAR_END,
  tarBytesOf,
  type TarEntry,
  tarPadding,
} from './tar.ts';

/** Opens the header of the file with the recovery key; `corrupt` (`header-no-key`) for another one. */
export type HeaderOpener = FootageKeys['unwrapFileKey'];

/** Copied in pieces of this size. */
const PIECE_BYTES = 1024 * 1024;

/** Plaintext that is read in order. */
interface Plaintext {
  readonly sizeBytes: number;
  /** Fills `target`; `corrupt` where the bytes are not what was sealed, or not there. */
  readonly read: (target: Buffer, offsetBytes: number) => Promise<void>;
}

/**
 * Unpacks the backup at `path` into the empty folder `into`, durably. Throws `unprocessable` for a
 * recovery key that does not open it and for what is no backup, cut short or changed, `conflict`
 * for a newer one, `io`.
 */
export async function unpackBackup(
  path: string,
  into: string,
  openHeader: HeaderOpener,
): Promise<Manifest> {
  try {
    const sizeBytes = await sealedFileBytes(path);
    const reader = await openSealedFile(path, new FileKeys(onlyOpening(openHeader)));
    try {
      if (sizeBytes < TAR_END.length || !(await reader.endsWith(sizeBytes))) throw cutShort();
      return await unpack({ sizeBytes, read: (target, at) => reader.read(target, at) }, into);
    } finally {
      await reader.close();
    }
  } catch (thrown) {
    throw inWords(thrown);
  }
}

async function unpack(plaintext: Plaintext, into: string): Promise<Manifest> {
  const first = await entryAt(plaintext, 0);
  if (first?.name !== MANIFEST_NAME || first.sizeBytes > MANIFEST_MAX_BYTES) throw notABackup();
  const bytes = Buffer.alloc(first.sizeBytes);
  await readInside(plaintext, bytes, TAR_BLOCK_BYTES);
  const manifest = readManifest(bytes, SCHEMA_VERSION);
  let at = tarBytesOf(first.sizeBytes);
  for (const entry of manifest.entries) {
    const found = await entryAt(plaintext, at);
    if (found?.name !== entry.name || found.sizeBytes !== entry.sizeBytes) throw notABackup();
    const target = join(into, entry.name);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const sha256 = await copyOut(plaintext, { entry, at: at + TAR_BLOCK_BYTES, target });
    if (sha256 !== entry.sha256) throw notABackup();
    at += tarBytesOf(entry.sizeBytes);
  }
  const end = Buffer.alloc(TAR_END.length);
  await readInside(plaintext, end, at);
  if (!end.equals(TAR_END) || at + TAR_END.length !== plaintext.sizeBytes) throw notABackup();
  return manifest;
}

async function entryAt(plaintext: Plaintext, at: number): Promise<TarEntry | undefined> {
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  await readInside(plaintext, block, at);
  return readTarHeader(block);
}

/** restore 2: into a new file that this account alone may read, durable when it resolves. Answers its hash. */
async function copyOut(
  plaintext: Plaintext,
  from: { readonly entry: TarEntry; readonly at: number; readonly target: string },
): Promise<string> {
  const { entry, at, target } = from;
  // Asked before anything is written: an entry may claim more than there is.
  if (at + entry.sizeBytes + tarPadding(entry.sizeBytes) > plaintext.sizeBytes) throw notABackup();
  const hash = createHash('sha256');
  const file = await open(target, 'wx', 0o600);
  try {
    for (let done = 0; done < entry.sizeBytes;) {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, entry.sizeBytes - done));
      await readInside(plaintext, piece, at + done);
      hash.update(piece);
      await file.writeFile(piece);
      done += piece.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function readInside(plaintext: Plaintext, target: Buffer, at: number): Promise<void> {
  if (at + target.length > plaintext.sizeBytes) throw notABackup();
  await plaintext.read(target, at);
}

function onlyOpening(openHeader: HeaderOpener): FootageKeys {
  return {
    isOpen: true,
    newHeader: () => Promise.reject(new AppError('internal', 'a backup that is read is written')),
    unwrapFileKey: openHeader,
  };
}

function inWords(thrown: unknown): AppError {
  const error = fileError(thrown);
  switch (error.reason) {
    case 'header-no-key':
      return new AppError('unprocessable', 'This recovery key does not open this backup.', {
        reason: 'wrong-recovery-key',
        hint: 'Check each character. A backup opens with the sheet that was the newest at the time.',
        cause: thrown,
      });
    case 'header-format':
    case 'header-truncated':
    case 'header-too-large':
      return notABackup(thrown);
    case 'chunk-size':
    case 'chunk-changed':
    case 'chunk-number':
    case 'segment-short':
      return cutShort(thrown);
    default:
      return error;
  }
}

function notABackup(cause?: unknown): AppError {
  return new AppError('unprocessable', 'This file is no backup of Doorkeep, or it was changed.', {
    reason: 'backup-content',
    hint: 'Choose the file that Doorkeep gave you; its name ends in .age.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function cutShort(cause?: unknown): AppError {
  return new AppError('unprocessable', 'This backup was changed or is cut short.', {
    reason: 'backup-damaged',
    hint: 'Copy it here again from where you keep it, or use another one.',
    ...(cause === undefined ? {} : { cause }),
  });
}
