/** Who may use a route: a closed list, so that "forgot to say" cannot mean "everybody". */

/**
 * - `public`: anybody on the network. Tells nothing about the home.
 * - `setup`: anybody, until the first account exists; then `conflict`. The one-time code is checked
 *   in the body.
 * - `owner`: a signed-in owner.
 * - `footage`: a signed-in owner who has unlocked: everything that reads stored footage.
 * - `metrics`: a signed-in owner, or the bearer of the metrics token. Counters only, never footage.
 */
export const ACCESS_LEVELS = ['public', 'setup', 'owner', 'footage', 'metrics'] as const;

/** See `ACCESS_LEVELS`. */
export type Access = (typeof ACCESS_LEVELS)[number];

/** Whether a value is one of the list; for values that the compiler did not see. */
export function isAccess(value: unknown): value is Access {
  return ACCESS_LEVELS.some((level) => level === value);
}
