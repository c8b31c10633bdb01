import { describe, expect, it } from 'vitest';
import {
  markedSpan,
  markFrom,
  markTo,
  NO_MARKS,
  spanAround,
  spanAt,
  spansBetween,
} from '../../../../web/timeline/marks.ts';

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

describe('what one press protects', () => {
  const NOW_MS = 10_000_000;
  const MINUTE_MS = 60_000;

  it('is five minutes around what is seen', () => {
    expect(spanAround(5_000_000, NOW_MS)).toEqual({ fromMs: 4_850_000, toMs: 5_150_000 });
  });

  it('is the last five minutes while it is live: nothing that is yet to come', () => {
    expect(spanAround(NOW_MS, NOW_MS)).toEqual({ fromMs: NOW_MS - 5 * MINUTE_MS, toMs: NOW_MS });
  });
});

describe('spans', () => {
  const spans = [
    { id: '1', fromMs: 10, toMs: 20 },
    { id: '2', fromMs: 40, toMs: 60 },
  ];

  it('have the moments from their beginning to before their end', () => {
    expect([9, 10, 19, 20, 45].map((ms) => spanAt(spans, ms)?.id)).toEqual([
      ...[undefined, '1', '1', undefined, '2'],
    ]);
  });

  it('are cut at the ends of an hour', () => {
    expect(spansBetween(spans, 15, 50)).toEqual([
      { fromMs: 15, toMs: 20 },
      { fromMs: 40, toMs: 50 },
    ]);
    expect(spansBetween(spans, 20, 40)).toEqual([]);
  });
});
