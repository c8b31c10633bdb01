/** How an older database becomes this version's. Forward only, one step per version. */

/** One step: from `fromVersion` to `fromVersion` + 1. */
export interface Migration {
  readonly fromVersion: number;
  /** Statements only; the caller has opened the transaction and switched foreign keys off, so that
   * a table can be rebuilt as https://www.sqlite.org/lang_altertable.html section 7 says. */
  readonly sql: string;
}

/** The SQL of each step: the first leads from version 1 to 2, and so on; released steps never change.
 * A new column stands last in its table in schema.sql, because ALTER TABLE adds it there. */
const STEPS: readonly string[] = [
  'ALTER TABLE session ADD COLUMN live_only INTEGER NOT NULL DEFAULT 0 CHECK (live_only IN (0, 1))',
];

/** All steps, oldest first. */
export const MIGRATIONS: readonly Migration[] = STEPS.map((sql, index) => ({
  fromVersion: index + 1,
  sql,
}));

/** The version that schema.sql describes. tests/fixtures/schema/ keeps the schema of version 1, which
 * the upgrade-and-compare test carries forward. */
export const SCHEMA_VERSION = STEPS.length + 1;

/** The steps from `version` to `target`, in order; undefined when one of them is missing. */
export function migrationsFrom(
  version: number,
  target = SCHEMA_VERSION,
  all: readonly Migration[] = MIGRATIONS,
): readonly Migration[] | undefined {
  const steps: Migration[] = [];
  for (let at = version; at < target; at += 1) {
    const step = all.find((migration) => migration.fromVersion === at);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return steps;
}
