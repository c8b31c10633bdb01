/** A segment by the path of its file: in a footage folder with its tail beside it, or wherever a copy
 * lies. Neither database nor lock is looked at. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError, errnoCode } from '../base/errors.ts';
import { fileError } from '../storage/file-error.ts';
import { FileKeys, type FootageKeys } from '../storage/file-keys.ts';
import { FootageStore } from '../storage/footage.ts';
import { openSealedFile, tornFileBytes } from '../storage/sealed-file.ts';
import { readSegmentLabel, type SegmentLabel } from '../storage/segment-label.ts';
import type { SegmentReader } from '../storage/segment-reader.ts';
import type { SegmentPlace } from '../storage/segments.ts';

/** An open one; the caller closes the reader. */
export interface SealedSegment {
  readonly reader: SegmentReader;
  readonly label: SegmentLabel;
  /** Plaintext, as far as lengths tell. */
  readonly sizeBytes: number;
  /** Its label names another place than the one where it lies. */
  readonly isExchanged: boolean;
}

/** Opens it. `not-found`, `io`; `corrupt` when the key does not open it or it is no segment. */
export async function openSealedSegment(path: string, keys: FootageKeys): Promise<SealedSegment> {
  await mustBeFile(path);
  const place = placeOfPath(path);
  if (place === undefined) return openLoose(path, keys, false);
  const dataPath = resolve(path, '../../../..');
  const footage = new FootageStore({
    footagePath: resolve(path, '../../..'),
    tailsPath: join(dataPath, 'tails'),
    fileKeys: new FileKeys(keys),
  });
  try {
    // The size first: what a server adds meanwhile is left for another time.
    const sizeBytes = (await footage.durableBytes(place)) ?? 0;
    const reader = await footage.open(place);
    return await labelled(reader, sizeBytes, false);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.reason !== 'segment-exchanged') throw thrown;
    return openLoose(path, keys, true);
  }
}

/** The place that a path in a footage folder names: `<camera>/<run>/<sequence>.age`. */
export function placeOfPath(path: string): SegmentPlace | undefined {
  const file = /^(\d{6,15})\.age$/.exec(basename(path))?.[1];
  const run = basename(dirname(path));
  const cameraId = basename(resolve(path, '../..'));
  if (file === undefined || !/^[1-9]\d{0,14}$/.test(run) || !/^[0-9a-f]{16}$/.test(cameraId)) {
    return undefined;
  }
  const sequence = Number(file);
  const isOurs = String(sequence).padStart(6, '0') === file;
  return isOurs ? { cameraId, runId: Number(run), sequence } : undefined;
}

async function openLoose(
  path: string,
  keys: FootageKeys,
  isExchanged: boolean,
): Promise<SealedSegment> {
  try {
    const sizeBytes = await tornFileBytes(path);
    const reader = await openSealedFile(path, new FileKeys(keys));
    return await labelled(reader, sizeBytes, isExchanged);
  } catch (thrown) {
    throw fileError(thrown);
  }
}

async function labelled(
  reader: SegmentReader,
  sizeBytes: number,
  isExchanged: boolean,
): Promise<SealedSegment> {
  try {
    const label = await readSegmentLabel((target, at) => reader.read(target, at));
    return { reader, label, sizeBytes, isExchanged };
  } catch (thrown) {
    await reader.close();
    throw thrown;
  }
}

async function mustBeFile(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (thrown) {
    if (errnoCode(thrown) !== 'ENOENT') throw fileError(thrown);
    throw new AppError('not-found', 'there is no such file', { cause: thrown });
  }
  throw new AppError('invalid', 'it is not a file; name the .age files in it');
}
