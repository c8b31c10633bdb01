import { describe, expect, it } from 'vitest';
import type { Trouble } from '../../../../web/api/call.ts';
import { isSameState, troubleOf } from '../../../../web/player/playback-state.ts';
import {
  skipWords,
  troubleWords,
  type PlaybackTrouble,
} from '../../../../web/player/playback-words.ts';

/** All of them, by construction. */
const TROUBLES = Object.keys({
  'camera-gone': 0,
  'box-gone': 0,
  'signed-out': 0,
  locked: 0,
  'footage-gone': 0,
  damaged: 0,
  unplayable: 0,
  'no-player': 0,
  refused: 0,
} satisfies Record<PlaybackTrouble, 0>) as PlaybackTrouble[];

/** experience.md, "Words". */
const BANNED =
  /\b(stream|codec|rtsp|gop|token|hash|certificate|session|sync|instance|failed|invalid|error|oops)/i;

describe('what is said of a trouble', () => {
  it.each(TROUBLES)('%s: one line without our words, and a way out', (trouble) => {
    const { sentence, hint } = troubleWords(trouble);
    expect(sentence.length).toBeLessThanOrEqual(90);
    expect(sentence).not.toMatch(BANNED);
    expect(hint).toMatch(/\.$/);
  });
});

describe('what is said of a hole', () => {
  const fromMs = new Date(2026, 0, 1, 14, 2).getTime();
  const beside = { cameraName: 'Porch', dayMs: fromMs, nowMs: fromMs + 3_600_000 };

  it('is when, and why', () => {
    const hole = { fromMs, toMs: fromMs + 8 * 60_000, reason: 'unreachable' as const };
    expect(skipWords(hole, beside)).toMatch(/^Nothing is kept from .*02.* to .*10.*\. Porch did/);
  });

  it('names seconds where minutes would be the same', () => {
    const hole = { fromMs, toMs: fromMs + 7_000, reason: undefined };
    expect(skipWords(hole, beside)).toMatch(/^Nothing is kept from .*:00.* to .*:07.*\.$/);
  });

  it('names the days where its ends lie on two', () => {
    const toMs = new Date(2026, 0, 3, 20, 17).getTime();
    const words = skipWords(
      { fromMs, toMs, reason: undefined },
      { ...beside, dayMs: toMs, nowMs: toMs },
    );
    expect(words).toMatch(/^Nothing is kept from Thursday\D+1\D+.*02.* to today, .*17.*\.$/);
  });

  it('names the day once where it is not the one that is listed', () => {
    const hole = { fromMs, toMs: fromMs + 8 * 60_000, reason: undefined };
    const words = skipWords(hole, { ...beside, dayMs: fromMs + 2 * 86_400_000 });
    expect(words).toMatch(/^Nothing is kept from today, .*02.* to [^,]*10.*\.$/);
  });
});

describe('an answer of the box', () => {
  const answer = (kind: string, status: number): Trouble => ({
    ...{ kind, status, reason: undefined, sentence: '', hint: '' },
  });

  it.each([
    ['gone', 0, 'box-gone'],
    ['aborted', 0, 'box-gone'],
    ['cancelled', 503, 'box-gone'],
    ['unauthenticated', 401, 'signed-out'],
    ['not-found', 404, 'camera-gone'],
    ['locked', 423, 'locked'],
    ['internal', 500, 'refused'],
  ])('%s means %s', (kind, status, trouble) => {
    expect(troubleOf(answer(kind, status))).toBe(trouble);
  });
});

it('a page hears of a state once, but of each moment it is opened at', () => {
  const trouble = (name: PlaybackTrouble) => ({
    ...{ kind: 'trouble' as const, trouble: name, said: undefined, goOnMs: undefined },
  });
  expect(isSameState(undefined, { kind: 'playing' })).toBe(false);
  expect(isSameState({ kind: 'playing' }, { kind: 'playing' })).toBe(true);
  expect(isSameState({ kind: 'playing' }, { kind: 'paused' })).toBe(false);
  expect(isSameState({ kind: 'opening', atMs: 1 }, { kind: 'opening', atMs: 2 })).toBe(false);
  expect(isSameState(trouble('box-gone'), trouble('box-gone'))).toBe(true);
  expect(isSameState(trouble('box-gone'), trouble('locked'))).toBe(false);
});
