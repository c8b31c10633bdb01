import { describe, expect, it } from 'vitest';
import type { Export } from '../../../../server/contract/export.ts';
import { EXPORT_MAX_MS } from '../../../../server/exports/export-service.ts';
import {
  earlyWords,
  exactLength,
  progressWords,
  spanProblem,
  spanWords,
} from '../../../../web/words/export-words.ts';
import { localInputMs, localInputText } from '../../../../web/words/local-time.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 15, 0, 0);
const MINUTE_MS = 60_000;

const made: Export = {
  ...{ id: 'a'.repeat(32), camera: 'b'.repeat(16), state: 'running', progress: 0.42 },
  ...{ from: '2026-11-22T14:00:00.000Z', to: '2026-11-22T14:05:00.000Z', notes: [] },
  ...{ createdAt: '2026-11-22T15:00:00.000Z', sizeBytes: 110_000_000 },
};

describe('a span', () => {
  it('is fine when it is over, in order, and a day at most', () => {
    expect(spanProblem(NOW_MS - 5 * MINUTE_MS, NOW_MS, NOW_MS)).toBeUndefined();
    expect(spanProblem(NOW_MS - EXPORT_MAX_MS, NOW_MS, NOW_MS)).toBeUndefined();
  });

  it.each([
    ['nothing typed', undefined, NOW_MS, /both times/],
    ['backwards', NOW_MS, NOW_MS - 1, /later end/],
    ['empty', NOW_MS - 1, NOW_MS - 1, /later end/],
    ['to come', NOW_MS + 1, NOW_MS + 2, /not happened yet/],
    ['longer than the box makes', NOW_MS - EXPORT_MAX_MS - 1, NOW_MS, /24 hours/],
  ])('is refused before the box is asked: %s', (_what, fromMs, toMs, words) => {
    expect(spanProblem(fromMs, toMs, NOW_MS)).toMatch(words);
  });

  it('is said with the size that the camera’s own footage suggests', () => {
    const use = { bytes: 3_000, durationMs: 1 };
    expect(spanWords(5 * MINUTE_MS, use)).toBe('5 min long, about 900 MB.');
    expect(spanWords(5 * MINUTE_MS, { ...use, durationMs: 0 })).toBe('5 min long.');
    expect(spanWords(5 * MINUTE_MS, undefined)).toBe('5 min long.');
  });

  it('says how early the file may begin', () => {
    expect(earlyWords(undefined)).toContain('up to 2 s earlier');
  });
});

describe('how far an export is', () => {
  it.each([
    ['queued', 'Waits for its turn.'],
    ['running', 'Being made: 42 % of 110 MB.'],
    ['done', 'Ready: 110 MB.'],
    ['cancelled', 'Called off.'],
  ] as const)('%s', (state, words) => {
    expect(progressWords({ ...made, state })).toBe(words);
  });

  it('is the box’s own sentence when it could not be made', () => {
    expect(progressWords({ ...made, state: 'failed', failure: 'The disk is full.' })).toBe(
      'The disk is full.',
    );
  });
});

describe('lengths and local times', () => {
  it('are said to the second', () => {
    expect(exactLength(310_000)).toBe('5 min 10 s');
    expect(exactLength(300_000)).toBe('5 min');
    expect(exactLength(42_000)).toBe('42 s');
    expect(exactLength(3_600_000)).toBe('1 h');
  });

  it('come back from the field as they were put in', () => {
    expect(localInputMs(localInputText(NOW_MS))).toBe(NOW_MS);
    expect(localInputText(NOW_MS)).toMatch(/^2026-11-\d\dT\d\d:00:00$/);
  });

  it('may leave the seconds out, as browsers do at full minutes', () => {
    const text = localInputText(NOW_MS);
    expect(localInputMs(text.slice(0, -3))).toBe(NOW_MS);
  });

  it.each(['', '2026-11-22', 'yesterday', '2026-13-40T99:00', '1e9'])('are not %j', (text) => {
    expect(localInputMs(text)).toBeUndefined();
  });
});
