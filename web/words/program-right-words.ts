/** What is said of programs that have a right, and of networks that may come in. Pure but for the zone. */
import type { AccessToken, TokenScope } from '../../server/contract/tokens.ts';
import { clockTime, dayName } from './time-words.ts';

/** The one in the data folder (server/auth/access-tokens.ts). */
const FILE_ID = 'file';

/** What a right opens, as an open door. `camera`: its name, where there is one. */
export function rightWords(scope: TokenScope, camera: string): string {
  return scope === 'metrics'
    ? 'A program may read counters: how many cameras, how much footage. No picture.'
    : `A program may take one picture a second from ${camera}.`;
}

/** Below it: since when, and when it was used. */
export function rightUse(right: AccessToken, nowMs: number): string {
  const { createdAt, lastUsedAt } = right;
  const since = createdAt === null ? 'In the data folder' : `Since ${dayOf(createdAt, nowMs)}`;
  if (lastUsedAt === null) return `${since}. Never used.`;
  const at = `${dayOf(lastUsedAt, nowMs)}, ${clockTime(Date.parse(lastUsedAt))}`;
  return `${since}. Last used ${at}.`;
}

/** What ending it means; the one in the data folder is replaced. */
export function endRightWords({ id, name }: Pick<AccessToken, 'id' | 'name'>): string {
  return id === FILE_ID
    ? 'Another one is written into the file. Programs read the file anew, or get nothing more.'
    : `${name} gets nothing more, at once. There is no way back; you can make it another one.`;
}

/** How a program asks. `origin`: where this page came from. */
export function askWords(scope: TokenScope, camera: string, origin: string): string {
  const path = scope === 'metrics' ? '/api/metrics' : `/api/cameras/${camera}/snapshot`;
  return `GET ${origin}${path}`;
}

/** What a range of addresses of a VPN means. */
export const VPN_IS =
  'At home nothing is needed. Who comes in by a VPN of yours has an address of the VPN, and is let in ' +
  'when its range stands here. They sign in like everybody.';

/** What is left to do after a change. */
export const VPN_NEXT =
  'Where systemd or a container guards Doorkeep, that learns of it when you run “doorkeep service ' +
  'install” again, or start the container anew. Until then they stay out.';

function dayOf(instant: string, nowMs: number): string {
  return dayName(Date.parse(instant), nowMs).replace(/^(Today|Yesterday)$/, (word) =>
    word.toLowerCase(),
  );
}
