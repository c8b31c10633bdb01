/** The limits of a camera as a person types them: whole days, decimal gigabytes, empty for none. Pure. */
import type { KeepLimits } from '../../server/contract/storage.ts';

const GB = 1_000_000_000;

/** The box takes these (server/contract/storage.ts); two are the first whole number above a GiB. */
const DAYS_MAX = 3_650;
const GIGABYTES_MIN = 2;

/** A petabyte: no disk of a home has it. */
const GIGABYTES_MAX = 1_000_000;

/** What stands in the two fields. */
export interface KeepFields {
  readonly days: string;
  readonly gigabytes: string;
}

/** What was read, or what is wrong with which field. */
export type KeepRead =
  | { readonly ok: true; readonly keep: KeepLimits }
  | { readonly ok: false; readonly days?: string; readonly gigabytes?: string };

/** The fields for what is set. */
export function fieldsOf({ days, bytes }: KeepLimits): KeepFields {
  return {
    days: days === null ? '' : String(days),
    // Set elsewhere, it may be no whole number.
    gigabytes: bytes === null ? '' : String(Math.round(bytes / (GB / 10)) / 10),
  };
}

/** Reads the fields; `before` is kept to the byte where its text was not touched. */
export function readKeep(fields: KeepFields, before: KeepLimits): KeepRead {
  const days = fields.days.trim() === '' ? null : numberIn(fields.days);
  const untouched = fields.gigabytes === fieldsOf(before).gigabytes;
  const gigabytes = fields.gigabytes.trim() === '' ? null : numberIn(fields.gigabytes);
  const daysProblem =
    days !== null && !(Number.isInteger(days) && days >= 1 && days <= DAYS_MAX)
      ? 'Whole days, from 1 to 3,650. Leave it empty for no limit.'
      : undefined;
  const sizeProblem =
    !untouched && gigabytes !== null && !(gigabytes >= GIGABYTES_MIN && gigabytes <= GIGABYTES_MAX)
      ? 'At least 2 GB. Leave it empty for no limit.'
      : undefined;
  if (daysProblem !== undefined || sizeProblem !== undefined) {
    return {
      ok: false,
      ...(daysProblem === undefined ? {} : { days: daysProblem }),
      ...(sizeProblem === undefined ? {} : { gigabytes: sizeProblem }),
    };
  }
  const bytes = gigabytes === null ? null : Math.round(gigabytes * GB);
  return { ok: true, keep: { days, bytes: untouched ? before.bytes : bytes } };
}

/** Whether both say the same. */
export function sameKeep(one: KeepLimits, other: KeepLimits): boolean {
  return one.days === other.days && one.bytes === other.bytes;
}

/** A number as people write it, "1.5" or "1,5"; NaN for anything else. */
function numberIn(text: string): number {
  const plain = text.trim().replace(',', '.');
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
}
