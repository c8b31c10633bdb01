/** Every warning of the store has its three parts, however long a camera's name is. */
import { describe, expect, it } from 'vitest';
import type { StorageWarning } from '../../../../server/contract/storage.ts';
import { warningWords } from '../../../../web/words/storage-warning-words.ts';
import { faultsOf } from '../../../fixtures/page-words.ts';

const GB = 1_000_000_000;
const CAMERA = 'a'.repeat(16);

const WARNINGS: readonly StorageWarning[] = [
  { kind: 'short-history', camera: CAMERA, days: 14, keepsDays: 11.4 },
  {
    ...{ kind: 'protected-fills-disk', protectedBytes: 400 * GB, roomBytes: 410 * GB },
    keepsDays: 0.5,
  },
  { kind: 'disk-full' },
  { kind: 'wrong-disk' },
];

describe.each(WARNINGS.map((warning) => [warning.kind, warning] as const))('%s', (_, warning) => {
  // 64 characters is the longest name that the contract takes.
  it.each(['Front door', 'The one above the old gate behind the shed, '.padEnd(64, 'x')])(
    'says what happened in few plain words, and what to do: %s',
    (name) => {
      const { sentence, hint } = warningWords(warning, () => name);
      expect(faultsOf({ first: sentence, rest: hint })).toEqual([]);
    },
  );
});

describe('warnings', () => {
  const [short, filled] = WARNINGS.map((warning) => warningWords(warning, () => 'Front door'));

  it('say what it means with numbers', () => {
    expect(short?.sentence).toBe('Too little room for Front door.');
    expect(short?.hint).toMatch(/^It keeps 11 days, not the 14 days you set\./);
    expect(filled?.hint).toMatch(/^It takes 400 GB of the 410 GB .* kept for 12 h\./);
  });

  it('are alarms only where footage is being lost', () => {
    const lost = WARNINGS.filter((warning) => warningWords(warning, String).isLoss);
    expect(lost.map(({ kind }) => kind)).toEqual(['disk-full', 'wrong-disk']);
  });
});
