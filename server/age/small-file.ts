/** A whole age file that holds a small secret, with the curve of `node:crypto` (x25519.ts). */
import { Decrypter, Encrypter } from 'age-encryption';
import type { AgeIdentity } from './identity.ts';
import { X25519Identity, X25519Recipient } from './x25519.ts';

/** Seals a small secret to one recipient (`age1…`). */
export async function sealSmallFile(recipient: string, plaintext: Uint8Array): Promise<Buffer> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(new X25519Recipient(recipient));
  return Buffer.from(await encrypter.encrypt(Uint8Array.from(plaintext)));
}

/** Opens what `sealSmallFile` made, with whichever identity opens it; undefined when none does, when it
 * was changed, and when it is no age file. */
export async function openSmallFile(
  identities: readonly AgeIdentity[],
  sealed: Uint8Array,
): Promise<Buffer | undefined> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(new X25519Identity(identity));
  try {
    return Buffer.from(await decrypter.decrypt(Uint8Array.from(sealed)));
  } catch {
    // The library has one error for all of it, and the caller one answer.
    return undefined;
  }
}
