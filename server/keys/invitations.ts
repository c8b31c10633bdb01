/**
 * A link by which a member comes in: an identity for them, and the household's sealed to it, under the
 * link's secret (docs/design/auth.md, "People"). Made and opened in the key process only.
 */
import { hkdfSync } from 'node:crypto';
import { newIdentity, recipientOf, type AgeIdentity } from '../age/identity.ts';
import { KEY_BYTES, openGcm, sealGcm } from './aes-gcm.ts';
import type { Household, Invited } from './key-messages.ts';
import { openIdentity, sealIdentity } from './wrap.ts';

const KEY_INFO = 'doorkeep invitation 1';

/** Which link, and of which generation. */
type Place = Pick<Invited, 'id' | 'madeAt'>;

/** Makes the way in. */
export async function makeInvited(
  place: Place,
  secret: Uint8Array,
  household: AgeIdentity,
): Promise<Invited> {
  const member = await newIdentity();
  const [key, plaintext] = [linkKey(secret), Buffer.from(member)];
  const sealed = sealGcm(key, plaintext, bind(place));
  key.fill(0);
  plaintext.fill(0);
  const { id, madeAt } = place;
  return {
    ...{ id, madeAt, member: sealed.toString('base64') },
    household: await sealIdentity(household, await recipientOf(member)),
  };
}

/** The household's identity behind it; undefined for another secret. */
export async function openInvited(
  invited: Invited,
  secret: Uint8Array,
): Promise<AgeIdentity | undefined> {
  const key = linkKey(secret);
  const plaintext = openGcm(key, Buffer.from(invited.member, 'base64'), bind(invited));
  const member = plaintext?.toString('latin1');
  key.fill(0);
  plaintext?.fill(0);
  return member === undefined ? undefined : openIdentity(member, invited.household);
}

/** All of them. */
export function invitedOf(household: Household): readonly Invited[] {
  return household.invited ?? [];
}

/** Without some. The same object where nothing changes. */
export function withoutInvited(
  household: Household,
  isGone: (invited: Invited) => boolean,
): Household {
  const invited = invitedOf(household).filter((one) => !isGone(one));
  return invited.length === invitedOf(household).length ? household : { ...household, invited };
}

/** No salt and no stretching: there are 2^256 secrets. */
function linkKey(secret: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', KEY_INFO, KEY_BYTES));
}

/** No link can be passed off as another one, or as one of another generation. */
function bind({ id, madeAt }: Place): Buffer {
  return Buffer.from(`${KEY_INFO}:${id}:${String(madeAt)}`);
}
