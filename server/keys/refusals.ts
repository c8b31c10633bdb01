/** What the keys refuse, in words. */
import { AppError } from '../base/errors.ts';

/** Nothing can be sealed. */
export function noHousehold(): AppError {
  return new AppError('io', 'There is no key to seal footage with.', {
    reason: 'write-failed',
    hint: 'Sign in once: Doorkeep then makes the household’s key.',
  });
}

/** Nothing can be opened. */
export function locked(): AppError {
  return new AppError('locked', 'Locked. Live goes on; the past opens with your password.', {
    reason: 'locked',
    hint: 'Unlock with your password, then ask again.',
  });
}
