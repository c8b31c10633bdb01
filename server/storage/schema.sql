-- Doorkeep's index. Footage itself lies in files; this database says which, from when, and how much
-- of each counts. All instants are UTC milliseconds since 1970 (suffix _ms), all sizes bytes.
-- Every table is STRICT; a column without a comment does not pass the tests.

-- One row: what this database is.
CREATE TABLE meta (
  -- Always 1, so that there can be one row only.
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- The version of this schema; a program refuses a newer one and migrates an older one.
  schema_version INTEGER NOT NULL CHECK (schema_version > 0),
  -- Random, 32 hex digits: says which box this is, so that a swapped disk is noticed.
  box_id TEXT NOT NULL CHECK (length(box_id) = 32),
  -- 1 after an orderly stop, 0 while the server runs: tells 'stopped' from 'crashed' at the next start.
  stopped_cleanly INTEGER NOT NULL CHECK (stopped_cleanly IN (0, 1)),
  -- 1 once the folders of footage carry the box id: from then on a folder without it is another disk's.
  footage_marked INTEGER NOT NULL DEFAULT 0 CHECK (footage_marked IN (0, 1)),
  -- The Doorkeep that made this schema: what a program is told that is too old for it.
  program_version TEXT NOT NULL DEFAULT '',
  -- 1 while files may lie in the footage folder that the index does not know (storage/index-rebuilder.ts).
  is_index_pending INTEGER NOT NULL DEFAULT 0 CHECK (is_index_pending IN (0, 1)),
  -- Set when this database came out of a backup: of runs up to this id there may be footage that no row
  -- knows, so nothing of theirs is deleted as a stray or cut off.
  restored_run_id INTEGER CHECK (restored_run_id >= 0)
) STRICT;

-- What the household decided for the whole box. What nobody decided has no row.
CREATE TABLE setting (
  -- Its name, as in contract/settings.ts.
  key TEXT PRIMARY KEY CHECK (key IN ('reach')),
  -- Its value; storage/settings.ts knows the shape of each.
  value_json TEXT NOT NULL CHECK (json_valid(value_json))
) STRICT, WITHOUT ROWID;

-- People. The first row is the owner, made with the set-up token.
CREATE TABLE user (
  -- Internal id; never reused.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- As typed, after NFC; unique without regard to case.
  username TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(username) BETWEEN 1 AND 64),
  -- What the person may do (server/auth/access.ts).
  role TEXT NOT NULL CHECK (role IN ('owner', 'member', 'viewer')),
  -- argon2id in PHC string format: carries its own parameters and salt.
  password_hash TEXT NOT NULL,
  -- When the account was made.
  created_ms INTEGER NOT NULL,
  -- 1 when the person may take footage out; the owner always, a viewer never.
  may_export INTEGER NOT NULL CHECK (may_export IN (0, 1)),
  -- 1: every camera, those to come included; 0: those in user_camera. The owner always 1.
  all_cameras INTEGER NOT NULL CHECK (all_cameras IN (0, 1)),
  CHECK (role <> 'owner' OR (may_export = 1 AND all_cameras = 1)),
  CHECK (role <> 'viewer' OR may_export = 0)
) STRICT;

-- Cameras of people who do not see all of them.
CREATE TABLE user_camera (
  -- Who.
  user_id INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  -- Sees which.
  camera_id TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, camera_id)
) STRICT, WITHOUT ROWID;

