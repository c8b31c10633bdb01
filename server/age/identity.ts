/** X25519 identities of age v1: making them, their recipients, and what only they open. */
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { AppError } from '../base/errors.ts';

/** An identity as age tools read it (`AGE-SECRET-KEY-1…`). A string, because the library takes no
 * bytes; only the key process may hold one. */
export type AgeIdentity = string;

/** Prefix, separator, 52 characters of 32 bytes, 6 of checksum (BIP 173). */
const IDENTITY = /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/;

/** A new identity. */
export function newIdentity(): Promise<AgeIdentity> {
  return generateX25519Identity();
}

/** The recipient (`age1…`) that things are sealed to so that this identity opens them; `invalid` when
 * it is none. */
export async function recipientOf(identity: AgeIdentity): Promise<string> {
  try {
    return await identityToRecipient(identity);
  } catch {
    throw unreadableIdentity();
  }
}

/** For text that is no identity. Without a cause, which may quote what was given: a secret. */
export function unreadableIdentity(): AppError {
  return new AppError('invalid', 'This secret key cannot be read.', {
    hint: 'Check each character against the sheet or the file that it came from.',
  });
}

/** What a person typed from the sheet, as an identity; undefined when it cannot be one. Spaces,
 * lines and lower case are how people type; the checksum finds a slip. */
export async function parseIdentity(typed: string): Promise<AgeIdentity | undefined> {
  const identity = typed.replaceAll(/\s+/g, '').toUpperCase();
  if (!IDENTITY.test(identity)) return undefined;
  try {
    await identityToRecipient(identity);
    return identity;
  } catch {
    // The checksum says that it was mistyped; nothing else can go wrong with 58 letters.
    return undefined;
  }
}

/** Seals a small secret to a recipient, as an age file. */
export async function sealTo(recipient: string, plaintext: Uint8Array): Promise<Buffer> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return Buffer.from(await encrypter.encrypt(Uint8Array.from(plaintext)));
}

/** Opens what `sealTo` made; `corrupt` when it was sealed to somebody else or changed. */
export async function openWith(identity: AgeIdentity, sealed: Uint8Array): Promise<Buffer> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return Buffer.from(await decrypter.decrypt(Uint8Array.from(sealed)));
  } catch (cause) {
    throw new AppError('corrupt', 'a sealed key does not open', { cause });
  }
}
