/** What the server and the key process say to each other: closed lists, checked at both ends. */
import { Type, type Static, type TProperties, type TObject } from '@sinclair/typebox';
import { AUDIT_BYTES, AUDIT_STEPS_MAX, BAD_MAX, EPOCH_ID_BYTES, PAIR_BYTES } from './audit-key.ts';
import { DAY_KEY_SECRET_BYTES } from './day-key.ts';

/** More generations than a household makes in a lifetime, and more members than live in a home. */
const LIST_MAX = 64;

/** A sealed identity is 300 bytes; base64. */
const SEALED_MAX_CHARS = 2_048;

/** An age header with one recipient is 200 bytes; a longer one is none of ours. */
export const ASKED_HEADER_MAX_BYTES = 4_096;

/** A sealed day key is 280 bytes. */
const DAY_KEY_MAX_BYTES = 1_024;

/** So that other requests come in between: with a few identities these are 20 ms. */
export const DAY_KEYS_AT_ONCE = 64;

/** Entries of the record that are checked at once: 5 ms. */
export const AUDIT_ENTRIES_AT_ONCE = 2_048;

/** A password of 256 characters is at most 1 KiB in UTF-8. */
const SECRET_MAX_BYTES = 4_096;

function closed<P extends TProperties>(properties: P): TObject<P> {
  return Type.Object(properties, { additionalProperties: false });
}

const Base64 = Type.String({ maxLength: SEALED_MAX_CHARS, pattern: '^[A-Za-z0-9+/]*={0,2}$' });
const Recipient = Type.String({ pattern: '^age1[02-9ac-hj-np-z]{58}$' });
const Generation = Type.Integer({ minimum: 1, maximum: LIST_MAX });
const UserId = Type.Integer({ minimum: 1 });

/** The cost of guessing a password; limits, because the file says what is to be spent. */
export const WrapCost = closed({
  memoryKib: Type.Integer({ minimum: 8, maximum: 1024 * 1024 }),
  passes: Type.Integer({ minimum: 1, maximum: 16 }),
});

/** See `WrapCost`. */
export type WrapCost = Static<typeof WrapCost>;

/** A member's way in: their identity under their password, the household's under their identity. */
export const Wrap = closed({
  userId: UserId,
  /** The generation when this wrap was made: authenticated with it. */
  madeAt: Generation,
  cost: WrapCost,
  salt: Base64,
  /** The member's identity: nonce, ciphertext, tag. */
  member: Base64,
  memberRecipient: Recipient,
  /** The newest household identity, as an age file to `memberRecipient`. */
  household: Base64,
});

/** See `Wrap`. */
export type Wrap = Static<typeof Wrap>;

const PhoneId = Type.String({ pattern: '^[0-9a-f]{16}$' });

/** A phone that is kept unlocked: the member's identity under its secret (kept-phones.ts). */
export const KeptPhone = closed({
  id: PhoneId,
  userId: UserId,
  /** As its person sees it in the list. */
  name: Type.String({ maxLength: 64 }),
  madeMs: Type.Integer({ minimum: 0 }),
  /** To the hour. */
  usedMs: Type.Integer({ minimum: 0 }),
  /** It was locked since: opens by a press only. */
  waits: Type.Boolean(),
  secretHash: Base64,
  /** The generation when it was made: authenticated with it. */
  madeAt: Generation,
  member: Base64,
  /** Of the same identity as one of the wraps, or it opens nothing any more. */
  memberRecipient: Recipient,
});

/** See `KeptPhone`. */
export type KeptPhone = Static<typeof KeptPhone>;

/** A link by which a member comes in: an identity for them under its secret (invitations.ts). */
export const Invited = closed({
  id: PhoneId,
  /** The generation when it was made: authenticated with it. It lasts no longer than that. */
  madeAt: Generation,
  member: Base64,
  /** The household's identity, as an age file to that identity. */
  household: Base64,
});

/** See `Invited`. */
export type Invited = Static<typeof Invited>;

/** The whole content of `DATA/keys/household.json`. */
export const Household = closed({
  version: Type.Literal(1),
  boxId: Type.String({ maxLength: 64 }),
  generation: Generation,
  /** What is recorded is sealed to this. */
  recipient: Recipient,
  wraps: Type.Array(Wrap, { maxItems: LIST_MAX }),
  /** Older identities, oldest first, each sealed to the next one's recipient. */
  older: Type.Array(closed({ generation: Generation, recipient: Recipient, sealed: Base64 }), {
    maxItems: LIST_MAX,
  }),
  /** Left out by versions that had none. */
  kept: Type.Optional(Type.Array(KeptPhone, { maxItems: LIST_MAX * 8 })),
  /** The same. */
  invited: Type.Optional(Type.Array(Invited, { maxItems: LIST_MAX })),
});

/** See `Household`. */
export type Household = Static<typeof Household>;

const SecretBytes = Type.Uint8Array({ maxByteLength: SECRET_MAX_BYTES });
const EpochId = Type.Uint8Array({ minByteLength: EPOCH_ID_BYTES, maxByteLength: EPOCH_ID_BYTES });
const AuditHash = Type.Uint8Array({ minByteLength: AUDIT_BYTES, maxByteLength: AUDIT_BYTES });

