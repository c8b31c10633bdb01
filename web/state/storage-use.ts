/** How much each camera has on the disk, in all and day by day: asked for where it is said. */
import { batch, computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { CameraUse, StorageDays, StorageUse } from '../../server/contract/storage.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock, repeat, type Timer } from '../base/clock.ts';
import { zoneName } from '../words/time-words.ts';
import { box } from './box.ts';
import { noteBoxTime } from './box-time.ts';
import { ownerCall } from './owner-call.ts';

/** What is recorded meanwhile is a pixel of the drawing; what was deleted is seen soon enough. */
const REFRESH_MS = 30_000;

/** More than are drawn: the day of a clock change begins elsewhere than the box may count it. */
const DAYS_ASKED = 31;

const current = signal<StorageUse | undefined>(undefined);
const currentDays = signal<StorageDays | undefined>(undefined);
const lastTrouble = signal<Trouble | undefined>(undefined);

/** As the box last told; undefined until it has. */
export const storageUse: ReadonlySignal<StorageUse | undefined> = current;

/** The last month, day by day; undefined until the box has told. */
export const storageDays: ReadonlySignal<StorageDays | undefined> = currentDays;

/** Why the newest look brought nothing; the old numbers stay. */
export const storageTrouble: ReadonlySignal<Trouble | undefined> = lastTrouble;

/** Footage that is protected, of all cameras. */
export const protectedBytes: ReadonlySignal<number> = computed(() =>
  (current.value?.cameras ?? []).reduce((sum, use) => sum + use.protectedBytes, 0),
);

/** Asks now; answers whether the box could tell. */
export async function refreshStorageUse(): Promise<boolean> {
  const outcome = await ownerCall<StorageUse>('GET', '/api/storage');
  if (outcome.ok) current.value = outcome.value;
  return outcome.ok;
}

/** Asks for both: what is shown together comes together. */
export async function refreshStorage(): Promise<void> {
  const query = new URLSearchParams({ timeZone: zoneName(), days: String(DAYS_ASKED) });
  const [use, days] = await Promise.all([
    ownerCall<StorageUse>('GET', '/api/storage'),
    ownerCall<StorageDays>('GET', `/api/storage/days?${query.toString()}`),
  ]);
  batch(() => {
    lastTrouble.value = use.ok ? (days.ok ? undefined : days.trouble) : use.trouble;
    if (!use.ok || !days.ok) return;
    noteBoxTime(use.response);
    // The same answer keeps the same objects, so that nothing is drawn again for it.
    if (!isSame(use.value, current.value)) current.value = use.value;
    if (!isSame(days.value, currentDays.value)) currentDays.value = days.value;
  });
}

/** Keeps both fresh while the page is seen; answers the end of it. */
export function followStorage(): Timer {
  const look = async (): Promise<void> => {
    if (document.visibilityState === 'visible') await refreshStorage();
  };
  const visible = (): void => {
    void look();
  };
  document.addEventListener('visibilitychange', visible);
  void refreshStorage();
  const timer = repeat(browserClock, REFRESH_MS, look);
  return {
    cancel: () => {
      timer.cancel();
      document.removeEventListener('visibilitychange', visible);
    },
  };
}

/** Begins to watch who is signed in; once, at the start of the page: what was shown to one person
 * is not kept for the next. */
export function guardStorage(): void {
  effect(() => {
    if (box.value.at !== 'sign-in') return;
    current.value = undefined;
    currentDays.value = undefined;
  });
}

/** One camera's share, as far as it is known. */
export function useOf(cameraId: string): CameraUse | undefined {
  return current.value?.cameras.find(({ camera }) => camera === cameraId);
}

function isSame(one: object, other: object | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
