/** Exports that somebody asked for, kept fresh while one of them is being made. */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Export, ExportList, NewExport } from '../../server/contract/export.ts';
import type { PasswordAgain } from '../../server/contract/session.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock, repeat, type Timer } from '../base/clock.ts';
import { box } from './box.ts';
import { ownerCall } from './owner-call.ts';

/** Quick enough for a bar that moves; an hour of footage takes some seconds. */
const PROGRESS_MS = 1_000;

const list = signal<readonly Export[] | undefined>(undefined);
const lastTrouble = signal<Trouble | undefined>(undefined);
const fetchedIds = signal<ReadonlySet<string>>(new Set());

/** Newest first; undefined until the box has answered once. */
export const exports: ReadonlySignal<readonly Export[] | undefined> = list;

/** Why the newest look at the list brought nothing; the old list stays. */
export const exportsTrouble: ReadonlySignal<Trouble | undefined> = lastTrouble;

/** Those whose file was handed to this browser since the page was opened. */
export const fetched: ReadonlySignal<ReadonlySet<string>> = fetchedIds;

/** Whether the box still works on it. */
export function isUnfinished({ state }: Export): boolean {
  return state === 'queued' || state === 'running';
}

/** Asks for the list now. */
export async function refreshExports(): Promise<void> {
  const outcome = await ownerCall<ExportList>('GET', '/api/exports');
  if (outcome.ok) {
    const next = outcome.value.exports;
    if (JSON.stringify(next) !== JSON.stringify(list.value)) list.value = next;
  }
  lastTrouble.value = outcome.ok ? undefined : outcome.trouble;
}

/** Keeps the list fresh while something is being made and the page is seen; answers the end of it. */
export function followExports(): Timer {
  void refreshExports();
  const visible = (): void => {
    if (document.visibilityState === 'visible') void refreshExports();
  };
  document.addEventListener('visibilitychange', visible);
  let timer: Timer | undefined;
  const stopWatching = effect(() => {
    const isWaiting = (list.value ?? []).some(isUnfinished);
    if (isWaiting === (timer !== undefined)) return;
    timer?.cancel();
    timer = isWaiting
      ? repeat(browserClock, PROGRESS_MS, async () => {
          if (document.visibilityState === 'visible') await refreshExports();
        })
      : undefined;
  });
  return {
    cancel: () => {
      stopWatching();
      timer?.cancel();
      document.removeEventListener('visibilitychange', visible);
    },
  };
}

/** Asks the box for an export; the answer joins the list. */
export async function askForExport(wanted: NewExport): Promise<Export | Trouble> {
  const outcome = await ownerCall<Export>('POST', '/api/exports', { body: wanted });
  if (!outcome.ok) return outcome.trouble;
  list.value = [outcome.value, ...(list.value ?? [])];
  return outcome.value;
}

/** Cancels one, or deletes its file and takes it off the list. */
export async function removeExport(id: string): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('DELETE', `/api/exports/${id}`);
  await refreshExports();
  return outcome.ok || outcome.trouble.status === 404 ? undefined : outcome.trouble;
}

/** What has to be done before the file may be fetched: nothing for a quarter of an hour after the
 * password was typed for this export, in this browser. One byte is asked for, because a download
 * that is refused cannot say why. */
export async function neededToFetch(id: string): Promise<'nothing' | 'password' | 'unlock'> {
  const outcome = await ownerCall<undefined>('GET', fileAddress(id), { range: 'bytes=0-0' });
  if (!outcome.ok) return outcome.trouble.status === 423 ? 'unlock' : 'password';
  await outcome.response.body?.cancel();
  return 'nothing';
}

/** Types the password again, after which the file may be fetched. */
export async function allowFetch(id: string, password: string): Promise<Trouble | undefined> {
  const body: PasswordAgain = { password };
  const outcome = await ownerCall<undefined>('POST', `/api/exports/${id}/file-access`, { body });
  return outcome.ok ? undefined : outcome.trouble;
}

/** Hands the file to the browser, which saves it under the name that the box gives it. */
export function fetchFile(id: string): void {
  const link = document.createElement('a');
  link.href = fileAddress(id);
  link.download = '';
  link.click();
  fetchedIds.value = new Set([...fetchedIds.value, id]);
}

function fileAddress(id: string): string {
  return `/api/exports/${id}/file`;
}

/** Begins to watch who is signed in; once, at the start of the page: what was shown to one person
 * is not kept for the next. */
export function guardExports(): void {
  effect(() => {
    if (box.value.at !== 'sign-in') return;
    list.value = undefined;
    fetchedIds.value = new Set();
  });
}
