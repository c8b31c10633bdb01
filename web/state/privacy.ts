/** What the privacy page is made of, asked for together: connections, looks, footage, open doors. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { AuditKind, AuditPage } from '../../server/contract/audit.ts';
import type { People } from '../../server/contract/people.ts';
import type { Privacy } from '../../server/contract/privacy.ts';
import type { StorageUse } from '../../server/contract/storage.ts';
import type { AccessTokens } from '../../server/contract/tokens.ts';
import type { Trouble } from '../api/call.ts';
import { LANE_DAYS, type Look } from '../words/house-words.ts';
import type { OpenDoor } from '../words/privacy-words.ts';
import { boxNowMs, noteBoxTime } from './box-time.ts';
import { ownerCall } from './owner-call.ts';

/** One look at the box. What it did not tell is undefined, and the page says "not checked". */
export interface PrivacySeen {
  readonly atMs: number;
  readonly privacy: Privacy | undefined;
  readonly doors: readonly (OpenDoor & { readonly cameraId: string | null })[] | undefined;
  readonly people: readonly string[] | undefined;
  readonly looks: readonly Look[] | undefined;
  readonly storage: StorageUse | undefined;
  readonly trouble: Trouble | undefined;
}

/** Kinds of the record that are looks. */
const LOOKS: readonly (readonly [AuditKind, Look['what']])[] = [
  ['live-begun', 'live'],
  ['picture-taken', 'live'],
  ['moment-viewed', 'past'],
  ['past-viewed', 'past'],
  ['export-fetched', 'copy'],
];

const DAY_MS = 86_400_000;

const current = signal<PrivacySeen | undefined>(undefined);

/** The newest look; undefined before the first. */
export const privacySeen: ReadonlySignal<PrivacySeen | undefined> = current;

/** Asks for all of it now. */
export async function lookAtPrivacy(): Promise<void> {
  const [privacy, storage, tokens, people, looks] = await Promise.all([
    ownerCall<Privacy>('GET', '/api/privacy'),
    ownerCall<StorageUse>('GET', '/api/storage'),
    ownerCall<AccessTokens>('GET', '/api/tokens'),
    ownerCall<People>('GET', '/api/people'),
    looksOf(boxNowMs() - LANE_DAYS * DAY_MS),
  ]);
  if (privacy.ok) noteBoxTime(privacy.response);
  current.value = {
    atMs: boxNowMs(),
    privacy: privacy.ok ? privacy.value : undefined,
    storage: storage.ok ? storage.value : undefined,
    doors: tokens.ok ? doorsOf(tokens.value) : undefined,
    people: people.ok ? people.value.people.map(({ name }) => name) : undefined,
    looks,
    trouble: privacy.ok ? undefined : privacy.trouble,
  };
}

/** Lets the box try its kernel now; answers what went wrong, if something did. */
export async function tryKernel(): Promise<Trouble | undefined> {
  const outcome = await ownerCall<Privacy>('POST', '/api/privacy/try');
  if (!outcome.ok) return outcome.trouble;
  noteBoxTime(outcome.response);
  const seen = current.peek();
  if (seen !== undefined) current.value = { ...seen, privacy: outcome.value, atMs: boxNowMs() };
  return undefined;
}

/** Undefined when the record did not tell all of it. */
async function looksOf(fromMs: number): Promise<Look[] | undefined> {
  const from = new Date(fromMs).toISOString();
  const pages = await Promise.all(
    LOOKS.map(async ([kind, what]) => {
      const query = new URLSearchParams({ kind, from, limit: '200' });
      const outcome = await ownerCall<AuditPage>('GET', `/api/audit?${query.toString()}`);
      if (!outcome.ok) return undefined;
      return outcome.value.entries
        .filter(({ isBox, who }) => !isBox && who !== '')
        .map(({ who, at }) => ({ who, what, atMs: Date.parse(at) }));
    }),
  );
  return pages.includes(undefined) ? undefined : pages.flatMap((looks) => looks ?? []);
}

/** Programs that get pictures. Counters are no pictures. */
function doorsOf({ tokens }: AccessTokens): PrivacySeen['doors'] {
  return tokens
    .filter(({ scope }) => scope === 'live-picture')
    .map(({ name, camera }) => ({ name, camera: undefined, cameraId: camera }));
}
