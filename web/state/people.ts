/** Who lives here, for the owner to change and for others to see. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type {
  MadeInvitation,
  NewInvitation,
  People,
  Person,
  PersonPatch,
} from '../../server/contract/people.ts';
import type { Outcome, Trouble } from '../api/call.ts';
import { ownerCall } from './owner-call.ts';
import { offerUndo } from './undo.ts';

const current = signal<People | undefined>(undefined);

/** As the box last told; undefined until it has. */
export const people: ReadonlySignal<People | undefined> = current;

/** Asks now; answers what went wrong, if something did. */
export async function refreshPeople(): Promise<Trouble | undefined> {
  const outcome = await ownerCall<People>('GET', '/api/people');
  if (!outcome.ok) return outcome.trouble;
  current.value = outcome.value;
  return undefined;
}

/** A link for a new person. */
export async function invite(body: NewInvitation): Promise<Outcome<MadeInvitation>> {
  const outcome = await ownerCall<MadeInvitation>('POST', '/api/invitations', { body });
  if (outcome.ok) await refreshPeople();
  return outcome;
}

/** A link by which a person sets a new password. */
export async function inviteAgain(id: number, password: string): Promise<Outcome<MadeInvitation>> {
  const body = { password };
  const outcome = await ownerCall<MadeInvitation>('POST', `/api/people/${String(id)}/invitation`, {
    body,
  });
  if (outcome.ok) await refreshPeople();
  return outcome;
}

/** A link opens nothing any more. */
export async function endInvitation(id: string): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('DELETE', `/api/invitations/${id}`);
  if (!outcome.ok && outcome.trouble.status !== 404) return outcome.trouble;
  return refreshPeople();
}

/** Whether a member may take footage out; with a way back. */
export async function setMayExport(
  person: Person,
  mayExport: boolean,
): Promise<Trouble | undefined> {
  const refused = await change(person.id, { mayExport });
  if (refused !== undefined) return refused;
  offerUndo({
    sentence: mayExport ? `${person.name} may export.` : `${person.name} may not export any more.`,
    undo: async () => {
      await change(person.id, { mayExport: !mayExport });
    },
  });
  return undefined;
}

/** Which cameras somebody sees; with a way back. */
export async function setCamerasOf(
  person: Person,
  cameras: readonly string[] | null,
): Promise<Trouble | undefined> {
  const before = person.cameras ?? null;
  const refused = await change(person.id, { cameras: cameras && [...cameras] });
  if (refused !== undefined) return refused;
  offerUndo({
    sentence: `${person.name} sees other cameras now.`,
    undo: async () => {
      await change(person.id, { cameras: before });
    },
  });
  return undefined;
}

async function change(id: number, body: PersonPatch): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('PATCH', `/api/people/${String(id)}`, { body });
  if (!outcome.ok) return outcome.trouble;
  return refreshPeople();
}

/** A person is gone, with their key. */
export async function removePerson(id: number): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('DELETE', `/api/people/${String(id)}`);
  if (!outcome.ok && outcome.trouble.status !== 404) return outcome.trouble;
  return refreshPeople();
}