-- Links by which a person makes an account, or a new password for the one they have. Once, and 24 hours.
CREATE TABLE invitation (
  -- Random, 16 hex digits: appears in URLs, and in the file of keys where it carries a key.
  id TEXT PRIMARY KEY CHECK (length(id) = 16),
  -- SHA-256 of the link's 32 random bytes: a thief of the database can claim nothing.
  secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
  -- Whose password is made anew; null for a new person.
  user_id INTEGER REFERENCES user (id) ON DELETE CASCADE,
  -- What the owner calls the person.
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  -- What the person will be; nobody becomes an owner by a link.
  role TEXT NOT NULL CHECK (role IN ('member', 'viewer')),
  -- See user.may_export.
  may_export INTEGER NOT NULL CHECK (may_export IN (0, 1)),
  -- See user.all_cameras.
  all_cameras INTEGER NOT NULL CHECK (all_cameras IN (0, 1)),
  -- When it was made.
  created_ms INTEGER NOT NULL,
  -- When it ends.
  until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Cameras of invitations that are not for all of them.
CREATE TABLE invitation_camera (
  -- Which link.
  invitation_id TEXT NOT NULL REFERENCES invitation (id) ON DELETE CASCADE,
  -- Which camera.
  camera_id TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
  PRIMARY KEY (invitation_id, camera_id)
) STRICT, WITHOUT ROWID;

-- Rights of programs that the owner gave by hand. The token itself is shown once and stored nowhere.
CREATE TABLE access_token (
  -- Random, 16 hex digits: appears in URLs.
  id TEXT PRIMARY KEY CHECK (length(id) = 16),
  -- SHA-256 of its 32 random bytes.
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  -- What the owner calls it.
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  -- What it opens (server/auth/access-tokens.ts); none opens stored footage.
  scope TEXT NOT NULL CHECK (scope IN ('metrics', 'live-picture')),
  -- Whose picture; null for a scope that shows none.
  camera_id TEXT REFERENCES camera (id) ON DELETE CASCADE,
  -- When it was made.
  created_ms INTEGER NOT NULL,
  -- Last use, rounded down to the minute to spare writes; null until then.
  used_ms INTEGER,
  CHECK ((scope = 'live-picture') = (camera_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- Networks that may come in beside the home: a VPN's, typed by the owner.
CREATE TABLE network_in (
  -- Address and prefix, e.g. 100.64.0.0/10 (server/egress/networks-in.ts).
  network TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Addresses that browsers came by where the box cannot know its own: in a container. 8 rows at most.
CREATE TABLE address_learned (
  -- Oldest first, from 0: the first that is not the owner's is given away when another one comes.
  place INTEGER PRIMARY KEY CHECK (place >= 0),
  -- A private literal, IPv4 or IPv6, in canonical spelling.
  address TEXT NOT NULL UNIQUE,
  -- 1 once the owner was signed in by it: such a place is never given away.
  is_owners INTEGER NOT NULL CHECK (is_owners IN (0, 1))
) STRICT;

-- What is tried once after set-up. What is still open has no row; not in a backup: another box was not tried.
CREATE TABLE first_step (
  -- One of FIRST_STEPS in contract/first-steps.ts; not listed here, so that another one needs no migration.
  step TEXT PRIMARY KEY CHECK (length(step) BETWEEN 1 AND 32),
  -- What became of it.
  state TEXT NOT NULL CHECK (state IN ('tried', 'put-away')),
  -- Since when.
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Signed-in browsers. The token itself is only in the cookie.
CREATE TABLE session (
  -- SHA-256 of the cookie's 32 random bytes: a thief of the database cannot sign in with it.
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  -- Whose it is; signing a user out everywhere deletes these rows.
  user_id INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  -- When it was opened; ends for good 30 days later.
  created_ms INTEGER NOT NULL,
  -- Last request, rounded down to the minute to spare writes; ends 7 days later.
  seen_ms INTEGER NOT NULL,
  -- 1 for a wall screen: it watches live, never unlocks, and cannot become anything else again.
  live_only INTEGER NOT NULL DEFAULT 0 CHECK (live_only IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_user ON session (user_id);

-- Cameras as the household named them.
CREATE TABLE camera (
  -- Random, 16 hex digits: appears in paths and URLs, says nothing.
  id TEXT PRIMARY KEY CHECK (length(id) = 16),
  -- What people call it.
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  -- Source without credentials, as JSON (contract/camera.ts, StoredSource): type, URLs, pinned address.
  source_json TEXT NOT NULL CHECK (json_valid(source_json)),
  -- User name and password sealed under the box key, bound to this camera's id; null when it has none.
  sealed_credentials BLOB,
  -- 1 when the owner switched sound on; recording conversations is unlawful in places.
  sound INTEGER NOT NULL DEFAULT 0 CHECK (sound IN (0, 1)),
  -- 0 when the owner switched the camera off: no connection is made.
  enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  -- Place on the wall, ascending.
  position INTEGER NOT NULL,
  -- When it was added.
  created_ms INTEGER NOT NULL,
  -- Set when removed by its owner: hidden at once, files deleted in the background, then the row.
  removed_ms INTEGER,
  -- Days of 24 hours that its footage stays; null: as long as there is room.
  keep_days INTEGER CHECK (keep_days BETWEEN 1 AND 3650),
  -- Bytes that its footage may take, protected footage not counted; null: as much as there is room for.
  keep_bytes INTEGER CHECK (keep_bytes >= 1073741824)
) STRICT, WITHOUT ROWID;

-- A run: media from one connection to one stream, anchored to the wall clock once, then advancing by
-- media time. A new connection, codec or picture size is a new run.
CREATE TABLE run (
  -- Never reused; appears in file names.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Whose footage it is.
  camera_id TEXT NOT NULL REFERENCES camera (id),
  -- Wall clock at media time zero: the anchor.
  anchor_ms INTEGER NOT NULL,
  -- RFC 6381 codec strings, comma separated, video first.
  codecs TEXT NOT NULL,
  -- Picture size in luma samples, as the parameter sets say.
  width INTEGER NOT NULL CHECK (width > 0),
  -- See width.
  height INTEGER NOT NULL CHECK (height > 0),
  -- Why it ended; null while it goes on.
  end_reason TEXT,
  -- 1 while nobody vouches for its labels (docs/design/time.md).
  uncertain INTEGER NOT NULL DEFAULT 0 CHECK (uncertain IN (0, 1)),
  -- Of an uncertain run: which boot of the machine recorded it; null otherwise.
  boot_id TEXT,
  -- Of an uncertain run: uptime of that boot at media time zero, in ms; null otherwise.
  anchor_uptime_ms INTEGER
) STRICT;
CREATE INDEX run_by_camera ON run (camera_id, anchor_ms);
-- What a crash left behind is found here at start, without walking the footage folder.
CREATE INDEX run_unfinished ON run (id) WHERE end_reason IS NULL;
-- Few: what is to be settled when the true time is learned.
CREATE INDEX run_uncertain ON run (camera_id, id) WHERE uncertain = 1;

-- One file of at most 60 s. A row is made when its first part is durable, so every row has footage.
CREATE TABLE segment (
  -- Internal id.
  id INTEGER PRIMARY KEY,
  -- Whose; denormalised from run, because every time query starts with it.
  camera_id TEXT NOT NULL REFERENCES camera (id),
  -- The run it belongs to; the file is footage/<camera_id>/<run_id>/<sequence>.
  run_id INTEGER NOT NULL REFERENCES run (id),
  -- 0, 1, 2 … within the run.
  sequence INTEGER NOT NULL CHECK (sequence >= 0),
  -- Wall clock of the first frame: the run's anchor plus media time.
  start_ms INTEGER NOT NULL,
  -- Length of the video that is durable.
  duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
  -- Bytes of the file that count; beyond them a crash may have left more.
  size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
  -- Parts folded when the segment closed (storage/part-table.ts); null while it is open.
  parts BLOB,
  -- open: being written, its parts are rows of the table part; closed: never changes again.
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  CHECK ((state = 'closed') = (parts IS NOT NULL)),
  UNIQUE (run_id, sequence)
) STRICT;
CREATE INDEX segment_by_time ON segment (camera_id, start_ms);
-- A camera writes one file at a time; what a crash left open is found here.
CREATE UNIQUE INDEX segment_open ON segment (camera_id) WHERE state = 'open';

-- Segments that are being deleted to make room: written down before their files go, so that a stop in
-- between leaves nothing that looks like damage.
CREATE TABLE deleting (
  -- Gone with the segment's row.
  segment_id INTEGER PRIMARY KEY REFERENCES segment (id) ON DELETE CASCADE
) STRICT;

-- Durable parts (at most one per GOP or 2 s) of segments that are still open; at most 45 B each.
CREATE TABLE part (
  -- The open segment.
  segment_id INTEGER NOT NULL REFERENCES segment (id) ON DELETE CASCADE,
  -- Where the part begins in the file; parts are contiguous.
  offset_bytes INTEGER NOT NULL CHECK (offset_bytes > 0),
  -- Its length.
  size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
  -- Start relative to the segment's start, so that it fits two bytes.
  start_ms INTEGER NOT NULL CHECK (start_ms >= 0),
  -- Length of its video.
  duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
  -- 1 when it begins with a key frame.
  key INTEGER NOT NULL CHECK (key IN (0, 1)),
  PRIMARY KEY (segment_id, offset_bytes)
) STRICT, WITHOUT ROWID;

-- Time without footage, and why. A row is opened when recording stops and closed when it goes on.
CREATE TABLE gap (
  -- Internal id.
  id INTEGER PRIMARY KEY,
  -- Whose.
  camera_id TEXT NOT NULL REFERENCES camera (id),
  -- End of the last recorded frame.
  from_ms INTEGER NOT NULL,
  -- Start of the next recorded frame; null while nothing is recorded.
  to_ms INTEGER CHECK (to_ms >= from_ms),
  -- Closed list in contract/recording.ts (GapReason).
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX gap_by_time ON gap (camera_id, from_ms);
CREATE UNIQUE INDEX gap_open ON gap (camera_id) WHERE to_ms IS NULL;

-- Exports: persistent jobs, made by a person's hand only.
CREATE TABLE export (
  -- Random, 32 hex digits: appears in URLs.
  id TEXT PRIMARY KEY CHECK (length(id) = 32),
  -- Who asked for it.
  user_id INTEGER NOT NULL REFERENCES user (id),
  -- From which camera; no foreign key, because a finished export outlives its camera.
  camera_id TEXT NOT NULL,
  -- What the camera was called then: becomes part of the file's name for the person.
  camera_name TEXT NOT NULL,
  -- The range asked for.
  from_ms INTEGER NOT NULL,
  -- See from_ms.
  to_ms INTEGER NOT NULL CHECK (to_ms > from_ms),
  -- queued and running are taken up again after a restart.
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- Bytes written, of total_bytes; progress is their quotient.
  written_bytes INTEGER NOT NULL DEFAULT 0,
  -- Size of the finished file; 0 until it is planned.
  total_bytes INTEGER NOT NULL DEFAULT 0,
  -- First frame of the file: at or up to one GOP before from_ms; null until planned.
  actual_from_ms INTEGER,
  -- End of the last frame of the file; null until planned.
  actual_to_ms INTEGER,
  -- Interruptions of the footage inside the range; null until planned.
  gap_count INTEGER,
  -- What a person reads when it failed; null otherwise.
  failure TEXT,
  -- When it was asked for.
  created_ms INTEGER NOT NULL,
  -- When it ended, in whichever way.
  finished_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX export_by_state ON export (state, created_ms);
CREATE INDEX export_by_user ON export (user_id, created_ms);

-- Keys for what is stored about a day (labels, notes, details). Deleting them forgets the day.
CREATE TABLE day_key (
  -- Random, 8 bytes: sealed payloads name their key by it.
  id BLOB PRIMARY KEY CHECK (length(id) = 8),
  -- Days since 1970, UTC. A day has several: one serves some minutes, and none outlives a restart.
  day INTEGER NOT NULL CHECK (day >= 0),
  -- An age file to the household's recipient: the only stored form of the key (keys/day-key.ts).
  sealed_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX day_key_by_day ON day_key (day);
-- Backups that people took: copies that Doorkeep made and cannot take back, so it lists them.
CREATE TABLE backup_taken (
  -- Random, 32 hex digits: appears in URLs and in the backup itself.
  id TEXT PRIMARY KEY CHECK (length(id) = 32),
  -- When it was made.
  taken_ms INTEGER NOT NULL,
  -- What the person was called then; null when it was taken at the command line. No foreign key: the
  -- copy is out there whether the account is or not.
  taken_by TEXT,
  -- Of the sealed file.
  size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
  -- Number of the household's key that it is sealed to: the sheet of that key opens it.
  key_generation INTEGER NOT NULL CHECK (key_generation > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX backup_taken_by_time ON backup_taken (taken_ms);
-- One row, or none: when the box's clock was last known to be right.
CREATE TABLE box_clock (
  -- Always 1, so that there can be one row only.
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- The boot of the machine in which that was.
  boot_id TEXT NOT NULL,
  -- Its uptime then, in ms.
  uptime_ms INTEGER NOT NULL,
  -- The true time then.
  true_ms INTEGER NOT NULL,
  -- Who vouched for it.
  source TEXT NOT NULL CHECK (source IN ('network', 'person'))
) STRICT;
-- Footage that no rule deletes; only a person ends that, or removes the camera.
CREATE TABLE protected_range (
  -- Random, 32 hex digits: appears in URLs.
  id TEXT PRIMARY KEY CHECK (length(id) = 32),
  -- Whose footage.
  camera_id TEXT NOT NULL REFERENCES camera (id),
  -- The range as it was asked for; every segment that it touches stays whole.
  from_ms INTEGER NOT NULL,
  -- See from_ms; not included.
  to_ms INTEGER NOT NULL CHECK (to_ms > from_ms),
  -- When it was asked for.
  created_ms INTEGER NOT NULL,
  -- Who asked.
  user_id INTEGER NOT NULL REFERENCES user (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX protected_range_by_camera ON protected_range (camera_id, from_ms);
-- Whom the box spoke to (docs/design/egress.md): at most 1,000 rows, written some seconds later.
CREATE TABLE egress_destination (
  -- A literal address.
  address TEXT NOT NULL,
  -- Of TCP.
  port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
  -- For whom: `camera`, `new-camera` (tried before it was stored).
  party_kind TEXT NOT NULL,
  -- The camera's id, empty without one. No foreign key: what was spoken to stays said.
  party_id TEXT NOT NULL,
  -- When it was first connected.
  first_ms INTEGER NOT NULL,
  -- When it was last connected, or was still connected.
  last_ms INTEGER NOT NULL,
  -- How often it was connected; 64 bits.
  connections INTEGER NOT NULL CHECK (connections >= 0),
  -- One row for each place and party.
  PRIMARY KEY (address, port, party_kind, party_id)
) STRICT, WITHOUT ROWID;
-- What was refused: at most 1,000 rows, the same attempts counted together.
CREATE TABLE egress_refusal (
  -- How it tried to leave (egress/refusals.ts has the list).
  way TEXT NOT NULL,
  -- Who tried: `camera`, `new-camera`, `program`.
  who_kind TEXT NOT NULL,
  -- The camera's id, or the part of the program; empty without one.
  who TEXT NOT NULL,
  -- Where to: an address and a port, a name, a program.
  target TEXT NOT NULL,
  -- Why not.
  reason TEXT NOT NULL,
  -- The first attempt.
  first_ms INTEGER NOT NULL,
  -- The newest attempt.
  last_ms INTEGER NOT NULL,
  -- How many; 64 bits.
  attempts INTEGER NOT NULL CHECK (attempts > 0),
  -- What is counted together.
  PRIMARY KEY (way, who_kind, who, target)
) STRICT, WITHOUT ROWID;
-- Whether the kernel refused what leaves the home, when it was tried last (docs/design/confinement.md).
CREATE TABLE kernel_try (
  -- Always 1: the newest try alone counts.
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- When.
  tried_ms INTEGER NOT NULL,
  -- Who was expected to have told the kernel: `systemd`, `nftables`, empty for nobody.
  expected TEXT NOT NULL,
  -- What became of the IPv4 packet: `refused`, `left`, `no-way`.
  v4 TEXT NOT NULL,
  -- See v4; of IPv6.
  v6 TEXT NOT NULL
) STRICT;
-- Epochs of the record: where its chain of keys begins anew (docs/design/audit.md, "Chain").
CREATE TABLE audit_epoch (
  -- The first entry of it.
  first_sequence INTEGER PRIMARY KEY CHECK (first_sequence > 0),
  -- Random: what its first key is derived with.
  epoch_id BLOB NOT NULL CHECK (length(epoch_id) = 16),
  -- Number of the household's key that it is derived from; null for one that began without it, while
  -- everything was locked.
  generation INTEGER CHECK (generation > 0)
) STRICT;
-- The record: what Doorkeep did, for whom and when. Rows are added, and leave by pruning only.
CREATE TABLE audit_entry (
  -- 1, 2, 3 and so on, without a hole.
  sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
  -- When it was written.
  at_ms INTEGER NOT NULL,
  -- One of the closed list in contract/audit.ts.
  kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
  -- Who did it; null for nobody who is signed in, and for the box itself. No foreign key: the entry stays
  -- when the account goes.
  user_id INTEGER,
  -- The name at that time; empty for nobody, "box" for the box itself.
  who TEXT NOT NULL CHECK (length(who) <= 64),
  -- Which camera, where it is about one.
  camera_id TEXT CHECK (length(camera_id) <= 64),
  -- Which export, backup, phone or protected range, where it is about one.
  object_id TEXT CHECK (length(object_id) <= 64),
  -- What must be readable without a key: how the record itself goes on.
  note_json TEXT CHECK (json_valid(note_json)),
  -- Everything else, as a sealed payload; null where there is nothing more.
  details BLOB,
  -- SHA-256 over the entry and the hash of the one before it.
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  -- Made with a key that was erased afterwards: who finds the box cannot make it again.
  tag BLOB NOT NULL CHECK (length(tag) = 32)
) STRICT;
CREATE INDEX audit_note ON audit_entry (kind, sequence) WHERE note_json IS NOT NULL;
