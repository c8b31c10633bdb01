/** Names inside sentences: a person's own words may be long, a first line may not. Pure. */

/** `text`, or as much of it as fits in `maxChars` with "…" at the end. Counts characters, not code
 * units, so that none is cut in half. */
export function shortText(text: string, maxChars: number): string {
  const chars = Array.from(text);
  return chars.length <= maxChars
    ? text
    : `${chars
        .slice(0, maxChars - 1)
        .join('')
        .trimEnd()}…`;
}
