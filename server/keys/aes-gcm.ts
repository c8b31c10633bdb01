/** Small secrets under a key of 32 bytes: AES-256-GCM. Sealed form: nonce, ciphertext, tag. */
import { createCipheriv, createDecipheriv, randomBytes, type CipherKey } from 'node:crypto';

/** AES-256. */
export const KEY_BYTES = 32;

/** 96 bits, the length GCM is made for (NIST SP 800-38D 5.2.1.1). Random: its 8.3 allows 2^32
 * messages under one key, and a household seals a few hundred. */
const NONCE_BYTES = 12;

/** The longest tag; shorter ones weaken GCM more than their length says (SP 800-38D appendix C). */
const TAG_BYTES = 16;

const CIPHER = 'aes-256-gcm';

/** Seals `plaintext`; it opens only with the same associated data (whose and what it is). */
export function sealGcm(key: CipherKey, plaintext: Uint8Array, associatedData: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `sealGcm` made. Undefined for another key, other associated data and a changed bit, which
 * cannot be told apart. */
export function openGcm(
  key: CipherKey,
  sealed: Buffer,
  associatedData: Buffer,
): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return undefined;
  }
}
