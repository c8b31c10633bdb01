/** Who may use a route: a closed list, so that "forgot to say" cannot mean "everybody". */
import type { Role } from '../contract/session.ts';
import type { TokenScope } from '../contract/tokens.ts';

/** What a level asks of whoever comes. */
interface Need {
  readonly roles: readonly Role[];
  /** To take footage out: an owner, or a member who was granted it. */
  readonly toExport?: true;
  /** Stored footage is open to this session. */
  readonly unlocked?: true;
  /** A program with a token of this scope may come instead of a person. */
  readonly scope?: TokenScope;
}

const EVERYBODY = ['owner', 'member', 'viewer'] as const;
const PAST = ['owner', 'member'] as const;

/** The levels that ask for somebody. */
const NEEDS = {
  /** Whoever is signed in. */
  'signed-in': { roles: EVERYBODY },
  /** Pictures of now, and the doorstep window. */
  live: { roles: EVERYBODY },
  /** A picture of now: also for a token of that camera. */
  'live-picture': { roles: EVERYBODY, scope: 'live-picture' },
  /** Who may see the past: what there is of it, not the footage itself. */
  member: { roles: PAST },
  /** Everything that reads stored footage. */
  footage: { roles: PAST, unlocked: true },
  /** Copies that leave the box. */
  export: { roles: PAST, toExport: true },
  'export-footage': { roles: PAST, toExport: true, unlocked: true },
  owner: { roles: ['owner'] },
  'owner-footage': { roles: ['owner'], unlocked: true },
  /** Counters only, never footage: also for a token, or the one in the data folder. */
  metrics: { roles: ['owner'], scope: 'metrics' },
} as const satisfies Record<string, Need>;

/**
 * - `public`: anybody on the network. Tells nothing about the home.
 * - `setup`: anybody, until the first account exists; then `conflict`. The one-time code is checked
 *   in the body.
 * - the others: see `NEEDS`.
 */
export const ACCESS_LEVELS = ['public', 'setup', ...keysOf(NEEDS)] as const;

/** See `ACCESS_LEVELS`. */
export type Access = (typeof ACCESS_LEVELS)[number];

/** A level that asks for somebody. */
export type PersonalAccess = keyof typeof NEEDS;

/** What is asked of somebody at a level. */
export function needOf(access: PersonalAccess): Need {
  return NEEDS[access];
}

/** Whether a value is one of the list; for values that the compiler did not see. */
export function isAccess(value: unknown): value is Access {
  return ACCESS_LEVELS.some((level) => level === value);
}

/** What a person may do, as far as it is asked here. */
export interface Rights {
  readonly role: Role;
  readonly mayExport: boolean;
  readonly cameras: CamerasSeen;
}

/** All cameras, those to come included, or these. */
export type CamerasSeen = 'all' | ReadonlySet<string>;

/** Whether somebody with these rights may use a level, unlocked or not. Pure. */
export function mayUse(access: PersonalAccess, { role, mayExport }: Rights): boolean {
  const { roles, toExport } = needOf(access);
  return roles.includes(role) && (toExport !== true || mayExport);
}

/** Whether somebody sees a camera. Pure. */
export function seesCamera({ cameras }: Pick<Rights, 'cameras'>, cameraId: string): boolean {
  return cameras === 'all' || cameras.has(cameraId);
}

function keysOf<T extends object>(table: T): readonly (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}
