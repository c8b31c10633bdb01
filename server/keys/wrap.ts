/** A member's wrap: made and opened in the key process only. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { hashRaw } from '@node-rs/argon2';
import { newIdentity, openWith, recipientOf, sealTo, type AgeIdentity } from '../age/identity.ts';
import type { Wrap, WrapCost } from './key-messages.ts';

/** RFC 9106 3.1. */
const SALT_BYTES = 16;

/** AES-256. */
const KEY_BYTES = 32;

/** The length GCM is made for; each key seals once, so it cannot repeat. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

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
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bind(input.userId, input.generation));
  const sealed = Buffer.concat([
    nonce,
    cipher.update(plaintext),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
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

/** The household identity behind a wrap; undefined when the password is not the one. What opens
 * with the password and then does not open is `corrupt`. */
export async function openWrap(wrap: Wrap, password: Uint8Array): Promise<AgeIdentity | undefined> {
  const key = await passwordKey(password, Buffer.from(wrap.salt, 'base64'), wrap.cost);
  const member = openMember(wrap, key);
  key.fill(0);
  return member === undefined ? undefined : openIdentity(member, wrap.household);
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

function openMember(wrap: Wrap, key: Buffer): AgeIdentity | undefined {
  const sealed = Buffer.from(wrap.member, 'base64');
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bind(wrap.userId, wrap.madeAt));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    const plaintext = Buffer.concat([decipher.update(body), decipher.final()]);
    const identity = plaintext.toString('latin1');
    plaintext.fill(0);
    return identity;
  } catch {
    // A wrong password and a changed bit look the same, and neither opens anything.
    return undefined;
  }
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
