import { describe, expect, it } from 'vitest';
import {
  camerasWords,
  invitedWords,
  LIVE_ONLY,
  openLinkWords,
  roleWords,
  signedInWords,
} from '../../../../web/words/people-words.ts';
import { faultsOf } from '../../../fixtures/page-words.ts';

const CAMERAS = [
  { id: 'a', name: 'Porch' },
  { id: 'b', name: 'Garden' },
];

describe('the words about a person', () => {
  it('say what they may do', () => {
    expect(roleWords({ role: 'owner', mayExport: true })).toBe(
      'Owner: sees and decides everything.',
    );
    expect(roleWords({ role: 'member', mayExport: true })).toMatch(/and may export\.$/);
    expect(roleWords({ role: 'member', mayExport: false })).toMatch(/live and the past\.$/);
    expect(roleWords({ role: 'viewer', mayExport: false })).toBe('Viewer: sees live.');
  });

  it('say which cameras they see, by the names of now', () => {
    expect(camerasWords(null, CAMERAS)).toBe('Every camera.');
    expect(camerasWords(['b', 'a'], CAMERAS)).toBe('Only Porch, Garden.');
    expect(camerasWords(['gone'], CAMERAS)).toBe('No camera.');
  });

  it('say on their own page what they see', () => {
    expect(signedInWords(true, true)).toContain('owner');
    expect(signedInWords(false, true)).toContain('the past with your password');
    expect(signedInWords(false, false)).toBe('Signed in here. You see live.');
    expect(faultsOf({ first: LIVE_ONLY, rest: signedInWords(false, false) })).toEqual([]);
  });
});

describe('the words about a link', () => {
  const seen = { name: 'Robin', role: 'member', mayExport: false, isNewPassword: false } as const;

  it('say to who opened it what it is for', () => {
    expect(invitedWords(seen)).toBe('You will see the cameras live, and what was recorded.');
    expect(invitedWords({ ...seen, mayExport: true })).toContain('may take copies');
    expect(invitedWords({ ...seen, role: 'viewer' })).toBe('You will see the cameras live.');
    expect(invitedWords({ ...seen, isNewPassword: true })).toMatch(/^Choose a new password\./);
  });

  it('say to the owner whom it waits for', () => {
    const link = { ...seen, id: '0', cameras: null, until: '2026-11-28T00:00:00Z' };
    expect(openLinkWords(link)).toBe('Robin is invited.');
    expect(openLinkWords({ ...link, isNewPassword: true })).toBe('Robin can set a new password.');
  });
});
