/** Addresses that browsers came by where the box cannot know its own (reach/learned-addresses.ts). */
import type { Database } from './database.ts';
import type { Query } from './row.ts';

/** One address; in a list of them the oldest stands first. */
export interface LearnedAddress {
  /** A private literal in canonical spelling. */
  readonly address: string;
  /** Whether the owner was signed in by it. */
  readonly isOwners: boolean;
}

const ALL: Query<LearnedAddress> = {
  sql: 'SELECT address, is_owners FROM address_learned ORDER BY place',
  read: (row) => ({ address: row.text('address'), isOwners: row.flag('is_owners') }),
};
const CLEAR = 'DELETE FROM address_learned';
const INSERT = `
  INSERT INTO address_learned (place, address, is_owners) VALUES (:place, :address, :isOwners)`;

/** All of them, the oldest first. */
export function learnedAddresses(db: Database): LearnedAddress[] {
  return db.all(ALL, {});
}

/** From now on these and no others. */
export function replaceLearnedAddresses(db: Database, learned: readonly LearnedAddress[]): void {
  db.transaction(() => {
    db.run(CLEAR);
    for (const [place, { address, isOwners }] of learned.entries()) {
      db.run(INSERT, { place, address, isOwners: isOwners ? 1 : 0 });
    }
  });
}
