/** Identities (secret) and recipients (public) of age, as text. */
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { AppError } from '../base/errors.ts';

/** A new identity, `AGE-SECRET-KEY-1…`. A string: only a process that ends with its secrets should
 * make one. */
export async function newIdentity(): Promise<string> {
  return generateX25519Identity();
}

/** The recipient (`age1…`) of an identity; `invalid` when that is none. */
export async function recipientOf(identity: string): Promise<string> {
  try {
    return await identityToRecipient(identity);
  } catch {
    // The cause may quote what was given, which is a secret.
    throw new AppError('invalid', 'a secret key cannot be read');
  }
}
