/** Asks the box for playlists and for what was recorded when. */
import type { Recordings } from '../../server/contract/recording.ts';
import { call, type Trouble } from '../api/call.ts';
import { nextRecorded, recordedTimes, type RecordedTimes } from '../timeline/stretches.ts';
import { readPlaylist, type ReadPlaylist } from './playback-list.ts';
import { searchWindows, type Window } from './playback-window.ts';

/** What came of asking. */
export type Answer<T> =
  | { readonly kind: 'found'; readonly value: T }
  /** Nothing was recorded then. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

/** A playlist and what it says. */
export interface LoadedWindow extends ReadPlaylist {
  readonly url: string;
  /** The box's clock when it answered; its footage ends before. Undefined when it did not say. */
  readonly boxNowMs: number | undefined;
}

/** The playlist of a window, as far as one decoder can play it through the moment in it. */
export async function loadWindow(
  cameraId: string,
  window: Window & { readonly epochMs: number },
  signal: AbortSignal,
): Promise<Answer<LoadedWindow>> {
  const url = `/api/playback/${cameraId}.m3u8?${queryOf(window)}`;
  const outcome = await call('GET', url, { signal });
  if (!outcome.ok) {
    const { trouble } = outcome;
    return trouble.reason === 'nothing-recorded'
      ? { kind: 'nothing' }
      : { kind: 'trouble', trouble };
  }
  const playlist = readPlaylist(await outcome.response.text(), window.epochMs);
  if (playlist === undefined) return { kind: 'trouble', trouble: NOT_A_PLAYLIST };
  // Whole seconds (RFC 9110 5.6.7), and the clock of the box, which made the footage's times.
  const date = Date.parse(outcome.response.headers.get('Date') ?? '');
  const boxNowMs = Number.isNaN(date) ? undefined : date;
  return { kind: 'found', value: { url, ...playlist, boxNowMs } };
}

/** What was recorded in a window, and why not. */
export async function recordedIn(
  cameraId: string,
  window: Window,
  signal: AbortSignal,
): Promise<Answer<RecordedTimes>> {
  const path = `/api/recordings?camera=${cameraId}&${queryOf(window)}`;
  const outcome = await call<Recordings>('GET', path, { signal });
  return outcome.ok
    ? { kind: 'found', value: recordedTimes(outcome.value, window.toMs) }
    : { kind: 'trouble', trouble: outcome.trouble };
}

/** The first footage at or behind a moment. */
export async function findFootage(
  cameraId: string,
  search: { readonly fromMs: number; readonly nowMs: number },
  signal: AbortSignal,
): Promise<Answer<number>> {
  for (const window of searchWindows(search.fromMs, search.nowMs)) {
    const answer = await recordedIn(cameraId, window, signal);
    if (answer.kind !== 'found') return answer;
    const nextMs = nextRecorded(answer.value, search.fromMs);
    if (nextMs !== undefined) return { kind: 'found', value: nextMs };
  }
  return { kind: 'nothing' };
}

function queryOf({ fromMs, toMs }: Window): string {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  return new URLSearchParams({ from, to }).toString();
}

const NOT_A_PLAYLIST: Trouble = {
  ...{ kind: 'internal', reason: undefined, status: 200 },
  sentence: 'Doorkeep’s answer was no list of footage.',
  hint: 'Load the page again: it may be older than the box.',
};
