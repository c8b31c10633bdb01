/**
 * A service worker stands between a page and the box, and can keep what passes: footage too. The page has
 * one script of that kind, without a line of code in it, which it registers to learn whether the browser
 * trusts the box, and takes away at once (web/state/trust.ts). No other script is handed out as one.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../base/errors.ts';

/** The one without code. */
export const TRUST_CHECK = '/trust-check.js';

/** Throws `forbidden` for a request that would install another one. Browsers always say so in a header
 * that pages cannot set (Service Workers, "Update"). */
export function refuseServiceWorkers(path: string, headers: IncomingHttpHeaders): void {
  if (headers['service-worker'] === undefined || path === TRUST_CHECK) return;
  throw new AppError('forbidden', 'Doorkeep has no part that runs behind the page.', {
    reason: 'service-worker',
    hint: 'Open Doorkeep itself.',
  });
}
