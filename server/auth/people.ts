/**
 * The household: who may do what, the links by which people come in, and how they go. Orders of steps:
 * docs/design/auth.md, "People".
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { epochMs, toRfc3339 } from '../base/time.ts';
import {
  INVITATION_HOURS,
  INVITATIONS_MAX,
  PEOPLE_MAX,
  type Claimed,
  type InvitationSeen,
  type InvitedRole,
  type MadeInvitation,
  type NewInvitation,
  type People as PeopleList,
  type PersonPatch,
} from '../contract/people.ts';
import { cameraById } from '../storage/cameras.ts';
import type { Database } from '../storage/database.ts';
import {
  camerasOfInvitation,
  deleteInvitation,
  deleteInvitationsOfRole,
  deleteInvitationsOver,
  insertInvitation,
  invitationByHash,
  listInvitations,
  type StoredInvitation,
} from '../storage/invitations.ts';
import {
  camerasOfUser,
  deleteUser,
  insertUser,
  listUsers,
  nextUserId,
  updatePasswordHash,
  updateUserRights,
  userById,
  userByName,
  type StoredUser,
} from '../storage/users.ts';
import type { Identity } from './auth-service.ts';
import type { FailureLimiter } from './failure-limiter.ts';
import type { MemberKeys, WaysIn } from './member-keys.ts';
import type { PasswordCheck } from './password-check.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { checkNewPassword, checkNewUsername, normalizePassword } from './password-rules.ts';
import { isTokenShaped, newToken, tokenHash } from './random-token.ts';
import {
  needsLink,
  noPerson,
  opensNothing,
  ownerStays,
  tooManyPeople,
  WRONG_PASSWORD,
  wrongLink,
} from './refusals.ts';
import type { Sessions } from './sessions.ts';
import { checkShownName } from './shown-name.ts';
import type { TypedClaim } from './typed.ts';
import { zeroing } from './zeroing.ts';

/** The account name under which wrong links are counted; not a possible user name. */
const LINK_ACCOUNT = '\u0000invitation';

const ID_BYTES = 8;

/** What has happened to the household, for the record and for whoever tells everybody (G10). */
export interface PeopleChange {
  readonly kind:
    | 'invited'
    | 'invitation-ended'
    | 'joined'
    | 'password-replaced'
    | 'password-changed'
    | 'rights-changed'
    | 'removed';
  /** Who did it. */
  readonly byUserId: number;
  /** Whom it is about: a user name, or what the owner calls who is invited. */
  readonly name: string;
  readonly role: StoredUser['role'];
}

/** What it is made of. */
export interface PeopleParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly keys: MemberKeys;
  readonly hasher: PasswordHasher;
  readonly sessions: Sessions;
  readonly limiter: FailureLimiter;
  readonly passwords: PasswordCheck;
  /** Somebody may do more or less than before. */
  readonly changed: () => void;
}

