/** What the household decided for the whole box: one row per key. */
import { AppError } from '../base/errors.ts';
import type { Reach } from '../contract/settings.ts';
import type { Database } from './database.ts';
import type { Query } from './row.ts';

const BY_KEY: Query<string> = {
  sql: 'SELECT value_json FROM setting WHERE key = :key',
  read: (row) => row.text('value_json'),
};
const PUT = `
  INSERT INTO setting (key, value_json) VALUES (:key, :valueJson)
  ON CONFLICT (key) DO UPDATE SET value_json = excluded.value_json`;
const REMOVE = 'DELETE FROM setting WHERE key = :key';

const REACHES = ['this-machine', 'home'] as const satisfies readonly Reach[];

/** Who may open the box; undefined while nobody has chosen. */
export function chosenReach(db: Database): Reach | undefined {
  const text = db.get(BY_KEY, { key: 'reach' });
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  const reach = REACHES.find((known) => known === value);
  if (reach === undefined) throw new AppError('corrupt', 'the setting "reach" has another value');
  return reach;
}

/** Stores the choice; undefined takes it back. */
export function chooseReach(db: Database, reach: Reach | undefined): void {
  if (reach === undefined) db.run(REMOVE, { key: 'reach' });
  else db.run(PUT, { key: 'reach', valueJson: JSON.stringify(reach) });
}
