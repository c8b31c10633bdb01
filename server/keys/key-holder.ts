/** What the key process does with a request: the only state is the opened identities. No files, no
 * sockets, no clock; `key-worker.ts` connects it to the server. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { fileKeyOf } from '../age/header.ts';
import { newIdentity, parseIdentity, recipientOf, type AgeIdentity } from '../age/identity.ts';
import { openSmallFile } from '../age/small-file.ts';
import { AppError } from '../base/errors.ts';
import { AuditKeys, EPOCH_ID_BYTES, firstAuditKey } from './audit-key.ts';
import { decodeDayKey } from './day-key.ts';
import { HOUSEHOLD_LIST_MAX } from './key-messages.ts';
import type { Household, KeyAnswer, KeyRequest, Wrap } from './key-messages.ts';
import { invitedOf, makeInvited, openInvited } from './invitations.ts';
import { openForPhone, sealForPhone } from './kept-phones.ts';
import { makeWrap, openIdentity, openMemberIdentity, sealIdentity } from './wrap.ts';

type Ask<T extends KeyRequest['type']> = Extract<KeyRequest, { type: T }>;

/** Opens, makes and uses the household's identities. */
export class KeyHolder {
  /** Newest first; empty: locked. */
  #identities: readonly AgeIdentity[] = [];
  /** Made, but not durable yet. */
  #next: readonly AgeIdentity[] | undefined;
  /** The newest has the highest number, the oldest is 1. */
  readonly #auditKeys = new AuditKeys((generation) => this.#identities.at(-generation));

  /** Answers one request; throws AppErrors. */
  async answer(request: KeyRequest): Promise<KeyAnswer> {
    switch (request.type) {
      case 'create':
        return this.#create(request);
      case 'unlock':
        return this.#unlock(request);
      case 'unlock-kept':
        return this.#unlockKept(request);
      case 'recover':
        return this.#recover(request);
      case 'new-key':
        return this.#newKey(request.household);
      case 'invite':
        return this.#invite(request);
      case 'claim':
        return claim(request);
      case 'change-password':
        return changePassword(request);
      case 'adopt':
        this.#identities = this.#next ?? this.#identities;
        this.#next = undefined;
        return { type: 'done' };
      case 'file-key':
        this.#newest();
        return { type: 'file-key', fileKey: await fileKeyOf(request.header, this.#identities) };
      case 'day-keys':
        this.#newest();
        return { type: 'day-keys', secrets: await this.#dayKeys(request.sealed) };
      case 'open-header':
        return openHeader(request);
      case 'audit-begin':
        return this.#beginAudit();
      case 'audit-check': {
        this.#newest();
        const checked = this.#auditKeys.check(request);
        if (checked === undefined) return { type: 'refused' };
        return { type: 'audit-checked', bad: [...checked.bad], proof: checked.proof };
      }
    }
  }

  async #create({ boxId, userId, password, cost }: Ask<'create'>): Promise<KeyAnswer> {
    const identity = await newIdentity();
    const household: Household = {
      ...{ version: 1, boxId, generation: 1 },
      recipient: await recipientOf(identity),
      wraps: [await makeWrap({ userId, generation: 1, password, cost, household: identity })],
      older: [],
    };
    this.#next = [identity];
    return { type: 'made', household, recoveryKey: Buffer.from(identity) };
  }

  async #unlock(asked: Ask<'unlock'>): Promise<KeyAnswer> {
    const { household, userId, password, phoneId, phoneSecret } = asked;
    for (const wrap of household.wraps.filter((one) => one.userId === userId)) {
      const member = await openMemberIdentity(wrap, password);
      if (member === undefined) continue;
      await this.#openWith(member, { wrap, household });
      const { salt, memberRecipient } = wrap;
      if (phoneId === undefined || phoneSecret === undefined) return { type: 'unlocked', salt };
      const place = { id: phoneId, userId, madeAt: household.generation };
      const sealed = sealForPhone(member, phoneSecret, place);
      const phone = { madeAt: place.madeAt, member: sealed, memberRecipient };
      return { type: 'unlocked', salt, phone };
    }
    return { type: 'refused' };
  }

  async #unlockKept({ household, phone, phoneSecret }: Ask<'unlock-kept'>): Promise<KeyAnswer> {
    const member = openForPhone(phone, phoneSecret);
    // A password that was replaced took its identity with it, and what was kept under that.
    const wrap = household.wraps.find(
      (one) => one.userId === phone.userId && one.memberRecipient === phone.memberRecipient,
    );
    if (member === undefined || wrap === undefined) return { type: 'refused' };
    await this.#openWith(member, { wrap, household });
    return { type: 'unlocked', salt: wrap.salt };
  }

