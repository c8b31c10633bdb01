import { describe, expect, it } from 'vitest';
import { markedSpan, markFrom, markTo, NO_MARKS } from '../../../../web/timeline/marks.ts';

describe('marks', () => {
  it('are set in either order', () => {
    const span = { fromMs: 10, toMs: 20 };
    expect(markedSpan(markTo(markFrom(NO_MARKS, 10), 20))).toEqual(span);
    expect(markedSpan(markFrom(markTo(NO_MARKS, 20), 10))).toEqual(span);
  });

  it('are no span while one is missing', () => {
    expect(markedSpan(NO_MARKS)).toBeUndefined();
    expect(markedSpan(markFrom(NO_MARKS, 10))).toBeUndefined();
    expect(markedSpan(markTo(NO_MARKS, 10))).toBeUndefined();
  });

  it('move one end and keep the other', () => {
    const marks = markTo(markFrom(NO_MARKS, 10), 20);
    expect(markFrom(marks, 15)).toEqual({ fromMs: 15, toMs: 20 });
    expect(markTo(marks, 12)).toEqual({ fromMs: 10, toMs: 12 });
  });

  it('never end before they begin', () => {
    const marks = markTo(markFrom(NO_MARKS, 10), 20);
    expect(markFrom(marks, 20)).toEqual({ fromMs: 20, toMs: undefined });
    expect(markTo(marks, 10)).toEqual({ fromMs: undefined, toMs: 10 });
  });
});
