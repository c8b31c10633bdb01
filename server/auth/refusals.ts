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

/** Never says whether there ever was such a link. */
export function wrongLink(): AppError {
  return new AppError('unauthenticated', 'This link opens nothing, or nothing any more.', {
    reason: 'wrong-link',
    hint: 'It can be used once, for 24 hours. Ask the owner of the box for a new one.',
  });
}

/** The owner is the one who can always set things right. */
export function ownerStays(): AppError {
  return new AppError('conflict', 'The owner sees and does everything, and stays.', {
    reason: 'owner-stays',
    hint: 'A lost password of the owner is replaced with the recovery sheet.',
  });
}

/** Of an id that nobody has. */
export function noPerson(): AppError {
  return new AppError('not-found', 'There is no such person here.', {
    hint: 'They may have been removed. Look at the list of people.',
  });
}

/** A member has a key, and it can only be handed over by a link. */
export function needsLink(): AppError {
  return new AppError('conflict', 'A viewer becomes a member by a new link.', {
    reason: 'needs-link',
    hint: 'Make a link for this person as a member; it carries the key to the past.',
  });
}

/** People and links. */
export function tooManyPeople(): AppError {
  return new AppError('exhausted', 'There are as many people or open links as there can be.', {
    hint: 'Remove somebody, or end a link that nobody uses.',
  });
}

/** The password is right. */
export function opensNothing(): AppError {
  return new AppError('conflict', 'The password is right, but it opens no footage.', {
    reason: 'no-key',
    hint: 'The file of keys is older than the password. Use the recovery sheet to set it again.',
  });
}
