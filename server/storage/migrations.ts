/** How an older database becomes this version's. Forward only, one step per version. */

/** One step: from `fromVersion` to `fromVersion` + 1. */
export interface Migration {
  readonly fromVersion: number;
  /** Statements only; the caller has opened the transaction and switched foreign keys off, so that
   * a table can be rebuilt as https://www.sqlite.org/lang_altertable.html section 7 says. */
  readonly sql: string;
}

/** The version that schema.sql describes. Raise it with a migration and a frozen copy of the old
 * schema in tests/fixtures/schema/, which the upgrade-and-compare test starts from. */
export const SCHEMA_VERSION = 1;

/** All steps, oldest first. Empty: nothing older than version 1 was ever released. */
export const MIGRATIONS: readonly Migration[] = [];

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
