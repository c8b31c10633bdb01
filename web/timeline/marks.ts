/** From where to where footage is taken out or protected: set one end at a time. Pure. */

/** The two ends, as far as they are set. */
export interface Marks {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

/** Nothing is marked. */
export const NO_MARKS: Marks = { fromMs: undefined, toMs: undefined };

/** Sets the beginning. An end that would lie before it is forgotten: it was another piece's. */
export function markFrom(marks: Marks, ms: number): Marks {
  const keepsEnd = marks.toMs !== undefined && marks.toMs > ms;
  return { fromMs: ms, toMs: keepsEnd ? marks.toMs : undefined };
}

/** Sets the end; a beginning that would lie after it is forgotten. */
export function markTo(marks: Marks, ms: number): Marks {
  const keepsBeginning = marks.fromMs !== undefined && marks.fromMs < ms;
  return { fromMs: keepsBeginning ? marks.fromMs : undefined, toMs: ms };
}

/** Both ends, when both are set. */
export function markedSpan(marks: Marks): Span | undefined {
  const { fromMs, toMs } = marks;
  return fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs };
}

/** From when to when. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What one press protects where nothing is marked: a visit, with what came before it. */
const AROUND_MS = 5 * 60_000;

/** The stretch around a moment, none of it yet to come. */
export function spanAround(ms: number, nowMs: number): Span {
  const toMs = Math.min(ms + AROUND_MS / 2, nowMs);
  return { fromMs: toMs - AROUND_MS, toMs };
}

/** The first of the spans in which a moment lies. */
export function spanAt<T extends Span>(spans: readonly T[], ms: number): T | undefined {
  return spans.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);
}

/** What of the spans lies between two moments, cut at them. */
export function spansBetween(spans: readonly Span[], fromMs: number, toMs: number): Span[] {
  return spans
    .filter((span) => span.fromMs < toMs && span.toMs > fromMs)
    .map((span) => ({
      fromMs: Math.max(span.fromMs, fromMs),
      toMs: Math.min(span.toMs, toMs),
    }));
}