  async #openWith(
    member: AgeIdentity,
    { wrap, household }: { wrap: Wrap; household: Household },
  ): Promise<void> {
    const identity = await openIdentity(member, wrap.household);
    this.#identities = await withOlder(identity, household);
  }

  /** The work does not depend on what is wrong: the wrap is made first, under any identity. */
  async #recover(asked: Ask<'recover'>): Promise<KeyAnswer> {
    const { household, password, cost } = asked;
    const typed = await parseIdentity(Buffer.from(asked.recoveryKey).toString('latin1'));
    const identity = typed ?? (await newIdentity());
    const wrap = await makeWrap({
      ...{ userId: asked.userId ?? 1, generation: household.generation, password, cost },
      household: identity,
    });
    const isRight = sameText(await recipientOf(identity), household.recipient);
    if (!isRight || asked.userId === undefined) return { type: 'refused' };
    this.#next = await withOlder(identity, household);
    return { type: 'household', household: added(household, wrap) };
  }

  async #newKey(household: Household): Promise<KeyAnswer> {
    const before = this.#newest();
    const identity = await newIdentity();
    const recipient = await recipientOf(identity);
    const generation = household.generation + 1;
    if (generation > HOUSEHOLD_LIST_MAX) {
      throw new AppError('exhausted', 'This household has made as many keys as it can.');
    }
    const wraps = await Promise.all(
      household.wraps.map(async (wrap) => ({
        ...wrap,
        household: await sealIdentity(identity, wrap.memberRecipient),
      })),
    );
    const sealed = await sealIdentity(before, recipient);
    const older = [
      ...household.older,
      { generation: household.generation, recipient: household.recipient, sealed },
    ];
    this.#next = [identity, ...this.#identities];
    return {
      type: 'made',
      household: { ...household, generation, recipient, wraps, older },
      recoveryKey: Buffer.from(identity),
    };
  }

  async #invite({ household, invitationId: id, secret }: Ask<'invite'>): Promise<KeyAnswer> {
    const place = { id, madeAt: household.generation };
    const invited = [...invitedOf(household), await makeInvited(place, secret, this.#newest())];
    if (invited.length > HOUSEHOLD_LIST_MAX) {
      throw new AppError('exhausted', 'There are as many links as the household file can hold.');
    }
    return { type: 'household', household: { ...household, invited } };
  }

  /** Nothing but day keys: our own older identities are sealed to the household, too. */
  async #dayKeys(sealed: readonly Uint8Array[]): Promise<(Buffer | null)[]> {
    const secrets: (Buffer | null)[] = [];
    for (const one of sealed) {
      const secret = await openSmallFile(this.#identities, one);
      const isDayKey = secret !== undefined && decodeDayKey(secret) !== undefined;
      if (!isDayKey) secret?.fill(0);
      secrets.push(isDayKey ? secret : null);
    }
    return secrets;
  }

  #beginAudit(): KeyAnswer {
    const identity = this.#newest();
    const epochId = randomBytes(EPOCH_ID_BYTES);
    const key = firstAuditKey(identity, epochId);
    return { type: 'audit-begun', epochId, generation: this.#identities.length, key };
  }

  #newest(): AgeIdentity {
    const [newest] = this.#identities;
    if (newest === undefined) throw new AppError('locked', 'the key process holds no key');
    return newest;
  }
}

/** What is opened for it is the newcomer's, and nobody else's: nothing of it stays here. */
async function claim(asked: Ask<'claim'>): Promise<KeyAnswer> {
  const { household, userId, password, cost } = asked;
  const invited = invitedOf(household).find(({ id }) => id === asked.invitationId);
  const identity = invited && (await openInvited(invited, asked.secret));
  // Of another generation it would open the past only up to a new key.
  if (identity === undefined || !sameText(await recipientOf(identity), household.recipient)) {
    return { type: 'refused' };
  }
  const { generation } = household;
  const wrap = await makeWrap({ userId, generation, password, cost, household: identity });
  return { type: 'household', household: added(household, wrap) };
}

async function changePassword(asked: Ask<'change-password'>): Promise<KeyAnswer> {
  const { household, userId, password, newPassword, cost } = asked;
  for (const old of household.wraps.filter((one) => one.userId === userId)) {
    const member = await openMemberIdentity(old, password);
    if (member === undefined) continue;
    const wrap = await makeWrap({
      ...{ userId, generation: household.generation, password: newPassword, cost },
      household: await openIdentity(member, old.household),
    });
    return { type: 'household', household: added(household, wrap) };
  }
  return { type: 'refused' };
}

/** A wrong key, and a header that is none, are one answer. */
async function openHeader({ recoveryKey, header }: Ask<'open-header'>): Promise<KeyAnswer> {
  const identity = await parseIdentity(Buffer.from(recoveryKey).toString('latin1'));
  if (identity === undefined) return { type: 'refused' };
  try {
    return { type: 'file-key', fileKey: await fileKeyOf(header, [identity]) };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'corrupt') return { type: 'refused' };
    throw thrown;
  }
}

/** The newest identity and, through the chain, all before it; newest first. `corrupt` where they do not
 * belong together. */
export async function withOlder(newest: AgeIdentity, household: Household): Promise<AgeIdentity[]> {
  // The file is only as good as the disk: what it calls newest must be what was opened.
  if (!sameText(await recipientOf(newest), household.recipient)) {
    throw new AppError('corrupt', 'the household file does not belong together');
  }
  const identities = [newest];
  let opener = newest;
  for (const { sealed } of [...household.older].reverse()) {
    opener = await openIdentity(opener, sealed);
    identities.push(opener);
  }
  return identities;
}

function added(household: Household, wrap: Household['wraps'][number]): Household {
  if (household.wraps.length >= HOUSEHOLD_LIST_MAX) {
    throw new AppError('exhausted', 'There are as many members as the household file can hold.');
  }
  return { ...household, wraps: [...household.wraps, wrap] };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
