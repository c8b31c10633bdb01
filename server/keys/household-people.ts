/** Keys of people who come, change their password and go: docs/design/auth.md, "People". */
import { invitedOf, withoutInvited } from './invitations.ts';
import { phonesOf, withoutPhones } from './kept-phones.ts';
import type { Household, KeyAnswer, KeyRequest, WrapCost } from './key-messages.ts';
import { locked } from './refusals.ts';

/** The household as `HouseholdKeys` has it. */
export interface HouseholdAccess {
  readonly cost: WrapCost;
  readonly household: () => Household | undefined;
  readonly ask: (request: KeyRequest) => Promise<KeyAnswer>;
  /** Makes a content durable, then the one that counts. */
  readonly write: (household: Household) => Promise<void>;
  /** One change at a time; zeroes the secrets afterwards. */
  readonly alone: <T>(secretBytes: readonly Buffer[], work: () => Promise<T>) => Promise<T>;
  /** `locked` unless this session has unlocked. */
  readonly requireUnlocked: (holder: string) => void;
  /** Ends what phones that are kept no longer have open. */
  readonly endPhones: (isKept: (phoneId: string) => boolean) => void;
}

/** A link, and what came with it. */
interface LinkClaim {
  readonly invitationId: string;
  readonly secret: Buffer;
  readonly userId: number;
  readonly password: Buffer;
}

/** See the head of this file. Secrets come as bytes and are zeroed here. */
export class HouseholdPeople {
  readonly #access: HouseholdAccess;

  constructor(access: HouseholdAccess) {
    this.#access = access;
  }

  /** Puts a way in under a link's secret. `locked` unless this session has unlocked. */
  invite(input: {
    readonly holder: string;
    readonly invitationId: string;
    readonly secret: Buffer;
  }): Promise<void> {
    const { holder, invitationId, secret } = input;
    const { ask, household, write, alone, requireUnlocked } = this.#access;
    return alone([secret], async () => {
      requireUnlocked(holder);
      const before = household();
      if (before === undefined) throw locked();
      const answer = await ask({ type: 'invite', household: before, invitationId, secret });
      if (answer.type !== 'household') throw locked();
      await write(answer.household);
    });
  }

  /**
   * The way in of a person under their password, made of a link's: 1. beside what they had; 2. `commit`
   * writes the rows; 3. what they had, their kept phones and the link leave the file. A stop between 1
   * and 2 leaves a wrap that nobody's row knows: the next start destroys it, and the link still works.
   */
  claim(input: LinkClaim, commit: () => void): Promise<boolean> {
    const { cost, ask, household, write, alone } = this.#access;
    const { invitationId, secret, userId, password } = input;
    return alone([secret, password], async () => {
      const before = household();
      if (before === undefined) return false;
      const answer = await ask({ type: 'claim', household: before, ...input, cost });
      if (answer.type !== 'household') return false;
      await write(answer.household);
      commit();
      const left = withNewestWay(answer.household, userId);
      await write(withoutInvited(left, ({ id }) => id === invitationId));
      return true;
    });
  }

  /** The same with a password that is known. Phones that were kept by the old one are kept no longer. */
  changePassword(
    input: { readonly userId: number; readonly password: Buffer; readonly newPassword: Buffer },
    commit: () => void,
  ): Promise<boolean> {
    const { cost, ask, household, write, alone } = this.#access;
    const { userId } = input;
    return alone([input.password, input.newPassword], async () => {
      const before = household();
      if (before === undefined) return false;
      const answer = await ask({ type: 'change-password', household: before, ...input, cost });
      if (answer.type !== 'household') return false;
      await write(answer.household);
      commit();
      await write(withNewestWay(answer.household, userId));
      return true;
    });
  }

  /** Destroys every other way in. Whom it leaves is asked in its turn. Nothing is written when nothing
   * goes. */
  keepOnly(
    wanted: () => {
      readonly userIds: ReadonlySet<number>;
      readonly invitationIds: ReadonlySet<string>;
    },
  ): Promise<void> {
    const { household, write, alone, endPhones } = this.#access;
    return alone([], async () => {
      const before = household();
      if (before === undefined) return;
      const { userIds, invitationIds } = wanted();
      const wraps = before.wraps.filter(({ userId }) => userIds.has(userId));
      const left = withoutPhones(
        withoutInvited(before, ({ id }) => !invitationIds.has(id)),
        ({ userId }) => !userIds.has(userId),
      );
      const isSame = left === before && wraps.length === before.wraps.length;
      if (!isSame) await write({ ...left, wraps });
      const kept = new Set(phonesOf(left).map(({ id }) => id));
      endPhones((id) => kept.has(id));
    });
  }

  /** Links that carry a way in. */
  get invitationIds(): readonly string[] {
    const household = this.#access.household();
    return household === undefined ? [] : invitedOf(household).map(({ id }) => id);
  }
}

/** Of a person, the wrap that was made last, and no kept phone: whoever knew the old password may have
 * kept one by it. */
function withNewestWay(household: Household, userId: number): Household {
  const newest = household.wraps.at(-1);
  const wraps = household.wraps.filter((wrap) => wrap.userId !== userId || wrap === newest);
  return withoutPhones({ ...household, wraps }, (phone) => phone.userId === userId);
}
