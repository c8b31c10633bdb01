/** What lies in the folders of footage, by names alone: works while the box is locked and without a
 * database. */
import { constants } from 'node:fs';
import { join } from 'node:path';
import { errnoCode } from '../base/errors.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import { fileError } from './file-error.ts';
import { type FootageFileSystem, realFileSystem } from './footage-files.ts';
import { isCameraName, placeOfTail, runOf, segmentPath, sequenceOf } from './footage-names.ts';
import type { SegmentPlace } from './segments.ts';

/** Where it lies. */
export interface ListingParts {
  readonly footagePath: string;
  readonly tailsPath: string;
  readonly system?: FootageFileSystem;
}

/** See the head of this file. */
export class FootageListing {
  readonly #footagePath: string;
  readonly #tailsPath: string;
  readonly #system: FootageFileSystem;

  constructor({ footagePath, tailsPath, system = realFileSystem }: ListingParts) {
    this.#footagePath = footagePath;
    this.#tailsPath = tailsPath;
    this.#system = system;
  }

  /** Cameras with a folder. */
  async cameras(): Promise<string[]> {
    return (await this.#names(this.#footagePath)).filter(isCameraName).sort();
  }

  /** The runs of a camera that have a folder, oldest first: ids only grow. */
  async runs(cameraId: string): Promise<number[]> {
    const names = await this.#names(join(this.#footagePath, cameraId));
    return names.flatMap((name) => runOf(name) ?? []).sort((a, b) => a - b);
  }

  /** The segments of a run, in order. */
  async segments(cameraId: string, runId: number): Promise<SegmentPlace[]> {
    const names = await this.#names(join(this.#footagePath, cameraId, String(runId)));
    const sequences = names.flatMap((name) => sequenceOf(name) ?? []).sort((a, b) => a - b);
    return sequences.map((sequence) => ({ cameraId, runId, sequence }));
  }

  /** Every tail. */
  async tails(): Promise<SegmentPlace[]> {
    return (await this.#names(this.#tailsPath)).flatMap((name) => placeOfTail(name) ?? []);
  }

  /** The highest run of which anything lies there; 0 without any. One look at a folder per camera. */
  async highestRun(): Promise<number> {
    let highest = 0;
    for (const { runId } of await this.tails()) highest = Math.max(highest, runId);
    for (const cameraId of await this.cameras()) {
      highest = Math.max(highest, (await this.runs(cameraId)).at(-1) ?? 0);
    }
    return highest;
  }

  /** When the newest file of a camera was last written to, by its file system; undefined without one. */
  async newestMs(cameraId: string): Promise<EpochMs | undefined> {
    const runId = (await this.runs(cameraId)).at(-1);
    const newest = runId === undefined ? undefined : (await this.segments(cameraId, runId)).at(-1);
    if (newest === undefined) return undefined;
    try {
      const path = segmentPath(this.#footagePath, newest);
      const file = await this.#system.open(path, constants.O_RDONLY, 0);
      try {
        return epochMs(Math.round((await file.stat()).mtimeMs));
      } finally {
        await file.close();
      }
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  async #names(folder: string): Promise<string[]> {
    try {
      return await this.#system.listFolder(folder);
    } catch (thrown) {
      const code = errnoCode(thrown);
      if (code === 'ENOENT' || code === 'ENOTDIR') return [];
      throw fileError(thrown);
    }
  }
}
