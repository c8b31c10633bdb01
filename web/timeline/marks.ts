/** From where to where footage is taken out: set one end at a time. Pure. */

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
export function markedSpan(
  marks: Marks,
): { readonly fromMs: number; readonly toMs: number } | undefined {
  const { fromMs, toMs } = marks;
  return fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs };
}
