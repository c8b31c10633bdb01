/** What a name and a password must be like, looked at as code points: a string of a password could not be
 * zeroed. Pure; NIST SP 800-63B 5.1.1.2 in spirit: length and a
 * list of what everybody tries, no rules about kinds of characters. */
import { isAscii } from 'node:buffer';
import { AppError } from '../base/errors.ts';

/** ASVS 6.2.1. Ten or more are recommended where the password is chosen. */
const PASSWORD_MIN_CHARS = 8;

/** ASVS 6.2.9 asks for 64 at least; a limit, because each byte is hashed. */
const PASSWORD_MAX_CHARS = 256;

/** The length of the column. */
const USERNAME_MAX_CHARS = 64;

/** What people are known to begin with, after lower case and the usual substitutions. A short list:
 * the rules below cover the variations that long lists are full of. */
const COMMON_WORDS = pointsOfEach(
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
const SEQUENCES = pointsOfEach([
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
]);

/** NFC, so that the same word typed on a phone and on a desk is the same bytes (RFC 8265 4.2). Takes the
 * bytes over: what is given is what is answered, or has been zeroed. Only what is not ASCII becomes a
 * string on the way, because nothing but strings can be composed. */
export function normalizePassword(typed: Buffer): Buffer {
  if (isAscii(typed)) return typed;
  const composed = Buffer.from(typed.toString().normalize('NFC'));
  typed.fill(0);
  return composed;
}

/** Whether a password, after NFC, is within the length that is ever hashed. */
export function isHashable(password: Buffer): boolean {
  return charsIn(password) <= PASSWORD_MAX_CHARS;
}

/** Bytes that go on a character of UTF-8 count with its first one (RFC 3629 section 3). */
function charsIn(text: Buffer): number {
  return text.reduce((count, byte) => ((byte & 0xc0) === 0x80 ? count : count + 1), 0);
}

/** Checks a password that is being chosen; `unprocessable` with what to do when it will not do. */
export function checkNewPassword(password: Buffer, username: string): void {
  const chars = charsIn(password);
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
  const plain = lowerCase(password);
  try {
    if (isRepetition(plain) || isSequence(plain) || isCommon(plain, username)) {
      throw weak('The password is one of those that everybody tries first.');
    }
  } finally {
    plain.fill(0);
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

/** Text as code points. */
type Points = Uint32Array<ArrayBuffer>;

/** Memory of its own: V8 keeps up to 64 bytes in its heap, and copies them when it moves things. */
function emptyPoints(length: number): Points {
  return new Uint32Array(new ArrayBuffer(length * Uint32Array.BYTES_PER_ELEMENT));
}

function pointsOf(text: string): Points {
  return Uint32Array.from(text, (char) => char.codePointAt(0) ?? 0);
}

function pointsOfEach(texts: readonly string[]): readonly Points[] {
  return texts.map(pointsOf);
}

/** A password in lower case; the caller zeroes it. One character at a time is a string meanwhile. */
function lowerCase(password: Buffer): Points {
  // The longest lower case of one character is three (Unicode, SpecialCasing.txt).
  const points = emptyPoints(3 * charsIn(password));
  let length = 0;
  for (let at = 0; at < password.length;) {
    const bytes = charBytes(password[at] ?? 0);
    for (const char of password.toString('utf8', at, at + bytes).toLowerCase()) {
      points[length] = char.codePointAt(0) ?? 0;
      length += 1;
    }
    at += bytes;
  }
  return points.subarray(0, length);
}

/** Of the character that begins with this byte (RFC 3629 section 3). */
function charBytes(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** One unit of up to four characters, over and over: `aaaaaaaa`, `abcabcabc`, `12121212`. */
function isRepetition(text: Points): boolean {
  if (new Set(text).size > 4) return false;
  return [1, 2, 3, 4].some((unit) => {
    let same = unit;
    while (same < text.length && text[same] === text[same - unit]) same += 1;
    // Whole units only; at most three other characters behind them.
    const whole = same - (same % unit);
    return whole >= 2 * unit && text.length - whole <= 3;
  });
}

/** A walk along a row or the alphabet, forwards or backwards, with at most two other characters. */
function isSequence(text: Points): boolean {
  const backwards = emptyPoints(text.length);
  backwards.set(text);
  backwards.reverse();
  const isWalk = SEQUENCES.some((row) =>
    [text, backwards].some((candidate) =>
      [0, 1, 2].some(
        (cut) =>
          includes(row, candidate.subarray(0, candidate.length - cut)) ||
          includes(row, candidate.subarray(cut)),
      ),
    ),
  );
  backwards.fill(0);
  return isWalk;
}

/** A common word or the own name, once or twice, with up to six digits or signs around it. */
function isCommon(text: Points, username: string): boolean {
  const plain = unleet(text);
  const name = pointsOf(username.toLowerCase());
  const found = [text, inner(text), plain, inner(text, plain)].some((form) => {
    const half = form.subarray(0, form.length / 2);
    const word = isSame(half, form.subarray(half.length)) ? half : form;
    return [...COMMON_WORDS, name].some((each) => each.length > 0 && isSame(word, each));
  });
  plain.fill(0);
  return found;
}

/** Without up to six digits or signs at each end of `text`; `of` is the same text in another spelling. */
function inner(text: Points, of = text): Points {
  let from = 0;
  while (from < 6 && from < text.length && !isLetter(text[from])) from += 1;
  let to = text.length;
  while (text.length - to < 6 && to > from && !isLetter(text[to - 1])) to -= 1;
  return of.subarray(from, to);
}

function isLetter(point = 0): boolean {
  return point >= 0x61 && point <= 0x7a;
}

function isSame(a: Points, b: Points): boolean {
  return a.length === b.length && a.every((point, at) => point === b[at]);
}

function includes(row: Points, part: Points): boolean {
  for (let from = 0; from + part.length <= row.length; from += 1) {
    if (isSame(row.subarray(from, from + part.length), part)) return true;
  }
  return false;
}

/** What people write for letters. */
const LEET = new Map(
  ['0o', '1l', '3e', '4a', '5s', '7t', '@a', '$s', '!i'].map(([sign = '', letter = '']) => [
    sign.charCodeAt(0),
    letter.charCodeAt(0),
  ]),
);

/** `p4$$w0rd` as `password`. */
function unleet(text: Points): Points {
  const plain = emptyPoints(text.length);
  text.forEach((point, at) => {
    plain[at] = LEET.get(point) ?? point;
  });
  return plain;
}

function weak(sentence: string): AppError {
  return new AppError('unprocessable', sentence, {
    reason: 'weak-password',
    hint: 'Choose ten characters or more; three words that do not belong together are good.',
  });
}
