/**
 * What will go, when, and by which limit; and what a household should know before it does. Pure:
 * counts and rates come in. The sums behind it are in docs/design/storage.md, "Forecast".
 */
import type { EpochMs } from '../base/time.ts';
import type { DeletionReason, KeepLimits } from '../contract/storage.ts';
import { DAY_MS } from './retention-plan.ts';

/** What is known of a camera. */
export interface ForecastCamera {
  readonly cameraId: string;
  readonly unprotectedBytes: number;
  readonly protectedBytes: number;
  /** Undefined: too little is recorded to say. */
  readonly bytesPerDay: number | undefined;
  /** Start of the oldest that may go; undefined when there is none. */
  readonly oldestMs: EpochMs | undefined;
  readonly keep: KeepLimits;
}

/** What is known of everything. */
export interface ForecastInput {
  readonly cameras: readonly ForecastCamera[];
  /** What footage can still take: what is free, less the reserve; below 0 when that is touched. */
  readonly roomBytes: number;
  readonly nowMs: EpochMs;
  /** Nothing is left that may go. */
  readonly isFull: boolean;
}

/** When the oldest of a camera goes. */
export interface NextLoss {
  readonly reason: DeletionReason;
  readonly atMs: number;
  /** How long the history is then. */
  readonly keepsDays: number;
}

/** Facts of which the page makes sentences. */
export type Warning =
  | {
      readonly kind: 'short-history';
      readonly camera: string;
      readonly days: number;
      readonly keepsDays: number;
    }
  | {
      readonly kind: 'protected-fills-disk';
      readonly protectedBytes: number;
      readonly roomBytes: number;
      readonly keepsDays: number;
    }
  | { readonly kind: 'disk-full' };

/** What comes. */
export interface Forecast {
  readonly next: ReadonlyMap<string, NextLoss>;
  readonly warnings: readonly Warning[];
}

/** Further away nothing is foretold: no rate holds for ten years. */
const HORIZON_MS = 3_650 * DAY_MS;

/** Of the days that are set, so much may be missing without a word: rates go up and down. */
const DAYS_TOLERANCE = 0.98;

/** See the head of this file. */
export function forecast(input: ForecastInput): Forecast {
  const next = new Map<string, NextLoss>();
  for (const camera of input.cameras) {
    const loss = nextOf(camera, input);
    if (loss !== undefined) next.set(camera.cameraId, loss);
  }
  return { next, warnings: warningsOf(input) };
}

/** Whichever limit comes first. */
function nextOf(camera: ForecastCamera, input: ForecastInput): NextLoss | undefined {
  const { oldestMs, keep, bytesPerDay, unprotectedBytes } = camera;
  if (oldestMs === undefined) return undefined;
  const { nowMs } = input;
  const times: { reason: DeletionReason; atMs: number }[] = [];
  if (keep.days !== null) times.push({ reason: 'days', atMs: oldestMs + keep.days * DAY_MS });
  if (keep.bytes !== null && bytesPerDay !== undefined) {
    const atMs = nowMs + daysUntil(keep.bytes - unprotectedBytes, bytesPerDay) * DAY_MS;
    times.push({ reason: 'bytes', atMs });
  }
  times.push({
    reason: 'room',
    atMs: nowMs + daysUntil(roomBefore(camera, input), rate(input)) * DAY_MS,
  });
  const first = times.reduce((a, b) => (b.atMs < a.atMs ? b : a));
  const atMs = Math.max(first.atMs, nowMs);
  // Also what comes never: a rate of nothing.
  if (!(atMs - nowMs <= HORIZON_MS)) return undefined;
  return { reason: first.reason, atMs, keepsDays: inTenths(Math.max(atMs - oldestMs, 0) / DAY_MS) };
}

/** What can still be recorded, by all, before the oldest of this camera makes room: what is free, and
 * what the others have that is older. */
function roomBefore({ cameraId, oldestMs }: ForecastCamera, input: ForecastInput): number {
  const older = input.cameras.map((other) => {
    if (other.cameraId === cameraId || other.oldestMs === undefined) return 0;
    const days = Math.max((oldestMs ?? other.oldestMs) - other.oldestMs, 0) / DAY_MS;
    return Math.min(days * (other.bytesPerDay ?? 0), other.unprotectedBytes);
  });
  return Math.max(input.roomBytes, 0) + sum(older);
}

function daysUntil(bytes: number, bytesPerDay: number): number {
  if (bytes <= 0) return 0;
  return bytesPerDay > 0 ? bytes / bytesPerDay : Infinity;
}

function rate({ cameras }: ForecastInput): number {
  return cameras.reduce((sum, { bytesPerDay }) => sum + (bytesPerDay ?? 0), 0);
}

function warningsOf(input: ForecastInput): Warning[] {
  const { cameras, isFull } = input;
  const protectedBytes = sum(cameras.map((camera) => camera.protectedBytes));
  const freeForAll = sum(cameras.map((camera) => camera.unprotectedBytes)) + input.roomBytes;
  const warnings: Warning[] = isFull ? [{ kind: 'disk-full' }] : [];
  const perDay = rate(input);
  const days = perDay > 0 ? Math.max(freeForAll, 0) / perDay : Infinity;
  const withoutThem = perDay > 0 ? (freeForAll + protectedBytes) / perDay : Infinity;
  if (protectedBytes > 0 && (freeForAll <= 0 || (days < 1 && withoutThem >= 1))) {
    const roomBytes = Math.max(freeForAll + protectedBytes, 0);
    const keepsDays = freeForAll <= 0 ? 0 : inTenths(days);
    warnings.push({ kind: 'protected-fills-disk', protectedBytes, roomBytes, keepsDays });
  }
  const roomDays = evenDays(cameras, Math.max(freeForAll, 0));
  for (const camera of cameras) {
    const wanted = camera.keep.days;
    const keepsDays = Math.min(roomDays, shareDays(camera));
    if (wanted === null || camera.bytesPerDay === undefined) continue;
    if (keepsDays >= wanted * DAYS_TOLERANCE) continue;
    warnings.push({
      ...{ kind: 'short-history', camera: camera.cameraId, days: wanted },
      keepsDays: inTenths(keepsDays),
    });
  }
  return warnings;
}

/** What a limit in bytes comes to. */
function shareDays({ keep, bytesPerDay }: ForecastCamera): number {
  return keep.bytes === null ? Infinity : daysUntil(keep.bytes, bytesPerDay ?? 0);
}

/** How many days of everything the disk holds in the long run, when each camera keeps them up to its
 * own limits: the room is given out to all, and what one does not need goes to the others. */
function evenDays(cameras: readonly ForecastCamera[], bytes: number): number {
  const wants = cameras
    .map((camera) => ({
      bytesPerDay: camera.bytesPerDay ?? 0,
      maxDays: Math.min(camera.keep.days ?? Infinity, shareDays(camera)),
    }))
    .filter(({ bytesPerDay }) => bytesPerDay > 0)
    .sort((a, b) => a.maxDays - b.maxDays);
  let left = bytes;
  let open = sum(wants.map(({ bytesPerDay }) => bytesPerDay));
  for (const { bytesPerDay, maxDays } of wants) {
    const days = left / open;
    if (days < maxDays) return days;
    left -= maxDays * bytesPerDay;
    open -= bytesPerDay;
  }
  return Infinity;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function inTenths(days: number): number {
  return Math.floor(days * 10) / 10;
}
