/** `/api/audit`: the record of what Doorkeep did, for whom and when. */
import { Type, type Static } from '@sinclair/typebox';
import { Instant, oneOf, strictObject } from './schema.ts';

/** Everything that is recorded: a closed list. */
export const AUDIT_KINDS = [
  'set-up',
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'unlocked',
  'locked',
  'unlock-ended',
  'password-recovered',
  'new-key',
  'phone-kept',
  'phone-forgotten',
  'wall-screen-made',
  'live-begun',
  'live-ended',
  'past-viewed',
  'moment-viewed',
  'picture-taken',
  'export-asked',
  'export-fetched',
  'export-deleted',
  'backup-made',
  'backup-fetched',
  'settings-changed',
  'clock-set',
  'camera-tested',
  'camera-added',
  'camera-changed',
  'camera-removed',
  'range-protected',
  'range-released',
  'limits-changed',
  'person-invited',
  'invitation-ended',
  'person-joined',
  'person-changed',
  'person-removed',
  'password-changed',
  'token-made',
  'token-ended',
  'connection-refused',
  'box-started',
  'box-stopped',
  'disk-accepted',
  'index-rebuilt',
  'record-begun',
  'record-bound',
  'record-resumed',
  'record-missing',
  'record-pruned',
] as const;

/** See `AUDIT_KINDS`. */
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** More on one page is not read by anybody. */
export const AUDIT_PAGE_MAX = 200;

/** Whether what is sealed of an entry can be read: there is nothing; it can; nobody has unlocked here; its
 * day was forgotten; it was changed. */
export const DETAILS_STATES = ['none', 'open', 'locked', 'forgotten', 'damaged'] as const;

/** See `DETAILS_STATES`. */
export type DetailsState = (typeof DETAILS_STATES)[number];

const Sequence = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** What more there is to say of an entry; which of it is there depends on its kind. */
export const AuditDetails = strictObject({
  camera: Type.Optional(Type.String({ description: 'What the camera was called then.' })),
  address: Type.Optional(Type.String({ description: 'Where the request came from.' })),
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
  count: Type.Optional(Type.Integer({ minimum: 1, description: 'How many were put together.' })),
  seconds: Type.Optional(Type.Integer({ minimum: 0 })),
  name: Type.Optional(Type.String({ description: 'As it was typed, or what it is called.' })),
  fields: Type.Optional(Type.Array(Type.String(), { description: 'What was changed.' })),
  target: Type.Optional(Type.String({ description: 'Where a refused connection wanted to go.' })),
});

/** See `AuditDetails`. */
export type AuditDetails = Static<typeof AuditDetails>;

/** What an entry about the record itself says, in clear. */
export const AuditNote = strictObject({
  why: Type.Optional(
    oneOf(['new', 'restored', 'key-lost', 'unlocked', 'new-key', 'rows-lost', 'room']),
  ),
  from: Type.Optional(Sequence),
  to: Type.Optional(Sequence),
  keptFrom: Type.Optional(Sequence),
  previous: Type.Optional(Hash),
  backupAt: Type.Optional(Instant),
});

/** See `AuditNote`. */
export type AuditNote = Static<typeof AuditNote>;

/** One entry. */
export const AuditEntry = strictObject({
  sequence: Sequence,
  at: Instant,
  kind: oneOf(AUDIT_KINDS),
  who: Type.String({ description: 'A person’s name then; empty: nobody; `box`: the box itself.' }),
  isBox: Type.Boolean(),
  camera: Type.Union([Type.String(), Type.Null()]),
  object: Type.Union([Type.String(), Type.Null()]),
  note: Type.Union([AuditNote, Type.Null()]),
  details: Type.Union([AuditDetails, Type.Null()]),
  detailsState: oneOf(DETAILS_STATES),
});

/** See `AuditEntry`. */
export type AuditEntry = Static<typeof AuditEntry>;

/** `GET /api/audit`, newest first. */
export const AuditQuery = strictObject({
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
  kind: Type.Optional(oneOf(AUDIT_KINDS)),
  who: Type.Optional(Type.String({ maxLength: 64 })),
  camera: Type.Optional(Type.String({ maxLength: 64 })),
  before: Type.Optional(
    Type.String({ pattern: '^\\d{1,15}$', description: 'From the `next` of the page before.' }),
  ),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,3}$' })),
});

/** The newest entry: what a browser keeps. */
export const AuditHead = strictObject({ sequence: Type.Integer({ minimum: 0 }), hash: Hash });

/** See `AuditHead`. */
export type AuditHead = Static<typeof AuditHead>;

/** The answer to `AuditQuery`. */
export const AuditPage = strictObject({
  entries: Type.Array(AuditEntry),
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'Where older ones go on; null: there are none. A page can be empty and have more.',
  }),
});

/** See `AuditPage`. */
export type AuditPage = Static<typeof AuditPage>;

/** `GET /api/audit/head`: `since` and `hash` are what the browser kept. */
export const AuditHeadQuery = strictObject({
  since: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  hash: Type.Optional(Hash),
});

/** Whether the record still holds what a browser saw. `pruned`: that entry has gone, in its time.
 * `set-back`: a backup was put back since. `differs`: neither. */
export const AuditHeadAnswer = strictObject({
  ...AuditHead.properties,
  continuity: oneOf(['first', 'extends', 'pruned', 'set-back', 'differs']),
  setBackTo: Type.Union([Instant, Type.Null()]),
});

/** See `AuditHeadAnswer`. */
export type AuditHeadAnswer = Static<typeof AuditHeadAnswer>;

/** What a check of the record can find. */
export const AUDIT_FINDINGS = [
  'entry-changed',
  'entry-not-ours',
  'entries-missing',
  'beginning-missing',
  'end-missing',
  'end-not-ours',
  'pruned-too-much',
  'key-lost',
  'from-the-future',
  'not-checkable',
] as const;

/** See `AUDIT_FINDINGS`. */
export type AuditFindingName = (typeof AUDIT_FINDINGS)[number];

/** One of them, and where. */
export const AuditFinding = strictObject({
  name: oneOf(AUDIT_FINDINGS),
  sequence: Type.Integer({ minimum: 0 }),
});

/** See `AuditFinding`. */
export type AuditFinding = Static<typeof AuditFinding>;

/** The outcome of a check. */
export const AuditOutcome = strictObject({
  checkedAt: Instant,
  whole: Type.Boolean({ description: 'Nothing was found.' }),
  withKey: Type.Boolean({
    description: 'Tags were checked too, not only that entries fit together.',
  }),
  first: Type.Integer({ minimum: 0 }),
  last: Type.Integer({ minimum: 0 }),
  bound: Type.Integer({ minimum: 0, description: 'Entries whose tag was checked and is right.' }),
  restores: Type.Array(Instant, { description: 'When a backup was put back.' }),
  findings: Type.Array(AuditFinding, { description: 'The first hundred.' }),
  findingsTotal: Type.Integer({ minimum: 0 }),
});

/** See `AuditOutcome`. */
export type AuditOutcome = Static<typeof AuditOutcome>;

/** `GET /api/audit/verification`. */
export const AuditVerification = strictObject({
  running: Type.Boolean(),
  done: Type.Integer({ minimum: 0 }),
  total: Type.Integer({ minimum: 0 }),
  outcome: Type.Union([AuditOutcome, Type.Null()]),
  trouble: Type.Union([Type.String(), Type.Null()]),
});

/** See `AuditVerification`. */
export type AuditVerification = Static<typeof AuditVerification>;
