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
  `ALTER TABLE meta ADD COLUMN footage_marked INTEGER NOT NULL DEFAULT 0
     CHECK (footage_marked IN (0, 1))`,
  `CREATE TABLE deleting (
     segment_id INTEGER PRIMARY KEY REFERENCES segment (id) ON DELETE CASCADE
   ) STRICT`,
  // Keys of sealed payloads.
  `CREATE TABLE day_key (
    id BLOB PRIMARY KEY CHECK (length(id) = 8),
    day INTEGER NOT NULL CHECK (day >= 0),
    sealed_key BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX day_key_by_day ON day_key (day);`,
  `ALTER TABLE meta ADD COLUMN program_version TEXT NOT NULL DEFAULT '';
   ALTER TABLE meta ADD COLUMN is_index_pending INTEGER NOT NULL DEFAULT 0
     CHECK (is_index_pending IN (0, 1));`,
  `ALTER TABLE meta ADD COLUMN restored_run_id INTEGER CHECK (restored_run_id >= 0);
   CREATE TABLE backup_taken (
     id TEXT PRIMARY KEY CHECK (length(id) = 32),
     taken_ms INTEGER NOT NULL,
     taken_by TEXT,
     size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
     key_generation INTEGER NOT NULL CHECK (key_generation > 0)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX backup_taken_by_time ON backup_taken (taken_ms);`,
  // Uncertain time (docs/design/time.md); what was recorded before counts as certain.
  `ALTER TABLE run ADD COLUMN uncertain INTEGER NOT NULL DEFAULT 0 CHECK (uncertain IN (0, 1));
   ALTER TABLE run ADD COLUMN boot_id TEXT;
   ALTER TABLE run ADD COLUMN anchor_uptime_ms INTEGER;
   CREATE INDEX run_uncertain ON run (camera_id, id) WHERE uncertain = 1;
   CREATE TABLE box_clock (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     boot_id TEXT NOT NULL,
     uptime_ms INTEGER NOT NULL,
     true_ms INTEGER NOT NULL,
     source TEXT NOT NULL CHECK (source IN ('network', 'person'))
   ) STRICT;`,
  // Limits of each camera, and protected ranges.
  `ALTER TABLE camera ADD COLUMN keep_days INTEGER CHECK (keep_days BETWEEN 1 AND 3650);
  ALTER TABLE camera ADD COLUMN keep_bytes INTEGER CHECK (keep_bytes >= 1073741824);
  CREATE TABLE protected_range (
    id TEXT PRIMARY KEY CHECK (length(id) = 32),
    camera_id TEXT NOT NULL REFERENCES camera (id),
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL CHECK (to_ms > from_ms),
    created_ms INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES user (id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX protected_range_by_camera ON protected_range (camera_id, from_ms);`,
  'ALTER TABLE session ADD COLUMN live_only INTEGER NOT NULL DEFAULT 0 CHECK (live_only IN (0, 1))',
  // The egress ledger.
  `CREATE TABLE egress_destination (
    address TEXT NOT NULL,
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    party_kind TEXT NOT NULL,
    party_id TEXT NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    connections INTEGER NOT NULL CHECK (connections >= 0),
    PRIMARY KEY (address, port, party_kind, party_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE egress_refusal (
    way TEXT NOT NULL,
    who_kind TEXT NOT NULL,
    who TEXT NOT NULL,
    target TEXT NOT NULL,
    reason TEXT NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts > 0),
    PRIMARY KEY (way, who_kind, who, target)
  ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE kernel_try (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    tried_ms INTEGER NOT NULL,
    expected TEXT NOT NULL,
    v4 TEXT NOT NULL,
    v6 TEXT NOT NULL
  ) STRICT;`,
  // The record (docs/design/audit.md).
  `CREATE TABLE audit_epoch (
    first_sequence INTEGER PRIMARY KEY CHECK (first_sequence > 0),
    epoch_id BLOB NOT NULL CHECK (length(epoch_id) = 16),
    generation INTEGER CHECK (generation > 0)
  ) STRICT;
  CREATE TABLE audit_entry (
    sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    user_id INTEGER,
    who TEXT NOT NULL CHECK (length(who) <= 64),
    camera_id TEXT CHECK (length(camera_id) <= 64),
    object_id TEXT CHECK (length(object_id) <= 64),
    note_json TEXT CHECK (json_valid(note_json)),
    details BLOB,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    tag BLOB NOT NULL CHECK (length(tag) = 32)
  ) STRICT;
  CREATE INDEX audit_note ON audit_entry (kind, sequence) WHERE note_json IS NOT NULL;`,
  // Roles: the table of people is rebuilt, because a CHECK cannot be changed.
  `CREATE TABLE user_rebuilt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(username) BETWEEN 1 AND 64),
    role TEXT NOT NULL CHECK (role IN ('owner', 'member', 'viewer')),
    password_hash TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    may_export INTEGER NOT NULL CHECK (may_export IN (0, 1)),
    all_cameras INTEGER NOT NULL CHECK (all_cameras IN (0, 1)),
    CHECK (role <> 'owner' OR (may_export = 1 AND all_cameras = 1)),
    CHECK (role <> 'viewer' OR may_export = 0)
  ) STRICT;
  INSERT INTO user_rebuilt SELECT id, username, role, password_hash, created_ms, 1, 1 FROM user;
  DROP TABLE user;
  ALTER TABLE user_rebuilt RENAME TO user;
  CREATE TABLE user_camera (
    user_id INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    camera_id TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, camera_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE invitation (
    id TEXT PRIMARY KEY CHECK (length(id) = 16),
    secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    user_id INTEGER REFERENCES user (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    role TEXT NOT NULL CHECK (role IN ('member', 'viewer')),
    may_export INTEGER NOT NULL CHECK (may_export IN (0, 1)),
    all_cameras INTEGER NOT NULL CHECK (all_cameras IN (0, 1)),
    created_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE invitation_camera (
    invitation_id TEXT NOT NULL REFERENCES invitation (id) ON DELETE CASCADE,
    camera_id TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    PRIMARY KEY (invitation_id, camera_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE access_token (
    id TEXT PRIMARY KEY CHECK (length(id) = 16),
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    scope TEXT NOT NULL CHECK (scope IN ('metrics', 'live-picture')),
    camera_id TEXT REFERENCES camera (id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER,
    CHECK ((scope = 'live-picture') = (camera_id IS NOT NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE network_in (network TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`,
  // Addresses of the machine that a container learns.
  `CREATE TABLE address_learned (
    place INTEGER PRIMARY KEY CHECK (place >= 0),
    address TEXT NOT NULL UNIQUE,
    is_owners INTEGER NOT NULL CHECK (is_owners IN (0, 1))
  ) STRICT;`,
  // What is tried once after set-up.
  `CREATE TABLE first_step (
    step TEXT PRIMARY KEY CHECK (length(step) BETWEEN 1 AND 32),
    state TEXT NOT NULL CHECK (state IN ('tried', 'put-away')),
    at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`,
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
