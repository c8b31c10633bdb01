/** Local times as `<input type="datetime-local">` writes them. Pure but for the zone. */

/** "2026-11-22T14:02:05", in the browser's own zone. */
export function localInputText(ms: number): string {
  const time = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [String(time.getFullYear()).padStart(4, '0'), two(time.getMonth() + 1)];
  const clock = [two(time.getHours()), two(time.getMinutes()), two(time.getSeconds())];
  return `${[...day, two(time.getDate())].join('-')}T${clock.join(':')}`;
}

/** The moment of such a text, with or without seconds; undefined when it is not one. The hour that
 * a clock change repeats is taken as the first of the two. */
export function localInputMs(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(text)) return undefined;
  const ms = new Date(text).getTime();
  return Number.isNaN(ms) ? undefined : ms;
}
