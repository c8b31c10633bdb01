/** Protecting footage, as the API does it. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { toRfc3339, type EpochMs } from '../base/time.ts';
import { PROTECTED_MAX_DAYS, type ProtectedRanges } from '../contract/protected.ts';
import type { Database } from './database.ts';
import type { FootageUse } from './footage-use.ts';
import { ofKnownCamera } from './known-camera.ts';
import {
  deleteProtectedRange,
  insertProtectedRange,
  protectedRangeById,
  protectedRanges,
  type StoredRange,
} from './protected-ranges.ts';
import { DAY_MS } from './retention-plan.ts';

/** A range that somebody asks about. */
export interface RangeOfCamera {
  readonly cameraId: string;
  readonly fromMs: EpochMs;
  /** Not included. */
  readonly toMs: EpochMs;
}

/** What it works with. */
export interface ProtectedFootageDeps {
  readonly db: Database;
  readonly use: FootageUse;
  readonly clock: Clock;
  /** Resolves when what is being deleted at this moment is gone. */
  readonly settled: () => Promise<void>;
}

/** See the head of this file. */
export class ProtectedFootage {
  readonly #deps: ProtectedFootageDeps;

  constructor(deps: ProtectedFootageDeps) {
    this.#deps = deps;
  }

  /** Answers the id when nothing of the range can go any more. `not-found`, `unprocessable` for too
   * long a range, `exhausted` for too many. */
  async protect(range: RangeOfCamera & { readonly userId: number }): Promise<string> {
    const { db, clock, settled } = this.#deps;
    ofKnownCamera(db, range.cameraId);
    if (range.toMs - range.fromMs > PROTECTED_MAX_DAYS * DAY_MS) {
      throw new AppError('unprocessable', 'One protected range is 31 days at most.', {
        reason: 'range-too-long',
        hint: 'Protect a shorter time, or make two ranges of it.',
      });
    }
    const id = randomBytes(16).toString('hex');
    insertProtectedRange(db, { id, ...range, createdMs: clock.wallMs() });
    await settled();
    return id;
  }

  /** Those that touch the range, by time. `not-found`. */
  async ranges({ cameraId, fromMs, toMs }: RangeOfCamera): Promise<ProtectedRanges> {
    const { db, use } = this.#deps;
    ofKnownCamera(db, cameraId);
    const ranges: ProtectedRanges['ranges'] = [];
    for (const range of protectedRanges(db, cameraId)) {
      if (range.toMs <= fromMs || range.fromMs >= toMs) continue;
      const { bytes } = await use.between(cameraId, range);
      const [from, to] = [toRfc3339(range.fromMs), toRfc3339(range.toMs)];
      ranges.push({ id: range.id, from, to, bytes });
    }
    return { ranges };
  }

  /** One of them; undefined when there is none. */
  find(id: string): StoredRange | undefined {
    return protectedRangeById(this.#deps.db, id);
  }

  /** From now on rules may delete it. `not-found`. */
  unprotect(id: string): void {
    if (deleteProtectedRange(this.#deps.db, id)) return;
    throw new AppError('not-found', 'There is no such protected range.', {
      hint: 'Its protection may have been ended. Look at the list.',
    });
  }
}
