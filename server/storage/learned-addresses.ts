/** Addresses that browsers came by where the box cannot know its own (reach/learned-addresses.ts). */
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** A row; the oldest stands first. */
interface LearnedRow {
  readonly address: string;
  readonly isOwners: boolean;
}

const ALL: Query<LearnedRow> = {
  sql: 'SELECT address, is_owners FROM address_learned ORDER BY place',
  read: (row) => ({ address: row.text('address'), isOwners: row.flag('is_owners') }),
};
const CLEAR = 'DELETE FROM address_learned';
const INSERT = `
  INSERT INTO address_learned (place, address, is_owners) VALUES (:place, :address, :isOwners)`;

/** All of them, the oldest first. */
export function learnedAddresses(db: Database): LearnedRow[] {
  return db.all(ALL, {});
}

/** From now on these and no others. */
export function replaceLearnedAddresses(db: Database, learned: readonly LearnedRow[]): void {
  db.transaction(() => {
    db.run(CLEAR);
    for (const [place, { address, isOwners }] of learned.entries()) {
      db.run(INSERT, { place, address, isOwners: isOwners ? 1 : 0 });
    }
  });
}
