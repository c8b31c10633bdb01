/** What who is signed in here may see and do, as the box told it. The box decides; by this the page shows
 * no way that leads to a refusal. */
import { computed, type ReadonlySignal } from '@preact/signals';
import type { Session } from '../../server/contract/session.ts';
import { box } from './box.ts';
import type { Route } from './route.ts';

/** What of a session says it. */
export type Rights = Pick<Session, 'role' | 'mayExport'>;

/** Who may open a page. */
type Who = 'everybody' | 'past' | 'export';

/** A page that does not stand here is for the owner alone. */
const PAGES: ReadonlyMap<Route['page'], Who> = new Map([
  ...(['wall', 'camera', 'people', 'settings', 'unknown'] as const).map(
    (page) => [page, 'everybody'] as const,
  ),
  // Advice is for whoever is at home when somebody rings, or finds the box gone.
  ...(['record', 'storage', 'officers', 'stolen'] as const).map((page) => [page, 'past'] as const),
  ['exports', 'export'],
]);

/** Whether somebody with these rights has something to see on a page. Pure. */
export function opensTo(page: Route['page'], { role, mayExport }: Rights): boolean {
  if (role === 'owner') return true;
  const who = PAGES.get(page);
  if (who === undefined || who === 'everybody') return who !== undefined;
  return role === 'member' && (who === 'past' || mayExport);
}

/** Nobody sees the past, or decides, before the box has said that they may. */
const NONE: Rights = { role: 'viewer', mayExport: false };

const rights: ReadonlySignal<Rights> = computed(() =>
  box.value.at === 'ready' ? box.value.session : NONE,
);

/** The same for who is signed in here. */
export function mayOpen(page: Route['page']): boolean {
  return opensTo(page, rights.value);
}

/** Whether who is signed in here decides about others, and about the box. */
export const isOwner: ReadonlySignal<boolean> = computed(() => rights.value.role === 'owner');

/** Whether they see what was recorded. */
export const seesPast: ReadonlySignal<boolean> = computed(() => rights.value.role !== 'viewer');

/** Whether they may take copies out. */
export const mayTakeOut: ReadonlySignal<boolean> = computed(() => mayOpen('exports'));
