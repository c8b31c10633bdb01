/** What is said about exports. Pure but for the zone. */
import type { Camera } from '../../server/contract/camera.ts';
import type { Export } from '../../server/contract/export.ts';
import type { CameraUse } from '../../server/contract/storage.ts';
import { sizeInWords } from './size-words.ts';
import { lengthOfTime, rangeInWords } from './time-words.ts';

/** The box makes no longer one (server/exports). */
const EXPORT_MAX_MS = 24 * 60 * 60 * 1000;

/** Nobody has measured the camera yet: most send a whole picture at least so often. */
const USUAL_KEY_FRAME_MS = 2_000;

/** Said where a file leaves for good. */
export const OUT_OF_HANDS =
  'This copy is no longer in Doorkeep’s hands. Phones may put it in their cloud.';

/** A span that was typed: what is wrong with it, or nothing. */
export function spanProblem(
  fromMs: number | undefined,
  toMs: number | undefined,
  nowMs: number,
): string | undefined {
  if (fromMs === undefined || toMs === undefined) return 'Fill in both times.';
  if (fromMs >= toMs) return 'The end lies before the beginning. Choose a later end.';
  if (fromMs >= nowMs) return 'This has not happened yet. Choose a time that is over.';
  if (toMs - fromMs > EXPORT_MAX_MS) return 'One export is 24 hours at most. Make two of them.';
  return undefined;
}

/** "5 min, about 110 MB": the size from what the camera has recorded so far. */
export function spanWords(
  spanMs: number,
  use: Pick<CameraUse, 'bytes' | 'durationMs'> | undefined,
): string {
  const length = exactLength(spanMs);
  if (use === undefined || use.durationMs === 0) return `${length} long.`;
  return `${length} long, about ${sizeInWords((use.bytes / use.durationMs) * spanMs)}.`;
}

/** Why a file begins a little early. */
export function earlyWords(camera: Camera | undefined): string {
  const intervalMs = camera?.video?.keyFrameIntervalMs ?? USUAL_KEY_FRAME_MS;
  const seconds = String(Math.max(1, Math.ceil(intervalMs / 1000)));
  return `It may begin up to ${seconds} s earlier: where the camera sent a whole picture.`;
}

/** "Today, 14:02:05 to 14:07:05". */
export function spanOf({ from, to }: Pick<Export, 'from' | 'to'>, nowMs: number): string {
  return rangeInWords(Date.parse(from), Date.parse(to), nowMs);
}

/** How far it is, in one line. */
export function progressWords({ state, progress, sizeBytes, failure }: Export): string {
  const size = sizeBytes === undefined ? undefined : sizeInWords(sizeBytes);
  switch (state) {
    case 'queued':
      return 'Waits for its turn.';
    case 'running': {
      const percent = `${String(Math.floor(progress * 100))} %`;
      return size === undefined ? 'Being made.' : `Being made: ${percent} of ${size}.`;
    }
    case 'done':
      return size === undefined ? 'Ready.' : `Ready: ${size}.`;
    case 'failed':
      return failure ?? 'It could not be made. Ask for it again.';
    case 'cancelled':
      return 'Called off.';
  }
}

/** "5 min 10 s": exports are cut to the second, so the second is said. */
export function exactLength(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return seconds < 60 || seconds >= 3600 || rest === 0
    ? lengthOfTime(ms)
    : `${lengthOfTime(ms - rest * 1000)} ${String(rest)} s`;
}
