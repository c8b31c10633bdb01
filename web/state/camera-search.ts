/** Looks for a camera's picture at each address where it may be, until one shows it. */
import type { CameraTest, RtspSource } from '../../server/contract/camera.ts';
import type { Outcome, Trouble } from '../api/call.ts';
import type { Candidate } from './camera-draft.ts';

/** Where the picture is, or why it was not found. */
export type Found =
  | { readonly ok: true; readonly candidate: Candidate; readonly test: CameraTest }
  | { readonly ok: false; readonly trouble: Trouble };

/** Reasons to look elsewhere on the same camera. A refused password or a camera that is silent would
 * be the same at every address, and wrong tries lock many cameras. */
const ELSEWHERE = new Set(['not-found', 'refused', 'no-video', 'connection-refused']);

const NOWHERE: Trouble = {
  ...{ kind: 'unprocessable', reason: 'not-found', status: 422 },
  sentence: 'The camera answers, but its picture is at none of the usual addresses.',
  hint: 'Look for “RTSP” in its app or manual, and paste the whole address that it names.',
};

/** `look` tries one source; `onTry` hears which one, from 0. `candidates` holds at least one. */
export async function findPicture(
  candidates: readonly Candidate[],
  look: (source: RtspSource) => Promise<Outcome<CameraTest>>,
  onTry: (index: number) => void,
): Promise<Found> {
  let answered = false;
  let last: Trouble = NOWHERE;
  for (const [index, candidate] of candidates.entries()) {
    onTry(index);
    const outcome = await look(candidate.source);
    if (outcome.ok) return { ok: true, candidate, test: outcome.value };
    last = outcome.trouble;
    if (!ELSEWHERE.has(last.reason ?? '')) return { ok: false, trouble: last };
    answered ||= last.reason !== 'connection-refused';
  }
  // Of several refusals none is the reason; of one, it is.
  return { ok: false, trouble: candidates.length > 1 && answered ? NOWHERE : last };
}
