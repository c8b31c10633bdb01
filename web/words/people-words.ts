/** What is said of people and what they may do. Pure. */
import type { Invitation, InvitationSeen, Person } from '../../server/contract/people.ts';

/** One line about a person, below their name. */
export function roleWords({ role, mayExport }: Pick<Person, 'role' | 'mayExport'>): string {
  if (role === 'owner') return 'Owner: sees and decides everything.';
  if (role === 'viewer') return 'Viewer: sees live.';
  return mayExport
    ? 'Member: sees live and the past, and may export.'
    : 'Member: sees live and the past.';
}

/** Which cameras somebody sees. */
export function camerasWords(
  cameras: readonly string[] | null,
  known: readonly { readonly id: string; readonly name: string }[],
): string {
  if (cameras === null) return 'Every camera.';
  const names = known.filter(({ id }) => cameras.includes(id)).map(({ name }) => name);
  return names.length === 0 ? 'No camera.' : `Only ${names.join(', ')}.`;
}

/** What a link that nobody has used is for. */
export function openLinkWords({ name, isNewPassword }: Invitation): string {
  return isNewPassword ? `${name} can set a new password.` : `${name} is invited.`;
}

/** What the link is for, to who opened it. */
export function invitedWords({ role, mayExport, isNewPassword }: InvitationSeen): string {
  if (isNewPassword) return 'Choose a new password. You are then signed out everywhere else.';
  if (role === 'viewer') return 'You will see the cameras live.';
  return mayExport
    ? 'You will see the cameras live, what was recorded, and may take copies.'
    : 'You will see the cameras live, and what was recorded.';
}

/** Below the own name, in the settings. */
export function signedInWords(isOwner: boolean, seesPast: boolean): string {
  if (isOwner) return 'Signed in here, as the owner of this box.';
  return seesPast
    ? 'Signed in here. You see live, and the past with your password.'
    : 'Signed in here. You see live.';
}

/** Where others have the past of a camera. */
export const LIVE_ONLY = 'You see live. What was recorded is for members of the household.';
