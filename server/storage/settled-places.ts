/** Where runs belong once the true time is known: docs/design/time.md, "When the true time is learned". Pure. */

/** A run that is to be placed, in the order in which it happened. */
export interface UnsettledRun {
  /** First frame and end of the last one, as labelled until now. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Which boot of the machine recorded it: its runs keep their distances. */
  readonly bootId: string | undefined;
  /** By how much it is to be moved, by the uptime of its anchor; undefined where nobody can know. */
  readonly exactByMs: number | undefined;
}

/** What has been decided for one run. */
export interface SettledPlace {
  /** By how much it moves. */
  readonly byMs: number;
  /** It lies where its uptime says. */
  readonly certain: boolean;
}

/** So far from where its uptime says a run is still called certain: oscillators differ. */
const CERTAIN_WITHIN_MS = 10_000;

/**
 * Places for `runs`, the oldest first, between `floorMs` (the end of certain footage before them) and
 * `nowMs`. They never overlap and keep their order; where there is not enough room, they go beyond
 * `nowMs` rather than over certain footage.
 */
export function settledPlaces(
  runs: readonly UnsettledRun[],
  { floorMs, nowMs }: { readonly floorMs: number; readonly nowMs: number },
): SettledPlace[] {
  const shifts = shiftsBackFrom(runs, nowMs);
  let earliestMs = floorMs;
  return runs.map((run, index) => {
    const wantedMs = shifts[index] ?? 0;
    const byMs = wantedMs + Math.max(0, earliestMs - (run.fromMs + wantedMs));
    earliestMs = run.toMs + byMs;
    const { exactByMs } = run;
    const certain = exactByMs !== undefined && Math.abs(byMs - exactByMs) <= CERTAIN_WITHIN_MS;
    return { byMs, certain };
  });
}

/** Steps 2 and 3, from the newest run to the oldest; answers in the order of `runs`. */
function shiftsBackFrom(runs: readonly UnsettledRun[], nowMs: number): number[] {
  const shifts: number[] = [];
  let latestMs = nowMs;
  let after: { readonly bootId: string | undefined; readonly byMs: number } | undefined;
  for (const run of runs.toReversed()) {
    const { bootId, exactByMs } = run;
    const isSameBoot = bootId !== undefined && bootId === after?.bootId;
    const wantedMs = exactByMs ?? (isSameBoot ? (after?.byMs ?? 0) : 0);
    const byMs = wantedMs - Math.max(0, run.toMs + wantedMs - latestMs);
    shifts.push(byMs);
    latestMs = run.fromMs + byMs;
    after = { bootId, byMs };
  }
  return shifts.toReversed();
}

/** What lies around an instant: runs as they were labelled, with their places. */
export type PlacedRun = UnsettledRun & SettledPlace;

/** Where an instant of a gap goes: it keeps its place between the runs around it. */
export function settledInstant(
  atMs: number,
  runs: readonly PlacedRun[],
  { floorMs, nowMs }: { readonly floorMs: number; readonly nowMs: number },
): number {
  const index = runs.findLastIndex((run) => run.fromMs <= atMs);
  const before = runs[index];
  const after = runs[index + 1];
  const latestMs = after === undefined ? Math.max(nowMs, endOf(before, floorMs)) : startOf(after);
  const movedMs = atMs + (before?.byMs ?? 0);
  if (before !== undefined && atMs <= before.toMs) return movedMs;
  return Math.min(Math.max(movedMs, endOf(before, floorMs)), latestMs);
}

function startOf(run: PlacedRun): number {
  return run.fromMs + run.byMs;
}

function endOf(run: PlacedRun | undefined, floorMs: number): number {
  return run === undefined ? floorMs : run.toMs + run.byMs;
}
