/** What a password has to be like, said before it is typed (server/auth/password-rules.ts). Pure. */

/** The box takes no shorter one; a test holds this against the box. */
export const PASSWORD_MIN_CHARS = 8;

/** All rules in the words of the page. */
export const PASSWORD_RULES =
  `${String(PASSWORD_MIN_CHARS)} characters or more, and nothing that everybody tries first. ` +
  'Three words that do not belong together are good.';

/** The help below the field while a password is being typed. */
export function passwordHelp(password: string): string {
  const missing = PASSWORD_MIN_CHARS - Array.from(password.normalize('NFC')).length;
  if (password === '' || missing <= 0) return PASSWORD_RULES;
  const more = missing === 1 ? 'One more character' : `${String(missing)} more characters`;
  return `${more}, and nothing that everybody tries first.`;
}

/** What another password means, before it is typed. */
export const PASSWORD_CHANGE_IS =
  'You are signed out everywhere but here, and no phone of yours stays unlocked. The recovery sheet of ' +
  'the box stays as it is.';

/** That it was done. */
export const PASSWORD_CHANGED = 'Your new password counts from now on.';