/** See the head of this file. */
export class People {
  readonly #parts: PeopleParts;
  readonly #listeners = new Set<(change: PeopleChange) => void>();
  /** One comes in at a time: the key is there before the row, under the id that the row will have. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: PeopleParts) {
    this.#parts = parts;
  }

  /** At start: what a stop in between left of people and links that are gone is destroyed. A disk that
   * refuses it stops nothing: it is done at the next start. */
  async start(): Promise<void> {
    deleteInvitationsOver(this.#parts.db, this.#parts.clock.wallMs());
    await this.#keepOnlyThese().catch(() => undefined);
  }

  /** Tells `listener` after each change; it must not throw. Answers the function that ends this. */
  onPeopleChanged(listener: (change: PeopleChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Everybody, and what they are; cameras and open links for the owner alone. */
  list({ role, userId }: Identity): PeopleList {
    const { db } = this.#parts;
    const isOwner = role === 'owner';
    const people = listUsers(db).map((user) => ({
      ...{ id: user.id, name: user.username, role: user.role, mayExport: user.mayExport },
      isYou: user.id === userId,
      ...(isOwner && { cameras: user.allCameras ? null : camerasOfUser(db, user.id) }),
    }));
    const invitations = (isOwner ? this.#open() : []).map((link) => ({
      ...{ id: link.id, name: link.name, role: link.role, mayExport: link.mayExport },
      cameras: link.allCameras ? null : camerasOfInvitation(db, link.id),
      isNewPassword: link.userId !== undefined,
      until: toRfc3339(link.untilMs),
    }));
    return { people, invitations };
  }

  /** Makes a link for a new person; ask for the password before. `locked` for a member while this
   * session has not unlocked. */
  invite(by: Identity, input: Omit<NewInvitation, 'password'>): Promise<MadeInvitation> {
    const { db } = this.#parts;
    const rights = this.#checkRights(input);
    if (listUsers(db).length >= PEOPLE_MAX) throw tooManyPeople();
    return this.#invite(by, { ...rights, name: checkShownName(input.name), userId: undefined });
  }

  /** Makes a link by which a person sets a new password, and becomes `role` if it is another one. */
  inviteAgain(by: Identity, userId: number, role?: InvitedRole): Promise<MadeInvitation> {
    const user = this.#other(userId);
    const becomes = role ?? (user.role as InvitedRole);
    const cameras = user.allCameras ? null : camerasOfUser(this.#parts.db, userId);
    const mayExport = becomes === 'member' && user.mayExport;
    const link = { role: becomes, mayExport, cameras, name: user.username, userId };
    return this.#invite(by, link);
  }

  async #invite(
    by: Identity,
    link: Omit<NewInvitation, 'password'> & { readonly userId: number | undefined },
  ): Promise<MadeInvitation> {
    const { db, keys, clock } = this.#parts;
    if (this.#open().length >= INVITATIONS_MAX) throw tooManyPeople();
    const id = randomBytes(ID_BYTES).toString('hex');
    const secret = newToken();
    const bytes = Buffer.from(secret, 'base64url');
    const createdMs = clock.wallMs();
    const untilMs = epochMs(createdMs + INVITATION_HOURS * 3_600_000);
    // The key first: a link without its key would be one that ends in a refusal.
    if (link.role === 'member') {
      await keys.people.invite({ holder: by.sessionKey, invitationId: id, secret: bytes });
    }
    const { name, role, mayExport, cameras, userId } = link;
    insertInvitation(
      db,
      {
        ...{ id, secretHash: tokenHash(secret), userId, name, role, mayExport },
        ...{ allCameras: cameras === null, createdMs, untilMs },
      },
      cameras ?? [],
    );
    this.#tell({ kind: 'invited', byUserId: by.userId, name, role });
    return { id, secret, until: toRfc3339(untilMs) };
  }

  /** A link opens nothing any more, at once; `not-found`. */
  async withdraw(by: Identity, id: string): Promise<void> {
    const link = this.#open().find((open) => open.id === id);
    if (link === undefined || !deleteInvitation(this.#parts.db, id)) {
      throw new AppError('not-found', 'There is no such link.', {
        hint: 'It may have been used, or ended. Look at the list of people.',
      });
    }
    const { name, role } = link;
    this.#tell({ kind: 'invitation-ended', byUserId: by.userId, name, role });
    await this.#keepOnlyThese();
  }

  /** What a link is for. A wrong one is counted like a wrong password. */
  look(typed: Buffer, address: string): InvitationSeen {
    const { name, role, mayExport, userId } = this.#linkOf(typed, address);
    return { name, role, mayExport, isNewPassword: userId !== undefined };
  }

  /** Comes in by a link, once. Errors as of a set-up; `conflict` for a name that somebody has. */
  claim({ secret, username, password: typed }: TypedClaim, address: string): Promise<Claimed> {
    const password = normalizePassword(typed);
    const result = this.#turn.then(() =>
      zeroing([secret, password], () => this.#claim({ secret, username, password }, address)),
    );
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #claim({ secret, username, password }: TypedClaim, address: string): Promise<Claimed> {
    const { db, clock, keys, hasher, sessions } = this.#parts;
    const link = this.#linkOf(secret, address);
    const known = link.userId === undefined ? undefined : userById(db, link.userId);
    const name = known?.username ?? checkNewUsername(username ?? '');
    checkNewPassword(password, name);
    if (known === undefined && userByName(db, name) !== undefined) throw nameTaken();
    const passwordHash = await hasher.hash(password);
    const { role, mayExport, allCameras } = link;
    const cameraIds = allCameras ? undefined : camerasOfInvitation(db, link.id);
    const userId = known?.id ?? nextUserId(db);
    const commit = (): void => {
      db.transaction(() => {
        // Meanwhile it may have been taken back.
        if (!deleteInvitation(db, link.id)) throw wrongLink();
        if (known === undefined) {
          const createdMs = clock.wallMs();
          insertUser(db, { id: userId, username: name, role, passwordHash, createdMs, mayExport });
        } else {
          updatePasswordHash(db, userId, passwordHash);
        }
        updateUserRights(db, userId, { role, mayExport, cameraIds });
      });
      sessions.closeAllOf(userId);
      this.#parts.changed();
    };
    if (role === 'member') {
      const opened = Buffer.from(secret.toString('latin1'), 'base64url');
      const claim = { invitationId: link.id, secret: opened, userId, password };
      if (!(await keys.people.claim(claim, commit))) throw wrongLink();
    } else {
      commit();
      await this.#keepOnlyThese();
    }
    const kind = known === undefined ? 'joined' : 'password-replaced';
    this.#tell({ kind, byUserId: userId, name, role });
    return { user: name, role };
  }

  /** What a person may do from now on, also where a picture of theirs is open. `conflict` for the owner,
   * and for a viewer who would need a key. */
  async change(by: Identity, userId: number, patch: PersonPatch): Promise<void> {
    const { db } = this.#parts;
    const user = this.#other(userId);
    const role = patch.role ?? (user.role as InvitedRole);
    if (user.role === 'viewer' && role === 'member') throw needsLink();
    const now = user.allCameras ? null : camerasOfUser(db, userId);
    const { mayExport, cameras } = this.#checkRights({
      role,
      mayExport: patch.mayExport ?? (role === 'member' && user.mayExport),
      cameras: patch.cameras === undefined ? now : patch.cameras,
    });
    updateUserRights(db, userId, { role, mayExport, cameraIds: cameras ?? undefined });
    this.#parts.changed();
    this.#tell({ kind: 'rights-changed', byUserId: by.userId, name: user.username, role });
    if (role !== user.role) await this.#keepOnlyThese();
  }

  /** A person is gone: signed out everywhere, without a key. Their copies become those of who did it. */
  async remove(by: Identity, userId: number): Promise<void> {
    const { db, sessions } = this.#parts;
    const { username: name, role } = this.#other(userId);
    sessions.closeAllOf(userId);
    deleteUser(db, userId, by.userId);
    this.#parts.changed();
    this.#tell({ kind: 'removed', byUserId: by.userId, name, role });
    await this.#keepOnlyThese();
  }

  /** Another password for who is signed in, who stays signed in here and nowhere else. */
  changePassword(
    by: Identity,
    typed: { readonly password: Buffer; readonly newPassword: Buffer },
    address: string,
  ): Promise<void> {
    const password = normalizePassword(typed.password);
    const newPassword = normalizePassword(typed.newPassword);
    return zeroing([password, newPassword], async () => {
      const { db, hasher, keys, passwords, sessions } = this.#parts;
      const { userId, username, role, sessionKey } = by;
      const user = userById(db, userId);
      await passwords.check({ user, username, password, address, wrong: WRONG_PASSWORD });
      checkNewPassword(newPassword, username);
      const passwordHash = await hasher.hash(newPassword);
      const commit = (): void => {
        updatePasswordHash(db, userId, passwordHash);
        sessions.closeAllOf(userId, Buffer.from(sessionKey, 'hex'));
      };
      if (role === 'viewer') commit();
      else if (!(await keys.people.changePassword({ userId, password, newPassword }, commit))) {
        throw opensNothing();
      }
      this.#tell({ kind: 'password-changed', byUserId: userId, name: username, role });
    });
  }

  /** What links carried opens nothing that is recorded from now on. */
  keyWasRenewed(): void {
    deleteInvitationsOfRole(this.#parts.db, 'member');
  }

  #open(): StoredInvitation[] {
    const nowMs = this.#parts.clock.wallMs();
    return listInvitations(this.#parts.db).filter(({ untilMs }) => untilMs > nowMs);
  }

  #linkOf(typed: Buffer, address: string): StoredInvitation {
    const { db, clock, limiter } = this.#parts;
    const attempt = limiter.begin(LINK_ACCOUNT, address);
    const secret = typed.toString('latin1');
    const found = isTokenShaped(secret) ? invitationByHash(db, tokenHash(secret)) : undefined;
    if (found === undefined || found.untilMs <= clock.wallMs()) throw wrongLink();
    attempt.giveBack();
    return found;
  }

  /** Somebody who is not the owner. */
  #other(userId: number): StoredUser {
    const user = userById(this.#parts.db, userId);
    if (user === undefined) throw noPerson();
    if (user.role === 'owner') throw ownerStays();
    return user;
  }

  #checkRights<T extends Pick<NewInvitation, 'role' | 'mayExport' | 'cameras'>>(wanted: T): T {
    if (wanted.role === 'viewer' && wanted.mayExport) {
      throw new AppError('unprocessable', 'A viewer sees live, so there is nothing to export.', {
        reason: 'viewer-exports',
        hint: 'Make this person a member, or leave exporting out.',
      });
    }
    if (wanted.cameras?.some((id) => cameraById(this.#parts.db, id) === undefined) === true) {
      throw new AppError('unprocessable', 'One of the cameras is not there any more.', {
        reason: 'bad-camera',
        hint: 'Look at the list of cameras, then choose again.',
      });
    }
    return { ...wanted, cameras: wanted.cameras && [...new Set(wanted.cameras)] };
  }

  #keepOnlyThese(): Promise<void> {
    const { db, keys } = this.#parts;
    return keys.people.keepOnly((): WaysIn => {
      const members = listUsers(db).filter(({ role }) => role !== 'viewer');
      const links = listInvitations(db);
      return {
        userIds: new Set(members.map(({ id }) => id)),
        invitationIds: new Set(links.map(({ id }) => id)),
      };
    });
  }

  #tell(change: PeopleChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}

function nameTaken(): AppError {
  return new AppError('conflict', 'Somebody here has this name already.', {
    reason: 'name-taken',
    hint: 'Choose another user name.',
  });
}
