/** What is said to who does not get in: never which of two things was wrong. */
import { AppError } from '../base/errors.ts';

const CHECK_SHEET =
  'Check each character against the recovery sheet. It begins with AGE-SECRET-KEY-1.';

/** At a recovery. */
export function wrongRecovery(): AppError {
  return new AppError('unauthenticated', 'The user name or the recovery key is not right.', {
    reason: 'wrong-recovery-key',
    hint: CHECK_SHEET,
  });
}

/** Never says which of the two it was. */
export const WRONG_LOGIN = 'The user name or the password is not right.';

/** Who is signed in has typed no name. */
export const WRONG_PASSWORD = 'The password is not right.';

/** `sentence`: one of the two above. */
export function wrongPassword(sentence: string): AppError {
  return new AppError('unauthenticated', sentence, {
    reason: 'wrong-password',
    hint: 'Check capital letters and the keyboard layout, then try again.',
  });
}

/** At set-up, and at a restore. */
export function wrongSetupCode(): AppError {
  return new AppError('unauthenticated', 'The set-up code is not the one of this box.', {
    reason: 'wrong-setup-token',
    hint: 'It is shown where Doorkeep was started, and in the file setup-token of its data folder.',
  });
}

/** At the set-up of a household that is there already. */
export function wrongSheet(): AppError {
  return new AppError('unauthenticated', 'The recovery key is not the one of this box.', {
    reason: 'wrong-recovery-key',
    hint: CHECK_SHEET,
  });
}

/** The same, with a password alone. */
export function householdThere(): AppError {
  return new AppError('conflict', 'What is recorded here opens with another password.', {
    reason: 'household-there',
    hint:
      'Type the password that was used before, or the recovery key from the sheet. Without both ' +
      'you can start anew: what is recorded then stays closed.',
  });
}
