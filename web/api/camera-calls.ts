/** What a live picture asks of the box besides its socket; every outcome a value. */

/** Whether the box answers for a camera. */
export type CameraAnswer = 'there' | 'gone' | 'signed-out' | 'removed';

/** A still picture, if the box had one. */
export interface Snapshot {
  readonly answer: CameraAnswer;
  readonly jpeg: Blob | undefined;
  /** When it was taken, on the box's clock. */
  readonly takenMs: number | undefined;
}

/** Longer than a box that is there takes; a picture takes it a tenth of a second. */
const ANSWER_WITHIN_MS = 3_000;
const SNAPSHOT_WITHIN_MS = 5_000;

/** When a snapshot was taken (RFC 3339). */
const TAKEN_AT = 'Doorkeep-Taken-At';

/** Asks about a camera: a browser does not say why a socket did not come about. */
export async function askForCamera(cameraId: string): Promise<CameraAnswer> {
  return answerOf(await get(`/api/cameras/${cameraId}`, ANSWER_WITHIN_MS));
}

/** Takes a still picture. */
export async function takeSnapshot(cameraId: string): Promise<Snapshot> {
  const response = await get(`/api/cameras/${cameraId}/snapshot`, SNAPSHOT_WITHIN_MS);
  const answer = answerOf(response);
  if (response?.ok !== true) return { answer, jpeg: undefined, takenMs: undefined };
  const takenMs = Date.parse(response.headers.get(TAKEN_AT) ?? '');
  try {
    const jpeg = await response.blob();
    return { answer, jpeg, takenMs: Number.isNaN(takenMs) ? undefined : takenMs };
  } catch {
    // The connection ended in the middle of the picture.
    return { answer: 'gone', jpeg: undefined, takenMs: undefined };
  }
}

/** Undefined when no answer came in time. Not `call`: iPhones without Media Source Extensions, which
 * need the stills, are without `AbortSignal.any` too. */
async function get(path: string, withinMs: number): Promise<Response | undefined> {
  try {
    return await fetch(path, { signal: AbortSignal.timeout(withinMs), cache: 'no-store' });
  } catch {
    // Why makes no difference to a picture that does not come.
    return undefined;
  }
}

function answerOf(response: Response | undefined): CameraAnswer {
  if (response === undefined) return 'gone';
  if (response.status === 401) return 'signed-out';
  return response.status === 404 ? 'removed' : 'there';
}
