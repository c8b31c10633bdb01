/** Opaque random strings that stand for a right, and how they are compared and stored. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits: ASVS 7.2.3 asks for 128; as many as the hash that is stored. */
const TOKEN_BYTES = 32;

/** What 32 bytes look like in base64url without padding (RFC 4648 section 5). */
const TOKEN_SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** A new token: 43 characters of base64url. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Whether a string could be a token at all; spares a hash and a query for cookies of others. */
export function isTokenShaped(text: string): boolean {
  return TOKEN_SHAPE.test(text);
}

/** SHA-256. No salt and no stretching: there are 2^256 tokens to try. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Equality in a time that does not depend on where they differ. Hashing first makes the lengths
 * equal, which `timingSafeEqual` demands. */
export function sameToken(a: string, b: string): boolean {
  return timingSafeEqual(tokenHash(a), tokenHash(b));
}
