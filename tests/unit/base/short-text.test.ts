import { expect, it } from 'vitest';
import { shortText } from '../../../server/base/short-text.ts';

it.each([
  ['Porch', 5, 'Porch'],
  ['Front door', 6, 'Front…'],
  ['Front door', 7, 'Front…'],
  ['🚪🚪🚪', 2, '🚪…'],
])('%j in %d characters is %j', (text, maxChars, short) => {
  expect(shortText(text, maxChars)).toBe(short);
});