/** What the server asks. Secrets are bytes, so that they can be zeroed. */
export const KeyRequest = Type.Union([
  closed({
    type: Type.Literal('create'),
    boxId: Type.String({ maxLength: 64 }),
    userId: UserId,
    password: SecretBytes,
    cost: WrapCost,
  }),
  closed({
    type: Type.Literal('unlock'),
    household: Household,
    userId: UserId,
    password: SecretBytes,
    /** A phone is to be kept unlocked: its id and its secret. */
    phoneId: Type.Optional(PhoneId),
    phoneSecret: Type.Optional(SecretBytes),
  }),
  closed({
    type: Type.Literal('unlock-kept'),
    household: Household,
    phone: KeptPhone,
    phoneSecret: SecretBytes,
  }),
  closed({
    type: Type.Literal('recover'),
    household: Household,
    /** Undefined for a name that nobody has: the same work is done, and refused. */
    userId: Type.Optional(UserId),
    recoveryKey: SecretBytes,
    password: SecretBytes,
    cost: WrapCost,
  }),
  closed({ type: Type.Literal('new-key'), household: Household }),
  /** A way in under a link's secret; somebody has to have unlocked. */
  closed({
    type: Type.Literal('invite'),
    household: Household,
    invitationId: PhoneId,
    secret: SecretBytes,
  }),
  /** Makes a wrap of it. Needs nobody who has unlocked, and opens nothing for anybody else. */
  closed({
    type: Type.Literal('claim'),
    household: Household,
    invitationId: PhoneId,
    secret: SecretBytes,
    userId: UserId,
    password: SecretBytes,
    cost: WrapCost,
  }),
  /** A wrap under another password. */
  closed({
    type: Type.Literal('change-password'),
    household: Household,
    userId: UserId,
    password: SecretBytes,
    newPassword: SecretBytes,
    cost: WrapCost,
  }),
  /** The file with the identity that was just made is durable: from now on it is the newest. */
  closed({ type: Type.Literal('adopt') }),
  closed({
    type: Type.Literal('file-key'),
    header: Type.Uint8Array({ maxByteLength: ASKED_HEADER_MAX_BYTES }),
  }),
  /** The same with a key that somebody typed, for a file of another box: a backup. Nothing is kept. */
  closed({
    type: Type.Literal('open-header'),
    recoveryKey: SecretBytes,
    header: Type.Uint8Array({ maxByteLength: ASKED_HEADER_MAX_BYTES }),
  }),
  closed({
    type: Type.Literal('day-keys'),
    sealed: Type.Array(Type.Uint8Array({ maxByteLength: DAY_KEY_MAX_BYTES }), {
      maxItems: DAY_KEYS_AT_ONCE,
    }),
  }),
  /** The first key of a new epoch of the record (audit-key.ts). Its id is made here: no earlier epoch's key
   * can be asked for. */
  closed({ type: Type.Literal('audit-begin') }),
  closed({
    type: Type.Literal('audit-check'),
    epochId: EpochId,
    generation: Generation,
    firstStep: Type.Integer({ minimum: 0, maximum: AUDIT_STEPS_MAX }),
    pairs: Type.Uint8Array({ maxByteLength: AUDIT_ENTRIES_AT_ONCE * PAIR_BYTES }),
  }),
]);

/** See `KeyRequest`. */
export type KeyRequest = Static<typeof KeyRequest>;

/** What comes back. */
export const KeyAnswer = Type.Union([
  closed({ type: Type.Literal('done') }),
  /** A wrong password or key; never says more. */
  closed({ type: Type.Literal('refused') }),
  /** The salt names the wrap that opened. */
  closed({
    type: Type.Literal('unlocked'),
    salt: Base64,
    /** For the phone that is to be kept. */
    phone: Type.Optional(Type.Pick(KeptPhone, ['madeAt', 'member', 'memberRecipient'])),
  }),
  closed({ type: Type.Literal('household'), household: Household }),
  closed({ type: Type.Literal('made'), household: Household, recoveryKey: SecretBytes }),
  closed({ type: Type.Literal('file-key'), fileKey: Type.Uint8Array({ maxByteLength: 16 }) }),
  /** In the order of the question; null for what does not open or is no day key. */
  closed({
    type: Type.Literal('day-keys'),
    secrets: Type.Array(
      Type.Union([
        Type.Uint8Array({
          minByteLength: DAY_KEY_SECRET_BYTES,
          maxByteLength: DAY_KEY_SECRET_BYTES,
        }),
        Type.Null(),
      ]),
      { maxItems: DAY_KEYS_AT_ONCE },
    ),
  }),
  closed({
    type: Type.Literal('audit-begun'),
    epochId: EpochId,
    generation: Generation,
    key: AuditHash,
  }),
  closed({
    type: Type.Literal('audit-checked'),
    bad: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: BAD_MAX }),
    proof: AuditHash,
  }),
  /** A defect, or something stored that does not open: kind and sentence of an AppError. */
  closed({
    type: Type.Literal('failed'),
    kind: Type.Union([
      Type.Literal('corrupt'),
      Type.Literal('locked'),
      Type.Literal('exhausted'),
      Type.Literal('internal'),
    ]),
    message: Type.String({ maxLength: 500 }),
  }),
]);

/** See `KeyAnswer`. */
export type KeyAnswer = Static<typeof KeyAnswer>;

/** One message in either direction. */
export const Asked = closed({ id: Type.Integer({ minimum: 0 }), request: KeyRequest });

/** See `Asked`. */
export const Answered = closed({ id: Type.Integer({ minimum: 0 }), answer: KeyAnswer });

/** How many generations and members there can be. */
export const HOUSEHOLD_LIST_MAX = LIST_MAX;

/** The same memory: whoever shows it zeroes it. */
export function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
