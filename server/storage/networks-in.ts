/** Networks beside the home's that the owner lets in, as they were typed and checked. */
import type { Database } from './database.ts';
import type { Query } from './row.ts';

const ALL: Query<string> = {
  sql: 'SELECT network FROM network_in ORDER BY network',
  read: (row) => row.text('network'),
};
const CLEAR = 'DELETE FROM network_in';
const INSERT = 'INSERT INTO network_in (network) VALUES (:network)';

/** All of them. */
export function networksIn(db: Database): string[] {
  return db.all(ALL, {});
}

/** From now on these and no others. */
export function replaceNetworksIn(db: Database, networks: readonly string[]): void {
  db.transaction(() => {
    db.run(CLEAR);
    for (const network of new Set(networks)) db.run(INSERT, { network });
  });
}
