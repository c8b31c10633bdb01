import { describe, expect, it } from 'vitest';
import {
  checkNewPassword,
  checkNewUsername,
  isHashable,
  normalizePassword,
} from '../../../server/auth/password-rules.ts';

const weak = expect.objectContaining({ kind: 'unprocessable', reason: 'weak-password' }) as Error;

describe('a new password', () => {
  it.each([
    'password',
    'Password1',
    'P@ssw0rd!',
    'p4$$w0rd123',
    'passwordpassword',
    '12345678',
    '1234567890',
    '87654321',
    '0123456789',
    'aaaaaaaa',
    'abababab',
    'abcabcabc',
    '12341234',
    'abcdefgh',
    'qwertyui',
    'qwertyuiop',
    'poiuytrewq',
    '1qaz2wsx3edc',
    '1q2w3e4r5t',
    'qwerty123',
    'iloveyou!',
    'letmein1!',
    'Welcome2026',
    'doorkeep',
    'DoorKeep!!',
    'frontdoor1',
    'administrator',
    'superman99',
  ])('is refused when everybody tries it: %s', (password) => {
    expect(() => {
      checkNewPassword(Buffer.from(password), 'ada');
    }).toThrow(weak);
  });

  it.each(['grace-hopper', 'GRACE-HOPPER', 'grace-hopper1', 'grace-hoppergrace-hopper'])(
    'is refused when it is the own name: %s',
    (password) => {
      expect(() => {
        checkNewPassword(Buffer.from(password), 'Grace-Hopper');
      }).toThrow(weak);
    },
  );

  it.each([
    'three odd wombats',
    'Tr0ub4dor&3',
    'correct horse battery staple',
    'passwords are fine in sentences',
    'xk7!qqzp',
    '😀🐶🚪🔑🌧️☂️🧦🍋',
    'ünïcödé wörds',
  ])('is taken: %s', (password) => {
    expect(() => {
      checkNewPassword(normalizePassword(Buffer.from(password)), 'ada');
    }).not.toThrow();
  });

  it('has 8 to 256 characters, not bytes', () => {
    const check = (password: string) => () => {
      checkNewPassword(Buffer.from(password), 'ada');
    };
    const long = 'wombat-grove '.repeat(20).slice(0, 256);
    expect(check('xk7!qqz')).toThrow(weak);
    expect(check(long)).not.toThrow();
    expect(check(`${long}x`)).toThrow(expect.objectContaining({ reason: 'password-too-long' }));
    expect(isHashable(Buffer.from(long))).toBe(true);
    expect(isHashable(Buffer.from(`${long}x`))).toBe(false);
    expect(isHashable(Buffer.from('😀'.repeat(256)))).toBe(true);
  });
});

it('makes the two ways of writing é one', () => {
  const [decomposed, composed] = ['cafe\u0301 noir', 'caf\u00e9 noir'].map((text) =>
    Buffer.from(text),
  );
  expect(normalizePassword(decomposed!)).toEqual(Buffer.from('caf\u00e9 noir'));
  expect(normalizePassword(composed!)).toEqual(Buffer.from('caf\u00e9 noir'));
  // What was given is gone, or is what is answered.
  expect(decomposed).toEqual(Buffer.alloc(11));
  const plain = Buffer.from('cafe noir');
  expect(normalizePassword(plain)).toBe(plain);
});

describe('a new user name', () => {
  it('is kept as typed, without spaces around, in NFC', () => {
    expect(checkNewUsername('  Zoe\u0308 ')).toBe('Zo\u00eb');
    expect(checkNewUsername('constructor')).toBe('constructor');
    expect(checkNewUsername('a'.repeat(64))).toHaveLength(64);
  });

  it.each([
    '',
    '   ',
    'a'.repeat(65),
    'a\u0000b',
    'a\nb',
    'a\u202eb',
    'a\u200bb',
    'a\ud800b',
    'x\u2028y',
  ])('is refused: %j', (name) => {
    expect(() => checkNewUsername(name)).toThrow(
      expect.objectContaining({ kind: 'unprocessable', reason: 'bad-username' }),
    );
  });
});
