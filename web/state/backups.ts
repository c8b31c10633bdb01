/** Backups that were taken, and taking one. */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Backup, BackupList } from '../../server/contract/backup.ts';
import type { PasswordAgain } from '../../server/contract/session.ts';
import type { Trouble } from '../api/call.ts';
import { box } from './box.ts';
import { ownerCall } from './owner-call.ts';

const list = signal<readonly Backup[] | undefined>(undefined);

/** Newest first; undefined until the box has answered once. */
export const backups: ReadonlySignal<readonly Backup[] | undefined> = list;

/** Asks now; answers what went wrong, if something did. */
export async function refreshBackups(): Promise<Trouble | undefined> {
  const outcome = await ownerCall<BackupList>('GET', '/api/backups');
  if (!outcome.ok) return outcome.trouble;
  list.value = outcome.value.backups;
  return undefined;
}

/** Takes one and hands it to the browser, which saves it under the name that the box gives it. */
export async function takeBackup(password: string): Promise<Trouble | undefined> {
  const body: PasswordAgain = { password };
  const outcome = await ownerCall<Backup>('POST', '/api/backups', { body });
  if (!outcome.ok) return outcome.trouble;
  list.value = [outcome.value, ...(list.value ?? [])];
  const link = document.createElement('a');
  link.href = `/api/backups/${outcome.value.id}/file`;
  link.download = '';
  link.click();
  return undefined;
}

/** Begins to watch who is signed in; once, at the start of the page: what was shown to one person is not
 * kept for the next. */
export function guardBackups(): void {
  effect(() => {
    if (box.value.at === 'sign-in') list.value = undefined;
  });
}
