/**
 * "Keep this phone unlocked": a second way to a member's identity, under a random secret that one
 * browser keeps (docs/design/keys.md, "Kept phones"). Pure, but for chance.
 */
import { createHash, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { AgeIdentity } from '../age/identity.ts';
import { KEY_BYTES, openGcm, sealGcm } from './aes-gcm.ts';
import type { Household, KeptPhone } from './key-messages.ts';

/** A phone that was not used for so long is forgotten: it may not be where it was. */
export const KEPT_IDLE_MS = 90 * 24 * 3_600_000;

/** The file is the most precious one there is: it is not written more often for a time of day. */
const USED_STEP_MS = 3_600_000;

/** Phones of one member; with one more, the one that was used longest ago is forgotten. */
export const KEPT_PER_MEMBER_MAX = 8;

const KEY_INFO = 'doorkeep kept phone 1';

/** Which phone, and whose. */
type Place = Pick<KeptPhone, 'id' | 'userId' | 'madeAt'>;

/** A member's identity under a phone's secret; base64. */
export function sealForPhone(member: AgeIdentity, secret: Uint8Array, place: Place): string {
  const [key, plaintext] = [phoneKey(secret), Buffer.from(member)];
  const sealed = sealGcm(key, plaintext, bind(place));
  key.fill(0);
  plaintext.fill(0);
  return sealed.toString('base64');
}

/** Opens it; undefined for another secret. What is compared is a tag, by the cipher, in constant time. */
export function openForPhone(phone: KeptPhone, secret: Uint8Array): AgeIdentity | undefined {
  const key = phoneKey(secret);
  const plaintext = openGcm(key, Buffer.from(phone.member, 'base64'), bind(phone));
  const member = plaintext?.toString('latin1');
  key.fill(0);
  plaintext?.fill(0);
  return member;
}

/** What the file knows of a secret: enough to find its phone, nothing that opens. No salt and no
 * stretching: there are 2^256 of them. */
export function secretHashOf(secret: Uint8Array): string {
  return createHash('sha256').update(secret).digest('base64');
}

/** The phone of this member with this secret. All of them are compared, each in constant time. */
export function findPhone(
  household: Household,
  asked: { readonly userId: number; readonly secret: Uint8Array; readonly nowMs: number },
): KeptPhone | undefined {
  const hash = Buffer.from(secretHashOf(asked.secret), 'base64');
  let found: KeptPhone | undefined;
  for (const phone of phonesOf(household)) {
    const other = Buffer.from(phone.secretHash, 'base64');
    const isSame = other.length === hash.length && timingSafeEqual(other, hash);
    if (isSame && phone.userId === asked.userId) found = phone;
  }
  return found === undefined || asked.nowMs - found.usedMs >= KEPT_IDLE_MS ? undefined : found;
}

/** All of them. */
export function phonesOf(household: Household): readonly KeptPhone[] {
  return household.kept ?? [];
}

/** With one more; those that were not used for long, and one too many, are left out. */
export function withPhone(household: Household, phone: KeptPhone): Household {
  const living = phonesOf(household).filter(({ usedMs }) => phone.madeMs - usedMs < KEPT_IDLE_MS);
  const own = living
    .filter(({ userId }) => userId === phone.userId)
    .sort((a, b) => b.usedMs - a.usedMs)
    .slice(0, KEPT_PER_MEMBER_MAX - 1);
  const others = living.filter(({ userId }) => userId !== phone.userId);
  return { ...household, kept: [...others, ...own, phone] };
}

/** Without some. The same object where nothing changes. */
export function withoutPhones(
  household: Household,
  isForgotten: (phone: KeptPhone) => boolean,
): Household {
  const kept = phonesOf(household).filter((phone) => !isForgotten(phone));
  return kept.length === phonesOf(household).length ? household : { ...household, kept };
}

/** With one of them used now, by a press or silently. The same object where that is nothing to write. */
export function withUse(household: Household, id: string, nowMs: number): Household {
  return changed(household, (phone) => {
    if (phone.id !== id) return phone;
    if (!phone.waits && nowMs - phone.usedMs < USED_STEP_MS) return phone;
    return { ...phone, waits: false, usedMs: nowMs };
  });
}

/** With all of them waiting for a press: it was locked. */
export function withAllWaiting(household: Household): Household {
  return changed(household, (phone) => (phone.waits ? phone : { ...phone, waits: true }));
}

function changed(household: Household, change: (phone: KeptPhone) => KeptPhone): Household {
  const before = phonesOf(household);
  const kept = before.map(change);
  return kept.every((phone, at) => phone === before[at]) ? household : { ...household, kept };
}

function phoneKey(secret: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', KEY_INFO, KEY_BYTES));
}

/** No wrap can be passed off as another phone's, another member's or another generation's. */
function bind({ id, userId, madeAt }: Place): Buffer {
  return Buffer.from(`${KEY_INFO}:${id}:${String(userId)}:${String(madeAt)}`);
}
