import { expect, it } from 'vitest';
import { codeIn } from '../../../../web/state/set-up-code.ts';

it.each([
  ['#code=Zz_-09', 'Zz_-09'],
  ['code=abc', 'abc'],
  ['#', ''],
  ['', ''],
  ['#other=1', ''],
])('the code in %j is %j', (fragment, code) => {
  expect(codeIn(fragment)).toBe(code);
});
