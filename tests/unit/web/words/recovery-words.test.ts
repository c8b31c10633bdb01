import { generateIdentity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import {
  isEndOf,
  keyGroups,
  keyHelp,
  SHEET_IS_FOR,
  sheetText,
  typedKey,
} from '../../../../web/words/recovery-words.ts';

/** A real one: what the page says of keys holds for those that the box makes. */
const key = await generateIdentity();

describe('a recovery key', () => {
  it('is written in groups of four behind what all begin with; the last is what is typed back', () => {
    const [first = '', ...groups] = keyGroups(key);
    expect(first).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{1,4}$/);
    expect(groups.map((group) => group.length)).toEqual(groups.map(() => 4));
    expect(first + groups.join('')).toBe(key);
    expect(groups.at(-1)).toBe(key.slice(-4));
  });

  it('is read back from paper with spaces and small letters', async () => {
    const typed = ` ${keyGroups(key).join(' ').toLowerCase()}\n`;
    expect(typedKey(typed)).toBe(key);
    expect(await identityToRecipient(typedKey(typed))).toMatch(/^age1/);
  });

  it('is known by its end alone', () => {
    expect(isEndOf(key, ` ${key.slice(-4).toLowerCase()} `)).toBe(true);
    for (const wrong of ['', key.slice(-3), key.slice(-5), key, key.slice(-5, -1)]) {
      expect(isEndOf(key, wrong)).toBe(false);
    }
  });

  it('is counted while it is typed', () => {
    expect(keyHelp('')).toMatch(/AGE-SECRET-KEY-1/);
    expect(keyHelp('age-sec')).toBe('67 more characters.');
    expect(keyHelp(key.slice(0, -1))).toBe('1 more character.');
    expect(keyHelp(key)).toBe('It is as long as it has to be.');
    expect(keyHelp(`${key}AB`)).toBe('2 too many.');
    expect(keyHelp('my password')).toBe('It begins with AGE-SECRET-KEY-1.');
  });
});

describe('a sheet that is saved', () => {
  const text = sheetText({ key, user: 'sam\nAGE-SECRET-KEY-1FAKE', day: '27 November 2026' });

  it('says what it is for', () => {
    for (const sentence of SHEET_IS_FOR) expect(text).toContain(sentence);
    expect(text).toContain('27 November 2026');
  });

  it('is a file that age itself takes: remarks, and the key alone on its line', () => {
    const lines = text.trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('#'))).toEqual([key]);
  });
});
