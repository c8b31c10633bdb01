import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../server/base/errors.ts';
import { checkNewPassword } from '../../../../server/auth/password-rules.ts';
import {
  PASSWORD_MIN_CHARS,
  PASSWORD_RULES,
  passwordHelp,
} from '../../../../web/words/password-words.ts';

/** Nothing that anybody tries. */
const UNUSUAL = 'vQ7#kz!Lm2xR';

describe('the rules for passwords', () => {
  it('say the shortest that the box takes', () => {
    const shortest = UNUSUAL.slice(0, PASSWORD_MIN_CHARS);
    expect(() => {
      checkNewPassword(Buffer.from(shortest), 'sam');
    }).not.toThrow();
    expect(() => {
      checkNewPassword(Buffer.from(shortest.slice(1)), 'sam');
    }).toThrow(AppError);
    expect(PASSWORD_RULES).toContain(String(PASSWORD_MIN_CHARS));
  });

  it('count what is missing while somebody types', () => {
    expect(passwordHelp('')).toBe(PASSWORD_RULES);
    expect(passwordHelp('abc')).toMatch(/^5 more characters,/);
    expect(passwordHelp('abcdefg')).toMatch(/^One more character,/);
    expect(passwordHelp('abcdefgh')).toBe(PASSWORD_RULES);
  });

  it('count characters as the box does', () => {
    // Decomposed: 8 code units, 4 letters after NFC.
    expect(passwordHelp('e\u0301'.repeat(4))).toMatch(/^4 more/);
    expect(passwordHelp('🔑'.repeat(7))).toMatch(/^One more/);
  });
});
