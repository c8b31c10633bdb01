import { expect, it } from 'vitest';
import type { IndexUse } from '../../../../server/contract/storage.ts';
import { indexWords } from '../../../../web/words/index-words.ts';

const fine: IndexUse = {
  ...{ complete: true, filesDone: 0, filesTotal: 0, unopened: 0 },
  ...{ quarantined: 0, databasesSetAside: [] },
};

it('says nothing where nothing was lost', () => {
  expect(indexWords(fine)).toEqual([]);
});

it('says what waits for an unlock, and how far it is afterwards', () => {
  const lost = { ...fine, complete: false };
  expect(indexWords(lost)).toEqual([
    'The list of recordings was lost. Recording goes on. What was recorded before comes back when you unlock.',
  ]);
  expect(indexWords({ ...lost, filesDone: 3, filesTotal: 90 })[0]).toContain('3 of 90 files');
});

it('says what is damaged, closed, or set aside, and where it is', () => {
  const sentences = indexWords({
    ...{ ...fine, quarantined: 1, unopened: 2 },
    databasesSetAside: ['doorkeep.db.damaged-2026-01-01T12-00-00.000Z'],
  });
  expect(sentences).toEqual([
    '1 file of footage is damaged and lies in the folder quarantine.',
    '2 files of footage do not open with the key of this home.',
    'A damaged database was kept as doorkeep.db.damaged-2026-01-01T12-00-00.000Z. Delete it once you miss nothing.',
  ]);
});
