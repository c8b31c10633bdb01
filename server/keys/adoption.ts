/** Who can go on with a household whose accounts are lost: docs/design/keys.md, "Adoption". */
import type { AdoptClaim } from './key-claims.ts';
import type { Household, KeyAnswer, KeyRequest, Wrap, WrapCost } from './key-messages.ts';

/** What asks the key process, and what a wrap costs. */
interface Asking {
  readonly ask: (request: KeyRequest) => Promise<KeyAnswer>;
  readonly cost: WrapCost;
}

/** The wrap that the password opens, whosever it is; or a new one, by the recovery key. Undefined when
 * neither opens the household. */
export function adoptedWrap(
  household: Household,
  { password, recoveryKey }: AdoptClaim,
  { ask, cost }: Asking,
): Promise<Wrap | undefined> {
  return recoveryKey === undefined
    ? wrapOf(household, password, ask)
    : newWrap(household, { password, recoveryKey }, { ask, cost });
}

async function wrapOf(
  household: Household,
  password: Buffer,
  ask: Asking['ask'],
): Promise<Wrap | undefined> {
  for (const userId of new Set(household.wraps.map((wrap) => wrap.userId))) {
    // The request takes the bytes along, and they are needed again.
    const tried = Buffer.from(password);
    const answer = await ask({ type: 'unlock', household, userId, password: tried });
    tried.fill(0);
    if (answer.type !== 'unlocked') continue;
    return household.wraps.find((wrap) => wrap.userId === userId && wrap.salt === answer.salt);
  }
  return undefined;
}

async function newWrap(
  household: Household,
  secrets: { readonly password: Buffer; readonly recoveryKey: Buffer },
  { ask, cost }: Asking,
): Promise<Wrap | undefined> {
  const userId = household.wraps[0]?.userId ?? 1;
  const answer = await ask({ type: 'recover', household, userId, ...secrets, cost });
  return answer.type === 'household' ? answer.household.wraps.at(-1) : undefined;
}
