/** The plug test in words. Pure but for the zone. */
import { dateInWords, lengthOfTime } from './time-words.ts';

/** What is looked at while the home is cut off, in this order. */
export const PLUG_CHECKS = ['live', 'past', 'copy'] as const;

/** See `PLUG_CHECKS`. */
export type PlugCheck = (typeof PLUG_CHECKS)[number];

/** How a test ended: which of them went on. Kept in this browser. */
export interface PlugResult {
  readonly atMs: number;
  readonly went: Readonly<Record<PlugCheck, boolean>>;
}

const NAMES: Readonly<Record<PlugCheck, string>> = {
  live: 'live',
  past: 'the past',
  copy: 'a copy',
};

/** "27 November 2026: cut off from the Internet, live, the past and a copy went on." */
export function plugSentence({ atMs, went }: PlugResult): string {
  const day = dateInWords(atMs);
  const good = PLUG_CHECKS.filter((check) => went[check]).map((check) => NAMES[check]);
  const bad = PLUG_CHECKS.filter((check) => !went[check]).map((check) => NAMES[check]);
  if (bad.length === 0) return `${day}: cut off from the Internet, ${listed(good)} went on.`;
  if (good.length === 0) return `${day}: cut off from the Internet, nothing went on.`;
  return `${day}: cut off from the Internet, ${listed(good)} went on; ${listed(bad)} did not.`;
}

function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1) ?? '']
    .filter((part) => part !== '')
    .join(' and ');
}

/** Reads what a browser kept; undefined for anything else. */
export function readPlugResult(text: string | null): PlugResult | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isPlugResult(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isPlugResult(value: unknown): value is PlugResult {
  if (typeof value !== 'object' || value === null || !('atMs' in value) || !('went' in value)) {
    return false;
  }
  const { atMs, went } = value;
  const isTime = typeof atMs === 'number' && Number.isFinite(atMs);
  if (!isTime || typeof went !== 'object' || went === null) return false;
  return PLUG_CHECKS.every((check) => typeof Reflect.get(went, check) === 'boolean');
}

/** What the page found out about live by itself. */
export function liveWords(camera: string, tookMs: number): string {
  return `A picture of ${camera} came after ${lengthOfTime(Math.max(1_000, tookMs))}.`;
}

/** About the past. */
export function pastWords(camera: string, sizeInWords: string): string {
  return `Footage of ${camera} from the last minutes came: ${sizeInWords} of it.`;
}

/** About an export. */
export function copyWords(camera: string, sizeInWords: string): string {
  return `A copy of ${camera} was made, ${sizeInWords}, and deleted again.`;
}
