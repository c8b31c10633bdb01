/** What a name and a password must be like. Pure; NIST SP 800-63B 5.1.1.2 in spirit: length and a
 * list of what everybody tries, no rules about kinds of characters. */
import { AppError } from '../base/errors.ts';

/** ASVS 6.2.1. Ten or more are recommended where the password is chosen. */
const PASSWORD_MIN_CHARS = 8;

/** ASVS 6.2.9 asks for 64 at least; a limit, because each byte is hashed. */
const PASSWORD_MAX_CHARS = 256;

/** The length of the column. */
const USERNAME_MAX_CHARS = 64;

/** What people are known to begin with, after lower case and the usual substitutions. A short list:
 * the rules below cover the variations that long lists are full of. */
const COMMON_WORDS = new Set(
  (
    'password passwort passwd passcode motdepasse contrasena senha wachtwoord parola geheim secret ' +
    'letmein welcome willkommen iloveyou trustno admin administrator superuser root login master ' +
    'default changeme test tester testing guest user username monkey dragon shadow sunshine ' +
    'princess football baseball basketball hockey soccer superman batman pokemon starwars michael ' +
    'jennifer jordan charlie ashley daniel thomas andrew jessica nicole hunter killer ranger ' +
    'freedom whatever cheese computer internet samsung google facebook apple orange banana cookie ' +
    'pepper ginger summer winter spring autumn flower lovely loveme hello helloworld qwerty ' +
    'qwertyuiop qwertz qwertzuiop azerty azertyuiop asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qazwsx ' +
    'qazwsxedc qweasd qweasdzxc abc abcd abcdef camera cameras doorbell frontdoor doorkeep security ' +
    'home house family garage mustang corvette ferrari mercedes porsche chelsea arsenal liverpool ' +
    'barcelona juventus nothing access biteme fuckyou fuckoff pussy asshole matrix phoenix diamond ' +
    'maggie buster jackson harley yankees cowboys steelers eagles lakers blink naruto minecraft'
  ).split(' '),
);

/** Runs in which neighbouring keys, digits or letters follow each other. */
const SEQUENCES = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
];

/** NFC, so that the same word typed on a phone and on a desk is the same bytes (RFC 8265 4.2). */
export function normalizePassword(text: string): string {
  return text.normalize('NFC');
}

/** Whether a password, after NFC, is within the length that is ever hashed. */
export function isHashable(password: string): boolean {
  return Array.from(password).length <= PASSWORD_MAX_CHARS;
}

/** Checks a password that is being chosen; `unprocessable` with what to do when it will not do. */
export function checkNewPassword(password: string, username: string): void {
  const chars = Array.from(password).length;
  if (chars < PASSWORD_MIN_CHARS) {
    throw weak(
      `The password is too short: it needs at least ${String(PASSWORD_MIN_CHARS)} characters.`,
    );
  }
  if (chars > PASSWORD_MAX_CHARS) {
    throw new AppError('unprocessable', 'The password is too long.', {
      reason: 'password-too-long',
      hint: `Use at most ${String(PASSWORD_MAX_CHARS)} characters.`,
    });
  }
  const plain = password.toLowerCase();
  if (isRepetition(plain) || isSequence(plain) || isCommon(plain, username.toLowerCase())) {
    throw weak('The password is one of those that everybody tries first.');
  }
}

/** A name as it is stored: NFC, without spaces around. `unprocessable` when it will not do. */
export function checkNewUsername(text: string): string {
  const username = text.normalize('NFC').trim();
  const chars = Array.from(username).length;
  // \p{C}: control and invisible characters, with which two names could look the same.
  if (chars === 0 || chars > USERNAME_MAX_CHARS || /[\p{C}\p{Zl}\p{Zp}]/u.test(username)) {
    throw new AppError('unprocessable', 'The user name cannot be used.', {
      reason: 'bad-username',
      hint: `Use 1 to ${String(USERNAME_MAX_CHARS)} letters, digits or signs that can be seen.`,
    });
  }
  return username;
}

/** One unit of up to four characters, over and over: `aaaaaaaa`, `abcabcabc`, `12121212`. */
function isRepetition(text: string): boolean {
  return /^(.{1,4}?)\1+.{0,3}$/su.test(text) && new Set(text).size <= 4;
}

/** A walk along a row or the alphabet, forwards or backwards, with at most two other characters. */
function isSequence(text: string): boolean {
  const backwards = Array.from(text).reverse().join('');
  return SEQUENCES.some((row) => {
    for (const candidate of [text, backwards]) {
      for (let cut = 0; cut <= 2; cut += 1) {
        const head = candidate.slice(0, candidate.length - cut);
        const tail = candidate.slice(cut);
        if (row.includes(head) || row.includes(tail)) return true;
      }
    }
    return false;
  });
}

/** A common word or the own name, once or twice, with up to six digits or signs around it. */
function isCommon(text: string, username: string): boolean {
  const core = text.replace(/^[\d\W_]{0,6}/u, '').replace(/[\d\W_]{0,6}$/u, '');
  for (const form of [text, core, unleet(text), unleet(core)]) {
    const half = form.slice(0, form.length / 2);
    const word = half + half === form ? half : form;
    if (COMMON_WORDS.has(word) || (username !== '' && word === username)) return true;
  }
  return false;
}

/** `p4$$w0rd` as `password`. */
function unleet(text: string): string {
  const letters = new Map([
    ['0', 'o'],
    ['1', 'l'],
    ['3', 'e'],
    ['4', 'a'],
    ['5', 's'],
    ['7', 't'],
    ['@', 'a'],
    ['$', 's'],
    ['!', 'i'],
  ]);
  return Array.from(text)
    .map((char) => letters.get(char) ?? char)
    .join('');
}

function weak(sentence: string): AppError {
  return new AppError('unprocessable', sentence, {
    reason: 'weak-password',
    hint: 'Choose ten characters or more; three words that do not belong together are good.',
  });
}
