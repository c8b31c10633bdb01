/**
 * DATA/quarantine: files of footage that do not hold what they should. They are moved there and never
 * deleted, so that whole parts of them can still be taken out (`unseal`). Steps:
 * docs/design/storage.md, "Quarantine".
 */
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoCode } from '../base/errors.ts';
import { epochMs } from '../base/time.ts';
import type { Database } from './database.ts';
import { fileError } from './file-error.ts';
import { type FootageFileSystem, realFileSystem } from './footage-files.ts';
import { FootageListing } from './footage-listing.ts';
import { segmentPath, tailName } from './footage-names.ts';
import { carveGaps, insertGap } from './gaps.ts';
import { deleteSegment, segmentAt, type SegmentPlace } from './segments.ts';

/** Where files come from and go to. */
export interface QuarantineParts {
  readonly footagePath: string;
  readonly tailsPath: string;
  readonly quarantinePath: string;
  readonly system?: FootageFileSystem;
}

/** See the head of this file. */
export class Quarantine {
  readonly #parts: QuarantineParts;
  readonly #system: FootageFileSystem;

  constructor(parts: QuarantineParts) {
    this.#parts = parts;
    this.#system = parts.system ?? realFileSystem;
  }

  /** quarantine 1 to 4. Each can be done again; what is there already is passed over. */
  async take(db: Database, place: SegmentPlace): Promise<void> {
    const { footagePath, tailsPath, quarantinePath } = this.#parts;
    try {
      const target = segmentPath(quarantinePath, place);
      // quarantine 1: the folders.
      for (const folder of [quarantinePath, dirname(dirname(target)), dirname(target)]) {
        if (await this.#system.makeFolder(folder)) await this.#system.syncFolder(dirname(folder));
      }
      // quarantine 2: the file.
      await this.#move(segmentPath(footagePath, place), target);
      // quarantine 3: its row. Until then the tail says that the place is not done.
      forgetDamaged(db, place);
      // quarantine 4: its tail.
      await this.#move(join(tailsPath, tailName(place)), join(dirname(target), tailName(place)));
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** What lies there, by camera and run. */
  async list(): Promise<SegmentPlace[]> {
    const { quarantinePath, tailsPath } = this.#parts;
    const listing = new FootageListing({
      ...{ footagePath: quarantinePath, tailsPath, system: this.#system },
    });
    const places: SegmentPlace[] = [];
    for (const cameraId of await listing.cameras()) {
      for (const runId of await listing.runs(cameraId)) {
        places.push(...(await listing.segments(cameraId, runId)));
      }
    }
    return places;
  }

  /** Nothing that lies there is ever replaced: run ids are used once. */
  async #move(from: string, to: string): Promise<void> {
    if (!(await this.#isThere(from)) || (await this.#isThere(to))) return;
    await this.#system.rename(from, to);
    await this.#system.syncFolder(dirname(to));
    await this.#system.syncFolder(dirname(from));
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      await (await this.#system.open(path, constants.O_RDONLY, 0)).close();
      return true;
    } catch (thrown) {
      if (errnoCode(thrown) === 'ENOENT') return false;
      throw thrown;
    }
  }
}

/** Its time becomes a gap. */
function forgetDamaged(db: Database, place: SegmentPlace): void {
  const segment = segmentAt(db, place);
  if (segment === undefined) return;
  const { cameraId, startMs, durationMs } = segment;
  const stretch = { cameraId, fromMs: startMs, toMs: epochMs(startMs + durationMs) };
  db.transaction(() => {
    deleteSegment(db, segment.segmentId);
    carveGaps(db, stretch);
    insertGap(db, { ...stretch, reason: 'damaged' });
  });
}
