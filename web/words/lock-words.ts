/** What is said while stored footage is closed. Pure. */

/** A state, not an error: the same words wherever the past would be. */
export const LOCKED = 'Locked. Live goes on; the past opens with your password.';

/** The same where this phone is kept unlocked. */
export const LOCKED_KEPT = 'Locked. Live goes on; the past opens with one press here.';

/** Said below the password: what typing it brings. */
export const UNLOCK_HELP = 'The past stays open here until 15 minutes after you last looked at it.';

/** Who can unlock, and how often the key was made anew. */
export function holderWords(holders: readonly string[], generation: number): string {
  if (holders.length === 0)
    return 'Nobody can open the past yet: sign in again, and a key is made.';
  const names = new Intl.ListFormat('en', { type: 'conjunction' }).format(holders);
  const who = `${names} can open the past.`;
  if (generation <= 1) return `${who} The key is the first one of this box.`;
  const before = generation === 2 ? 'one before it' : `${String(generation - 1)} before it`;
  return `${who} The key is number ${String(generation)}; there ${generation === 2 ? 'was' : 'were'} ${before}.`;
}
