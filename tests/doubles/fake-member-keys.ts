/** The household's keys in memory: passwords are compared, nothing is sealed. */
import type { KeptPhone, MemberKeys, PeopleKeys } from '../../server/auth/member-keys.ts';
import { AppError } from '../../server/base/errors.ts';
import type { KeptClaim, UnlockClaim } from '../../server/keys/key-claims.ts';

type FakePhone = KeptPhone & { secret: string; waits: boolean };

/** See the head of this file. `trouble` is thrown by whatever would ask the key process. */
export class FakeMemberKeys implements MemberKeys {
  readonly passwords = new Map<number, string>();
  readonly unlocked = new Set<string>();
  generation = 0;
  locks = 0;
  trouble: AppError | undefined;
  readonly phones = new Map<string, FakePhone>();
  #forgotten: { readonly phone: FakePhone; readonly holder: string } | undefined;

  get recoveryKey(): string {
    return `AGE-SECRET-KEY-1FAKE${String(this.generation)}`;
  }

  create(userId: number, password: Buffer): Promise<Buffer> {
    return this.#ask(() => {
      this.generation = 1;
      this.passwords.set(userId, password.toString());
      password.fill(0);
      return Buffer.from(this.recoveryKey);
    });
  }

  adopt(input: { password: Buffer; recoveryKey: Buffer | undefined }): Promise<number | undefined> {
    const { password, recoveryKey } = input;
    return this.#ask(() => {
      const [known] = [...this.passwords].filter(([, typed]) => typed === password.toString());
      if (recoveryKey === undefined) return known?.[0];
      if (recoveryKey.toString().trim() !== this.recoveryKey) return undefined;
      this.passwords.clear();
      this.phones.clear();
      this.passwords.set(1, password.toString());
      return 1;
    });
  }

  createMissing(userId: number, password: Buffer): Promise<Buffer | undefined> {
    return this.generation > 0 ? Promise.resolve(undefined) : this.create(userId, password);
  }

  unlock({ holder, userId, password, locks, isWanted, phone }: UnlockClaim): Promise<boolean> {
    return this.#ask(() => {
      if (locks !== this.locks) {
        this.requireUnlocked(holder);
        return true;
      }
      if (this.passwords.get(userId) !== password.toString() || !isWanted()) return false;
      this.unlocked.add(holder);
      if (phone !== undefined) {
        const { id, name } = phone;
        const times = { madeMs: 0, usedMs: 0, waits: false };
        this.phones.set(id, { id, name, userId, ...times, secret: phone.secret.toString('hex') });
      }
      return true;
    });
  }

  unlockKept({
    holder,
    userId,
    secret,
    isPressed,
  }: KeptClaim): Promise<'open' | 'waits' | 'unknown'> {
    return this.#ask(() => {
      const phone = [...this.phones.values()].find((one) => one.secret === secret.toString('hex'));
      if (phone?.userId !== userId) return 'unknown';
      if (phone.waits && !isPressed) return 'waits';
      phone.waits = false;
      this.unlocked.add(holder);
      return 'open';
    });
  }

  keptPhones(): readonly KeptPhone[] {
    return [...this.phones.values()];
  }

  forgetPhone(id: string, holder: string): Promise<boolean> {
    return this.#ask(() => {
      const phone = this.phones.get(id);
      this.#forgotten = phone && { phone, holder };
      return this.phones.delete(id);
    });
  }

  bringBackPhone(id: string, holder: string): Promise<boolean> {
    return this.#ask(() => {
      const { phone } = this.#forgotten?.holder === holder ? this.#forgotten : {};
      if (phone?.id !== id) return false;
      this.phones.set(id, { ...phone, waits: true });
      this.#forgotten = undefined;
      return true;
    });
  }

  isUnlocked(holder: string): boolean {
    return this.unlocked.has(holder);
  }

  requireUnlocked(holder: string): void {
    if (this.isUnlocked(holder)) return;
    throw new AppError('locked', 'Locked. Live goes on; the past opens with your password.', {
      hint: 'Unlock with your password, then ask again.',
    });
  }

  lock(): Promise<void> {
    this.locks += 1;
    this.unlocked.clear();
    for (const phone of this.phones.values()) phone.waits = true;
    return Promise.resolve();
  }

  keepUnlocks(isSignedIn: (holder: string) => boolean): void {
    for (const holder of [...this.unlocked]) {
      if (!isSignedIn(holder)) this.unlocked.delete(holder);
    }
  }

  recover(
    input: { recoveryKey: Buffer; userId: number | undefined; password: Buffer },
    commit: () => void,
  ): Promise<boolean> {
    return this.#ask(() => {
      const { userId, password } = input;
      if (input.recoveryKey.toString().trim() !== this.recoveryKey || userId === undefined)
        return false;
      this.passwords.set(userId, password.toString());
      commit();
      return true;
    });
  }

  newKey(holder: string): Promise<Buffer> {
    return this.#ask(() => {
      this.requireUnlocked(holder);
      this.generation += 1;
      return Buffer.from(this.recoveryKey);
    });
  }

  /** Links that carry a key: their secrets, by id. */
  readonly invited = new Map<string, string>();

  readonly people: PeopleKeys = {
    invite: ({ holder, invitationId, secret }) =>
      this.#ask(() => {
        this.requireUnlocked(holder);
        this.invited.set(invitationId, secret.toString('hex'));
      }),
    claim: ({ invitationId, secret, userId, password }, commit) =>
      this.#ask(() => {
        if (this.invited.get(invitationId) !== secret.toString('hex')) return false;
        commit();
        this.invited.delete(invitationId);
        this.passwords.set(userId, password.toString());
        return true;
      }),
    changePassword: ({ userId, password, newPassword }, commit) =>
      this.#ask(() => {
        if (this.passwords.get(userId) !== password.toString()) return false;
        commit();
        this.passwords.set(userId, newPassword.toString());
        return true;
      }),
    keepOnly: (wanted) =>
      this.#ask(() => {
        const { userIds, invitationIds } = wanted();
        for (const id of [...this.passwords.keys()]) {
          if (!userIds.has(id)) this.passwords.delete(id);
        }
        for (const id of [...this.invited.keys()]) {
          if (!invitationIds.has(id)) this.invited.delete(id);
        }
        for (const [id, { userId }] of [...this.phones]) {
          if (!userIds.has(userId)) this.phones.delete(id);
        }
      }),
  };

  holders(): { generation: number; userIds: number[] } | undefined {
    if (this.generation === 0) return undefined;
    return { generation: this.generation, userIds: [...this.passwords.keys()] };
  }

  #ask<T>(work: () => T): Promise<T> {
    return this.trouble === undefined ? Promise.resolve().then(work) : Promise.reject(this.trouble);
  }
}
