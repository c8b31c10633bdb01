/** The box's clock, as far as its answers tell: footage carries its time, this browser's may differ. */
import { browserClock } from '../base/clock.ts';

/** HTTP dates are whole seconds, cut off (RFC 9110 5.6.7): half of one is what they lack at a guess. */
const CUT_OFF_MS = 500;

let aheadMs = 0;

/** Notes when the box answered, and says it: by the answer's Date, else by this browser's clock. */
export function noteBoxTime(response: Response): number {
  const told = Date.parse(response.headers.get('Date') ?? '');
  const hereMs = browserClock.wallMs();
  aheadMs = Number.isNaN(told) ? 0 : told + CUT_OFF_MS - hereMs;
  return hereMs + aheadMs;
}

/** Now, by the box's clock. */
export function boxNowMs(): number {
  return browserClock.wallMs() + aheadMs;
}
