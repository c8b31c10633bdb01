import { describe, expect, it } from 'vitest';
import { holderWords, LOCKED, UNLOCK_HELP } from '../../../../web/words/lock-words.ts';
import { faultsOf } from '../../../fixtures/page-words.ts';

describe('the words while the past is locked', () => {
  it('are those of the design', () => {
    expect(LOCKED).toBe('Locked. Live goes on; the past opens with your password.');
    expect(faultsOf({ first: LOCKED, rest: UNLOCK_HELP })).toEqual([]);
  });

  it('say who can open it, and how many keys there were', () => {
    expect(holderWords(['sam'], 1)).toBe(
      'sam can open the past. The key is the first one of this box.',
    );
    expect(holderWords(['sam', 'kim'], 2)).toBe(
      'sam and kim can open the past. The key is number 2; there was one before it.',
    );
    expect(holderWords(['sam', 'kim', 'alex'], 4)).toBe(
      'sam, kim, and alex can open the past. The key is number 4; there were 3 before it.',
    );
    expect(holderWords([], 0)).toMatch(/^Nobody can open the past yet/);
  });
});
