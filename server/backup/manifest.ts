/** The first file of a backup: what it is, from when, and the hash of each other file. Pure. */
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError } from '../base/errors.ts';
import { TAR_FILE_MAX_BYTES } from './tar.ts';

/** Raised when an older Doorkeep would misread a backup. */
export const BACKUP_FORMAT = 1;

/** Its name, and its place: first. */
export const MANIFEST_NAME = 'manifest.json';

/** The index. */
export const DATABASE_NAME = 'doorkeep.db';

/** Without these there is no household, and cameras have no passwords. */
export const NEEDED: readonly string[] = [DATABASE_NAME, 'keys/household.json', 'keys/box.key'];

/** 64 households that were set aside, and the certificates; longer is not ours. */
export const ENTRIES_MAX = 80;

/** 80 entries of 200 bytes. */
export const MANIFEST_MAX_BYTES = 64 * 1024;

/** The largest of the files beside the database: a household of 64 members and keys. */
export const KEY_FILE_MAX_BYTES = 512 * 1024;

/** What a backup may hold besides its manifest. The metrics token is not among them: it is let in
 * without a person, like a session. */
const MEMBER =
  /^(doorkeep\.db|keys\/(household(-[0-9a-z]{1,32})?\.json|box\.key|tls\/(authority\.pem|leaf\.pem|own\.crt|own\.key)))$/;

const Entry = Type.Object(
  {
    name: Type.String({ pattern: MEMBER.source }),
    sizeBytes: Type.Integer({ minimum: 1, maximum: TAR_FILE_MAX_BYTES }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
);

/** See the head of this file. */
export const Manifest = Type.Object(
  {
    format: Type.Literal(BACKUP_FORMAT),
    /** Names the backup in the list of those that were taken. */
    id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    /** The version of the Doorkeep that made it. */
    program: Type.String({ minLength: 1, maxLength: 64 }),
    schemaVersion: Type.Integer({ minimum: 1, maximum: 10_000 }),
    boxId: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    takenMs: Type.Integer({ minimum: 0, maximum: 8.64e15 }),
    /** Null at the command line. */
    takenBy: Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()]),
    /** Number of the household's key that it is sealed to. */
    keyGeneration: Type.Integer({ minimum: 1, maximum: 64 }),
    entries: Type.Array(Entry, { minItems: NEEDED.length, maxItems: ENTRIES_MAX }),
  },
  { additionalProperties: false },
);

/** See the head of this file. */
export type Manifest = Static<typeof Manifest>;

/** A file of a backup, as the manifest has it. */
export type ManifestEntry = Static<typeof Entry>;

/** Whether a backup may hold a file of this name. */
export function mayHold(name: string): boolean {
  return MEMBER.test(name);
}

/** The manifest in `bytes`. `conflict` for a newer Doorkeep’s, `unprocessable` for what is none. */
export function readManifest(bytes: Buffer, knownSchema: number): Manifest {
  const value = parsed(bytes);
  refuseNewer(value, knownSchema);
  if (!Value.Check(Manifest, value)) throw badManifest();
  const names = value.entries.map(({ name }) => name);
  const isWhole = NEEDED.every((name) => names.includes(name));
  const isSmall = value.entries.every(
    ({ name, sizeBytes }) => name === DATABASE_NAME || sizeBytes <= KEY_FILE_MAX_BYTES,
  );
  if (!isWhole || !isSmall || new Set(names).size < names.length) throw badManifest();
  return value;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw badManifest(cause);
  }
}

/** Before anything else is asked of it: a newer one may look different. */
function refuseNewer(value: unknown, knownSchema: number): void {
  if (typeof value !== 'object' || value === null) throw badManifest();
  const { format, schemaVersion, program } = value as Record<string, unknown>;
  const isNewer =
    (typeof format === 'number' && format > BACKUP_FORMAT) ||
    (typeof schemaVersion === 'number' && schemaVersion > knownSchema);
  if (!isNewer) return;
  const isVersion = typeof program === 'string' && /^\d{1,4}\.\d{1,4}\.\d{1,4}$/.test(program);
  throw new AppError('conflict', 'This backup was made by a newer Doorkeep.', {
    reason: 'newer-backup',
    hint: `Install ${isVersion ? `Doorkeep ${program}` : 'that version'} or a newer one, then restore.`,
  });
}

function badManifest(cause?: unknown): AppError {
  return new AppError('unprocessable', 'This file is no backup of Doorkeep, or it was changed.', {
    reason: 'backup-content',
    hint: 'Use another backup.',
    ...(cause === undefined ? {} : { cause }),
  });
}
