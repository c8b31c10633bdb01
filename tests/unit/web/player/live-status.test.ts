import { describe, expect, it } from 'vitest';
import { isGrey, type LiveFacts, liveStatus } from '../../../../web/player/live-status.ts';
import { LOOK_EVERY_MS } from '../../../../web/player/live-ticker.ts';

const now: LiveFacts = {
  ...{ nowMs: 100_000, sinceMs: 90_000, link: 'open', condition: undefined },
  ...{ newPictureMs: 99_900, frameMs: 67, lagMs: 150, stills: false },
  ...{ unplayable: undefined, refused: false, ended: undefined },
};
const stalled: LiveFacts['condition'] = { state: 'stalled', reason: undefined };

describe('the status', () => {
  it.each<[string, Partial<LiveFacts>, object]>([
    ['a new picture', {}, { at: 'live' }],
    ['two seconds are said as a number', { lagMs: 2_100 }, { at: 'late', behindS: 2 }],
    ['a minute, too', { lagMs: 61_400 }, { at: 'late', behindS: 61 }],
    ['under two seconds it is live', { lagMs: 1_990 }, { at: 'live' }],
    ['no new picture', { newPictureMs: 98_400 }, { at: 'frozen' }],
    ['the box says why', { newPictureMs: 98_000, condition: stalled }, { at: 'waiting' }],
    ['the box is gone', { newPictureMs: 98_000, link: 'gone' }, { at: 'gone' }],
    ['gone counts more', { newPictureMs: 1, link: 'gone', condition: stalled }, { at: 'gone' }],
    ['a picture counts more than words', { condition: stalled, link: 'gone' }, { at: 'live' }],
    ['stills', { stills: true }, { at: 'stills' }],
    ['stills that stopped', { stills: true, newPictureMs: 90_000, link: 'gone' }, { at: 'gone' }],
    ['not to be shown', { unplayable: 'H.265' }, { at: 'unplayable', format: 'H.265' }],
    ['signed out', { ended: 'signed-out' }, { at: 'ended', why: 'signed-out' }],
    ['refused', { newPictureMs: undefined, refused: true }, { at: 'refused' }],
  ])('%s', (_what, facts, status) => {
    expect(liveStatus({ ...now, ...facts })).toMatchObject(status);
  });

  it('a picture that stops is frozen within 2 s, wherever between two looks it was the last', () => {
    const shownMs = 100_000;
    for (let phaseMs = 1; phaseMs <= LOOK_EVERY_MS; phaseMs += 1) {
      const newPictureMs = shownMs + phaseMs;
      let nowMs = newPictureMs;
      while (liveStatus({ ...now, nowMs, newPictureMs }).at !== 'frozen') nowMs += LOOK_EVERY_MS;
      expect(nowMs - shownMs).toBeLessThanOrEqual(2_000);
    }
  });

  it('a camera of one picture in two seconds is not frozen between them', () => {
    const slow = { ...now, frameMs: 2_000 };
    expect(liveStatus({ ...slow, newPictureMs: 97_000 })).toEqual({ at: 'live' });
    expect(liveStatus({ ...slow, newPictureMs: 94_000 })).toEqual({ at: 'frozen' });
    expect(liveStatus({ ...now, frameMs: 60_000, newPictureMs: 80_000 })).toEqual({ at: 'frozen' });
  });

  it.each([
    ['open', 'picture'],
    ['busy', 'room'],
    ['connecting', 'box'],
  ] as const)('before the first picture, %s: it waits for the %s', (link, waitsFor) => {
    const waiting = { ...now, link, newPictureMs: undefined };
    expect(liveStatus({ ...waiting, sinceMs: 99_500 })).toEqual({
      ...{ at: 'connecting', waitsFor, long: false },
    });
    expect(liveStatus({ ...waiting, sinceMs: 98_900 })).toMatchObject({ long: true });
  });
});

describe('grey', () => {
  it.each([
    ['what is live never', { at: 'live' }, 10_000, false],
    ['what is late', { at: 'late', behindS: 3 }, 3_000, true],
    ['what is frozen', { at: 'frozen' }, 1_600, true],
    ['a picture of the wall a moment ago is not', waits(), 300, false],
    ['one of a minute ago', waits(), 60_000, true],
    ['nothing at all is not', { at: 'gone' }, undefined, false],
    ['a still of this second is not', { at: 'stills' }, 900, false],
    ['a still in place of what cannot be shown', { at: 'unplayable', format: 'H.265' }, 900, false],
    ['an old still', { at: 'stills' }, 5_000, true],
  ] as const)('%s', (_what, status, ageMs, grey) => {
    expect(isGrey(status, ageMs)).toBe(grey);
  });
});

function waits(): { at: 'connecting'; waitsFor: 'box'; long: false } {
  return { at: 'connecting', waitsFor: 'box', long: false };
}
