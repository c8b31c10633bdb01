/** A member's wrap: made and opened in the key process only. */
import { randomBytes } from 'node:crypto';
import { hashRaw } from '@node-rs/argon2';
import { newIdentity, openWith, recipientOf, sealTo, type AgeIdentity } from '../age/identity.ts';
import { KEY_BYTES, openGcm, sealGcm } from './aes-gcm.ts';
import type { Wrap, WrapCost } from './key-messages.ts';

/** RFC 9106 3.1. */
const SALT_BYTES = 16;

/** Whose wrap of what. */
export interface WrapInput {
  readonly userId: number;
  readonly generation: number;
  readonly password: Uint8Array;
  readonly cost: WrapCost;
  readonly household: AgeIdentity;
}

/** Makes a wrap with a new member identity. */
export async function makeWrap(input: WrapInput): Promise<Wrap> {
  const salt = randomBytes(SALT_BYTES);
  const key = await passwordKey(input.password, salt, input.cost);
  const member = await newIdentity();
  const memberRecipient = await recipientOf(member);
  const plaintext = Buffer.from(member);
  const sealed = sealGcm(key, plaintext, bind(input.userId, input.generation));
  key.fill(0);
  plaintext.fill(0);
  return {
    userId: input.userId,
    madeAt: input.generation,
    cost: input.cost,
    salt: salt.toString('base64'),
    member: sealed.toString('base64'),
    memberRecipient,
    household: await sealIdentity(input.household, memberRecipient),
  };
}

/** The member's identity behind a wrap; undefined when the password is not the one. */
export async function openMemberIdentity(
  wrap: Wrap,
  password: Uint8Array,
): Promise<AgeIdentity | undefined> {
  const key = await passwordKey(password, Buffer.from(wrap.salt, 'base64'), wrap.cost);
  const member = openMember(wrap, key);
  key.fill(0);
  return member;
}

/** Seals an identity to a recipient, as base64. */
export async function sealIdentity(identity: AgeIdentity, recipient: string): Promise<string> {
  const plaintext = Buffer.from(identity);
  const sealed = await sealTo(recipient, plaintext);
  plaintext.fill(0);
  return sealed.toString('base64');
}

/** Opens what `sealIdentity` made. */
export async function openIdentity(opener: AgeIdentity, sealed: string): Promise<AgeIdentity> {
  const plaintext = await openWith(opener, Buffer.from(sealed, 'base64'));
  const identity = plaintext.toString('latin1');
  plaintext.fill(0);
  return identity;
}

/** A wrong password and a changed bit look the same, and neither opens anything. */
function openMember(wrap: Wrap, key: Buffer): AgeIdentity | undefined {
  const sealed = Buffer.from(wrap.member, 'base64');
  const plaintext = openGcm(key, sealed, bind(wrap.userId, wrap.madeAt));
  const identity = plaintext?.toString('latin1');
  plaintext?.fill(0);
  return identity;
}

function passwordKey(password: Uint8Array, salt: Uint8Array, cost: WrapCost): Promise<Buffer> {
  // argon2id is the library's default; see auth/password-hasher.ts.
  return hashRaw(password, {
    salt,
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: 1,
    outputLen: KEY_BYTES,
  });
}

/** No wrap can be passed off as another member's or another generation's. */
function bind(userId: number, generation: number): Buffer {
  return Buffer.from(`doorkeep wrap 1:${String(userId)}:${String(generation)}`);
}
