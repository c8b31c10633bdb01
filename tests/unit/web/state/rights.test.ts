/** Which pages are shown to whom: nobody is led to a refusal, and what is forgotten is the owner's. */
import { describe, expect, it } from 'vitest';
import type { Route } from '../../../../web/state/route.ts';
import { opensTo, type Rights } from '../../../../web/state/rights.ts';

const PAGES: readonly Route['page'][] = [
  ...(['wall', 'camera', 'people', 'settings', 'unknown', 'record', 'storage', 'exports'] as const),
  ...(['cameras', 'new-camera', 'edit-camera', 'privacy', 'plug-test'] as const),
  ...(['cloud', 'phones'] as const),
  ...(['officers', 'stolen'] as const),
];

const opened = (rights: Rights): string[] => PAGES.filter((page) => opensTo(page, rights));

const EVERYBODYS = ['wall', 'camera', 'people', 'settings', 'unknown'];

describe('pages', () => {
  it('are all the owner’s', () => {
    expect(opened({ role: 'owner', mayExport: true })).toEqual(PAGES);
  });

  it('of a member are those of the past and of advice, and exports where they were granted', () => {
    const [past, advice] = [
      ['record', 'storage'],
      ['officers', 'stolen'],
    ];
    const without = opened({ role: 'member', mayExport: false });
    expect(without).toEqual([...EVERYBODYS, ...past, ...advice]);
    const exporting = opened({ role: 'member', mayExport: true });
    expect(exporting).toEqual([...EVERYBODYS, ...past, 'exports', ...advice]);
  });

  it('of a viewer are those of now, whatever else is said of them', () => {
    expect(opened({ role: 'viewer', mayExport: false })).toEqual(EVERYBODYS);
    expect(opened({ role: 'viewer', mayExport: true })).toEqual(EVERYBODYS);
  });

  it('that the list does not name are the owner’s alone', () => {
    const page = 'constructor' as Route['page'];
    expect(opensTo(page, { role: 'member', mayExport: true })).toBe(false);
    expect(opensTo(page, { role: 'owner', mayExport: true })).toBe(true);
  });
});
