/** How fast a camera fills the disk, and what limits would take of it. Both walk rows in steps. */
import { letOthersRun } from '../base/let-others-run.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import type { KeepLimits } from '../contract/storage.ts';
import type { Database } from './database.ts';
import type { Amount, CameraFootage, FootageUse } from './footage-use.ts';
import { protectedSpans } from './protected-ranges.ts';
import { DAY_MS, planDeletion, NO_SHORTAGE } from './retention-plan.ts';
import { oldestUnprotected } from './unprotected.ts';

/** A week has all its days in it: weekdays and weekends differ. */
const RATE_DAYS = 7;

/** From less no day can be told. */
const RATE_MIN_MS = 60 * 60 * 1000;

/** Segments that a preview looks at between two turns of the others: about 6 ms. */
const PREVIEW_STEP = 1_000;

/** Bytes of a day, from those of the last seven days that have footage; days are counted back from
 * the newest footage, and the first may be a part of one. Undefined below an hour of footage. */
export async function recordedPerDay(
  use: FootageUse,
  cameraId: string,
  { oldestMs, newestMs }: CameraFootage,
): Promise<number | undefined> {
  if (oldestMs === undefined || newestMs === undefined) return undefined;
  let [bytes, durationMs, spanMs] = [0, 0, 0];
  for (let back = 1; back <= RATE_DAYS; back += 1) {
    const toMs = newestMs - (back - 1) * DAY_MS;
    if (toMs <= oldestMs) break;
    const fromMs = Math.max(newestMs - back * DAY_MS, oldestMs);
    const amount = await use.begunIn(cameraId, { fromMs, toMs });
    // A day on which the camera was off says nothing of those on which it is on.
    if (amount.bytes === 0) continue;
    bytes += amount.bytes;
    durationMs += amount.durationMs;
    spanMs += toMs - fromMs;
  }
  return durationMs < RATE_MIN_MS ? undefined : Math.round((bytes / spanMs) * DAY_MS);
}

/** What would go, from the oldest to the newest of it. */
export interface Going extends Amount {
  readonly fromMs: EpochMs | undefined;
  readonly toMs: EpochMs | undefined;
}

/** What limits would delete of a camera now: the plan itself, asked until it has nothing more. */
export async function wouldGo(
  db: Database,
  given: { cameraId: string; limits: KeepLimits; unprotectedBytes: number; nowMs: EpochMs },
): Promise<Going> {
  const { cameraId, limits: keep, nowMs } = given;
  const spans = protectedSpans(db, cameraId);
  let { unprotectedBytes } = given;
  let going: Going = { bytes: 0, durationMs: 0, fromMs: undefined, toMs: undefined };
  for (let afterMs = -Infinity; ;) {
    const oldest = oldestUnprotected(db, { cameraId, spans, limit: PREVIEW_STEP, afterMs });
    const camera = { oldest, protectedSpans: spans, keep, unprotectedBytes, isHeld: false };
    const planned = planDeletion({
      ...{ cameras: [camera], shortage: NO_SHORTAGE, nowMs, maxSegments: PREVIEW_STEP },
    });
    for (const { segment } of planned) {
      const { startMs, durationMs, sizeBytes } = segment;
      going = {
        bytes: going.bytes + sizeBytes,
        durationMs: going.durationMs + durationMs,
        fromMs: going.fromMs ?? startMs,
        toMs: epochMs(startMs + durationMs),
      };
      unprotectedBytes -= sizeBytes;
    }
    const last = oldest.at(-1);
    if (last === undefined || planned.length < PREVIEW_STEP) return going;
    afterMs = last.startMs;
    await letOthersRun();
  }
}
