/** Putting a backup back, on a box that nobody has set up: sent piece by piece, then opened. */
import type {
  NewRestore,
  RestoreDone,
  RestoreKey,
  RestoreUpload,
} from '../../server/contract/backup.ts';
import { call, type Trouble } from '../api/call.ts';
import { browserClock, pause } from '../base/clock.ts';
import { look, wasRestored } from './box.ts';

/** What a person gave. */
export interface RestoreWish {
  readonly file: File;
  readonly code: string;
  readonly recoveryKey: string;
}

/** The box stops and starts; a busy one takes some seconds. */
const LOOK_MS = 500;
const BACK_WITHIN_MS = 60_000;

/** What has arrived whole: a key that was mistyped does not send it all once more. */
let arrived: { readonly file: File; readonly id: string } | undefined;

/** Answers what stood in the way. `onSent` is told how many bytes have arrived. */
export async function restoreBackup(
  wish: RestoreWish,
  onSent: (sentBytes: number) => void,
): Promise<Trouble | undefined> {
  const id = arrived?.file === wish.file ? arrived.id : await send(wish, onSent);
  if (typeof id !== 'string') return id;
  arrived = { file: wish.file, id };
  onSent(wish.file.size);
  const body: RestoreKey = { recoveryKey: wish.recoveryKey };
  const outcome = await call<RestoreDone>('POST', `/api/restores/${id}`, { body });
  if (!outcome.ok) {
    // Only another key is worth another try with what is there.
    if (outcome.trouble.reason !== 'wrong-recovery-key') arrived = undefined;
    if (outcome.trouble.reason === 'already-set-up') await look();
    return outcome.trouble;
  }
  arrived = undefined;
  return untilBack();
}

async function send(
  { file, code }: RestoreWish,
  onSent: (sentBytes: number) => void,
): Promise<string | Trouble> {
  const body: NewRestore = { setupToken: code, sizeBytes: file.size };
  const begun = await call<RestoreUpload>('POST', '/api/restores', { body });
  if (!begun.ok) {
    if (begun.trouble.reason === 'already-set-up') await look();
    return begun.trouble;
  }
  const { id, pieceMaxBytes } = begun.value;
  for (let at = 0; at < file.size; at += pieceMaxBytes) {
    onSent(at);
    const bytes = file.slice(at, at + pieceMaxBytes);
    const place = `${id}/pieces?at=${String(at)}`;
    const sent = await call<RestoreUpload>('POST', `/api/restores/${place}`, { bytes });
    if (!sent.ok) return sent.trouble;
  }
  return id;
}

/** The box starts anew with what was in the backup. */
async function untilBack(): Promise<Trouble | undefined> {
  const sinceMs = browserClock.monotonicMs();
  for (;;) {
    await pause(browserClock, LOOK_MS);
    const health = await call<{ setUp: boolean }>('GET', '/api/health');
    if (health.ok && health.value.setUp) {
      wasRestored();
      return undefined;
    }
    if (browserClock.monotonicMs() - sinceMs < BACK_WITHIN_MS) continue;
    return {
      ...{ kind: 'gone', reason: undefined, status: 0 },
      sentence: 'The backup is in its place, but Doorkeep does not answer.',
      hint: 'It may be at another address now: look where Doorkeep was started.',
    };
  }
}
