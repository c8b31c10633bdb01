/** What somebody calls a thing or a person in a list: seen, never looked up. */
import { AppError } from '../base/errors.ts';

/** As long as a user name and a column. */
const NAME_MAX_CHARS = 64;

/** The name as it is shown. `unprocessable` for one that cannot be seen as it is. */
export function checkShownName(typed: string): string {
  const shown = typed.normalize('NFC').trim();
  const chars = Array.from(shown).length;
  if (chars === 0 || chars > NAME_MAX_CHARS || /[\p{C}\p{Zl}\p{Zp}]/u.test(shown)) {
    throw new AppError('unprocessable', 'This name cannot be used.', {
      reason: 'bad-name',
      hint: `Use 1 to ${String(NAME_MAX_CHARS)} letters, digits or signs that can be seen.`,
    });
  }
  return shown;
}
