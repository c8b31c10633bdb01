import { describe, expect, it } from 'vitest';
import type { AccessToken } from '../../../../server/contract/tokens.ts';
import {
  askWords,
  endRightWords,
  rightUse,
  rightWords,
  VPN_IS,
  VPN_NEXT,
} from '../../../../web/words/program-right-words.ts';
import { faultsOf } from '../../../fixtures/page-words.ts';

const NOW_MS = new Date(2026, 10, 27, 14, 2).getTime();
const DAY_MS = 86_400_000;

const right = (more: Partial<AccessToken> = {}): AccessToken => ({
  ...{ id: '0123456789abcdef', name: 'Home Assistant', scope: 'live-picture' },
  ...{ camera: '00000000000000aa', createdAt: new Date(NOW_MS).toISOString(), lastUsedAt: null },
  ...more,
});

describe('the right of a program', () => {
  it('is told as the door that it opens', () => {
    expect(rightWords('live-picture', 'Front door')).toBe(
      'A program may take one picture a second from Front door.',
    );
    expect(rightWords('metrics', '')).toMatch(/counters.*No picture\.$/);
    for (const scope of ['metrics', 'live-picture'] as const) {
      expect(faultsOf({ first: rightWords(scope, 'Front door'), rest: VPN_NEXT })).toEqual([]);
    }
  });

  it('says since when it is open, and when it was used', () => {
    expect(rightUse(right(), NOW_MS)).toBe('Since today. Never used.');
    const used = right({
      createdAt: new Date(NOW_MS - DAY_MS).toISOString(),
      lastUsedAt: new Date(NOW_MS).toISOString(),
    });
    expect(rightUse(used, NOW_MS)).toMatch(/^Since yesterday\. Last used today, \d{1,2}:\d\d/);
    expect(rightUse(right({ createdAt: null }), NOW_MS)).toBe('In the data folder. Never used.');
  });

  it('is ended with words that say what that means', () => {
    expect(endRightWords(right())).toMatch(/^Home Assistant gets nothing more, at once\./);
    expect(endRightWords({ id: 'file', name: 'The file' })).toMatch(/^Another one is written/);
  });

  it('comes with the address to ask at', () => {
    const origin = 'https://doorkeep.local:8443';
    expect(askWords('live-picture', '00000000000000aa', origin)).toBe(
      `GET ${origin}/api/cameras/00000000000000aa/snapshot`,
    );
    expect(askWords('metrics', '', origin)).toBe(`GET ${origin}/api/metrics`);
  });
});

describe('a VPN', () => {
  it('is told who comes in by it, and what is left to do', () => {
    expect(VPN_IS).toContain('They sign in like everybody.');
    expect(VPN_NEXT).toMatch(/service install.*container/);
  });
});
