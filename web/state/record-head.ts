/** This browser keeps the newest entry of the record that it saw, and asks at each visit whether the record still
 * holds it: a box cannot forget what a browser at home remembers. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { AuditHead, AuditHeadAnswer } from '../../server/contract/audit.ts';
import { browserClock, repeat, type Timer } from '../base/clock.ts';
import { ownerCall } from './owner-call.ts';

const KEY = 'doorkeep-record-head';

/** Between two visits of a page that stays open. */
const LOOK_MS = 10 * 60_000;

/** What is wrong; `set-back` is what a restore does, and everybody at home should know of it. */
export type RecordTrouble =
  | { readonly what: 'differs'; readonly sequence: number }
  | { readonly what: 'set-back'; readonly to: string };

const current = signal<RecordTrouble | undefined>(undefined);

/** Until somebody says that they have read it. */
export const recordTrouble: ReadonlySignal<RecordTrouble | undefined> = current;

/** The newest entry when somebody read it: what is kept from then on. */
let newest: AuditHead | undefined;

/** Looks now and then; answers the end of it. */
export function followRecordHead(): Timer {
  void look();
  return repeat(browserClock, LOOK_MS, look);
}

/** Somebody has read it: from now on this browser goes by the record as it is. */
export function acceptRecord(): void {
  if (newest !== undefined) keep(newest);
  current.value = undefined;
}

async function look(): Promise<void> {
  const kept = read();
  const query = kept === undefined ? '' : `?since=${String(kept.sequence)}&hash=${kept.hash}`;
  const outcome = await ownerCall<AuditHeadAnswer>('GET', `/api/audit/head${query}`);
  if (!outcome.ok) return;
  const { sequence, hash, continuity, setBackTo } = outcome.value;
  newest = { sequence, hash };
  if (continuity === 'differs') current.value = { what: 'differs', sequence: kept?.sequence ?? 0 };
  else if (continuity === 'set-back') current.value = { what: 'set-back', to: setBackTo ?? '' };
  else {
    current.value = undefined;
    keep(newest);
  }
}

function keep(head: AuditHead): void {
  localStorage.setItem(KEY, JSON.stringify(head));
}

/** What somebody else wrote there is as good as nothing. */
function read(): AuditHead | undefined {
  try {
    const { sequence, hash } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<AuditHead>;
    const isOne = Number.isSafeInteger(sequence) && /^[0-9a-f]{64}$/.test(hash ?? '');
    return isOne && sequence !== undefined && hash !== undefined ? { sequence, hash } : undefined;
  } catch {
    return undefined;
  }
}
