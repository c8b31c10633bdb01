import { expect, it } from 'vitest';
import { lastUsed, phoneName } from '../../../../web/words/phone-words.ts';

it.each([
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
    'Chrome on Android',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox on Linux'],
  ['', 'A browser on another machine'],
])('%s', (userAgent, name) => {
  expect(phoneName(userAgent)).toBe(name);
});

it('says whose it is, and when it was last used', () => {
  const nowMs = Date.parse('2026-11-22T15:00:00Z');
  const say = (lastUsedAt: string): string => lastUsed({ user: 'sam', lastUsedAt }, nowMs);
  expect(say('2026-11-22T14:00:00Z')).toBe('sam, last used today');
  expect(say('2026-11-02T14:00:00Z')).toMatch(/^sam, last used .*2.*November|November.*2/);
});
