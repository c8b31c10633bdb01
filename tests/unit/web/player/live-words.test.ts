import { describe, expect, it } from 'vitest';
import type { LiveStatus } from '../../../../web/player/live-status.ts';
import { formatOf, liveWords } from '../../../../web/player/live-words.ts';
import { faultsOf } from '../../../fixtures/page-words.ts';

const reason = {
  ...{ reason: 'no-answer', sentence: 'The camera does not answer.', hint: 'Is it powered?' },
  since: '2026-11-22T14:02:00.000Z',
};

/** One of each, as far as words differ. */
const EVERY: readonly LiveStatus[] = [
  { at: 'live' },
  { at: 'late', behindS: 4 },
  { at: 'connecting', waitsFor: 'box', long: false },
  { at: 'connecting', waitsFor: 'box', long: true },
  { at: 'connecting', waitsFor: 'room', long: true },
  { at: 'connecting', waitsFor: 'picture', long: true },
  { at: 'frozen' },
  { at: 'waiting', state: 'stalled', reason },
  { at: 'waiting', state: 'connecting', reason: undefined },
  { at: 'waiting', state: 'disabled', reason: undefined },
  { at: 'gone' },
  { at: 'stills' },
  { at: 'unplayable', format: 'H.265' },
  { at: 'unplayable', format: formatOf('') },
  { at: 'refused' },
  { at: 'ended', why: 'removed' },
  { at: 'ended', why: 'signed-out' },
];
const PICTURE_MS = Date.parse('2026-11-22T14:02:05Z');

describe('words of a live picture', () => {
  it.each(EVERY)('$at: are plain, and say what to do', (status) => {
    const { strip, sentence, hint } = liveWords(status, PICTURE_MS);
    // The strip is no sentence: it stands behind the name of the camera.
    const asSentence = { first: `Strip ${strip || 'empty'}.`, rest: 'Nothing to do.' };
    expect(faultsOf(asSentence)).toEqual([]);
    const asHint = hint ?? 'Nothing to do.';
    expect(sentence === undefined ? [] : faultsOf({ first: sentence, rest: asHint })).toEqual([]);
  });

  it('a wait of over a second says what for', () => {
    const waits = EVERY.filter((status) => status.at === 'connecting' && status.long);
    const words = waits.map((status) => liveWords(status, undefined).strip);
    expect(words).toHaveLength(3);
    for (const strip of words) expect(strip).toMatch(/wait/);
  });

  it('a picture that stands has its age', () => {
    const time = /\d\d?:\d\d/;
    for (const at of ['frozen', 'gone'] as const) {
      expect(liveWords({ at }, PICTURE_MS).since).toMatch(time);
      expect(liveWords({ at }, undefined).since).toBeUndefined();
    }
    const waiting = liveWords({ at: 'waiting', state: 'stalled', reason }, undefined);
    expect(waiting).toMatchObject({ sentence: reason.sentence, hint: reason.hint });
    expect(waiting.since).toMatch(time);
  });

  it('how far behind is a number', () => {
    expect(liveWords({ at: 'late', behindS: 4 }, PICTURE_MS).strip).toBe('4 s behind');
  });

  it.each([
    ['hvc1.1.6.L120.B0', 'H.265'],
    ['hev1.1.6.L120.B0,mp4a.40.2', 'H.265'],
    ['avc1.640028,mp4a.40.2', 'this kind of H.264'],
    ['', 'this kind of picture'],
  ])('%s is called %s', (codecs, format) => {
    expect(formatOf(codecs)).toBe(format);
  });
});
