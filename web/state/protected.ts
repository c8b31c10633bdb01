/** Stretches of footage that are never deleted by themselves, by camera. */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type {
  NewProtectedRange,
  ProtectedId,
  ProtectedRanges,
} from '../../server/contract/protected.ts';
import type { Trouble } from '../api/call.ts';
import type { Span } from '../timeline/marks.ts';
import { protectedWords, unprotectedWords } from '../words/protected-words.ts';
import { box } from './box.ts';
import { ownerCall } from './owner-call.ts';
import { offerUndo } from './undo.ts';

/** One of them, with its times as numbers. */
export interface ProtectedSpan extends Span {
  readonly id: string;
  readonly bytes: number;
}

/** Whatever a box may have recorded, clocks that were wrong included. */
const ALWAYS = { from: '1970-01-01T00:00:00.000Z', to: '2200-01-01T00:00:00.000Z' };

const known = signal<ReadonlyMap<string, readonly ProtectedSpan[]>>(new Map());

/** By camera, as far as it was asked for; oldest first. */
export const protectedSpans: ReadonlySignal<ReadonlyMap<string, readonly ProtectedSpan[]>> = known;

/** Asks for those of one camera; answers what went wrong, if something did. */
export async function refreshProtected(cameraId: string): Promise<Trouble | undefined> {
  const query = new URLSearchParams({ camera: cameraId, ...ALWAYS });
  const outcome = await ownerCall<ProtectedRanges>('GET', `/api/protected?${query.toString()}`);
  if (!outcome.ok) return outcome.trouble;
  const spans = outcome.value.ranges.map(({ id, from, to, bytes }) => ({
    ...{ id, bytes },
    ...{ fromMs: Date.parse(from), toMs: Date.parse(to) },
  }));
  // The same answer keeps the same objects, so that nothing is drawn again for it.
  if (JSON.stringify(spans) !== JSON.stringify(known.value.get(cameraId))) {
    known.value = new Map([...known.value, [cameraId, spans]]);
  }
  return undefined;
}

/** Protects a stretch, and offers the way back. */
export async function protect(
  cameraId: string,
  span: Span,
  nowMs: number,
): Promise<Trouble | undefined> {
  const added = await add(cameraId, span);
  if (typeof added !== 'string') return added;
  offerUndo({
    sentence: protectedWords(span, nowMs),
    undo: async () => {
      await remove(cameraId, added);
    },
  });
  return undefined;
}

/** Takes the protection off a stretch, and offers the way back. */
export async function unprotect(
  cameraId: string,
  span: ProtectedSpan,
  nowMs: number,
): Promise<Trouble | undefined> {
  const trouble = await remove(cameraId, span.id);
  if (trouble !== undefined) return trouble;
  offerUndo({
    sentence: unprotectedWords(span, nowMs),
    undo: async () => {
      await add(cameraId, span);
    },
  });
  return undefined;
}

/** Begins to watch who is signed in; once, at the start of the page. */
export function guardProtected(): void {
  effect(() => {
    if (box.value.at === 'sign-in') known.value = new Map();
  });
}

/** Answers the new one's id, or what went wrong. */
async function add(cameraId: string, { fromMs, toMs }: Span): Promise<string | Trouble> {
  const body: NewProtectedRange = {
    camera: cameraId,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
  };
  const outcome = await ownerCall<ProtectedId>('POST', '/api/protected', { body });
  if (!outcome.ok) return outcome.trouble;
  await refreshProtected(cameraId);
  return outcome.value.id;
}

async function remove(cameraId: string, id: string): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('DELETE', `/api/protected/${id}`);
  await refreshProtected(cameraId);
  return outcome.ok || outcome.trouble.status === 404 ? undefined : outcome.trouble;
}
