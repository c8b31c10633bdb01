/** The record as this page shows it: pages of entries, filters, and its check. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { AuditEntry, AuditPage, AuditVerification } from '../../server/contract/audit.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock, repeat, type Timer } from '../base/clock.ts';
import { ownerCall } from './owner-call.ts';

/** While a check runs, its bar moves. */
const PROGRESS_MS = 700;

/** As much as a page shows at once. */
const PAGE_ENTRIES = 100;

/** What is shown; empty: everything. */
export interface RecordFilter {
  readonly who: string;
  readonly camera: string;
  readonly kind: string;
}

/** Everything. */
export const EVERYTHING: RecordFilter = { who: '', camera: '', kind: '' };

const filter = signal<RecordFilter>(EVERYTHING);
const list = signal<readonly AuditEntry[] | undefined>(undefined);
const nextPage = signal<string | null>(null);
const lastTrouble = signal<Trouble | undefined>(undefined);
const check = signal<AuditVerification | undefined>(undefined);
let turn = 0;

/** See `RecordFilter`. */
export const recordFilter: ReadonlySignal<RecordFilter> = filter;
/** Newest first; undefined until the box has answered. */
export const recordEntries: ReadonlySignal<readonly AuditEntry[] | undefined> = list;
/** There are older ones. */
export const hasOlder: ReadonlySignal<string | null> = nextPage;
/** Why the newest look brought nothing. */
export const recordProblem: ReadonlySignal<Trouble | undefined> = lastTrouble;
/** How far the check is, and how the last one ended. */
export const recordCheck: ReadonlySignal<AuditVerification | undefined> = check;

/** Shows what fits. */
export async function showRecord(wanted: RecordFilter): Promise<void> {
  filter.value = wanted;
  await load(undefined);
}

/** Adds older entries below. */
export async function showOlder(): Promise<void> {
  const before = nextPage.peek();
  if (before !== null) await load(before);
}

async function load(before: string | undefined): Promise<void> {
  turn += 1;
  const mine = turn;
  const query = new URLSearchParams({ limit: String(PAGE_ENTRIES) });
  for (const [name, value] of Object.entries(filter.peek()) as [string, string][]) {
    if (value !== '') query.set(name, value);
  }
  if (before !== undefined) query.set('before', before);
  const outcome = await ownerCall<AuditPage>('GET', `/api/audit?${query.toString()}`);
  if (mine !== turn) return;
  if (!outcome.ok) {
    lastTrouble.value = outcome.trouble;
    return;
  }
  lastTrouble.value = undefined;
  const { entries, next } = outcome.value;
  list.value = before === undefined ? entries : [...(list.peek() ?? []), ...entries];
  nextPage.value = next;
}

/** Begins a check of the whole record; answers what went wrong, if something did. */
export async function checkRecord(): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('POST', '/api/audit/verification', { body: {} });
  if (!outcome.ok) return outcome.trouble;
  await lookAtCheck();
  return undefined;
}

/** Stops it. */
export async function stopCheck(): Promise<void> {
  await ownerCall<undefined>('DELETE', '/api/audit/verification');
  await lookAtCheck();
}

/** Follows a check that runs; answers the end of it. */
export function followCheck(): Timer {
  void lookAtCheck();
  return repeat(browserClock, PROGRESS_MS, async () => {
    if (check.peek()?.running === true) await lookAtCheck();
  });
}

async function lookAtCheck(): Promise<void> {
  const outcome = await ownerCall<AuditVerification>('GET', '/api/audit/verification');
  if (outcome.ok) check.value = outcome.value;
}
