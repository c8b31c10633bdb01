/** How a plug test ended, in one sentence; and what a browser may have kept. */
import { describe, expect, it } from 'vitest';
import { plugSentence, readPlugResult } from '../../../../web/words/plug-words.ts';

const atMs = new Date(2026, 10, 27, 15).getTime();

describe('the end of a plug test', () => {
  it.each([
    [true, true, true, 'live, the past and a copy went on.'],
    [true, true, false, 'live and the past went on; a copy did not.'],
    [false, true, false, 'the past went on; live and a copy did not.'],
    [false, false, false, 'nothing went on.'],
  ])('live %s, past %s, copy %s', (live, past, copy, rest) => {
    expect(plugSentence({ atMs, went: { live, past, copy } })).toBe(
      `27 November 2026: cut off from the Internet, ${rest}`,
    );
  });
});

describe('what a browser kept', () => {
  const result = { atMs, went: { live: true, past: true, copy: false } };

  it('is read again', () => {
    expect(readPlugResult(JSON.stringify(result))).toEqual(result);
  });

  it.each([
    ...[null, '', 'x', '{}', '[]', '5', '{"atMs":"x","went":{}}', '{"atMs":1,"went":null}'],
    '{"atMs":1,"went":{"live":true,"past":1,"copy":true}}',
  ])('is nothing when it is %j', (text) => {
    expect(readPlugResult(text)).toBeUndefined();
  });
});
