/** How long a camera's footage is kept: what a limit would delete at once, and setting it. */
import type { KeepLimits, KeepPreview } from '../../server/contract/storage.ts';
import type { Outcome, Trouble } from '../api/call.ts';
import { keptNowWords } from '../words/storage-words.ts';
import { ownerCall } from './owner-call.ts';
import { refreshStorage } from './storage-use.ts';
import { offerUndo } from './undo.ts';

/** What would go at once; `signal` calls the question off. */
export function previewKeep(
  cameraId: string,
  { days, bytes }: KeepLimits,
  signal?: AbortSignal,
): Promise<Outcome<KeepPreview>> {
  const query = new URLSearchParams({
    ...(days === null ? {} : { days: String(days) }),
    ...(bytes === null ? {} : { bytes: String(bytes) }),
  });
  return ownerCall<KeepPreview>(
    'GET',
    `/api/storage/keep/${cameraId}/preview?${query.toString()}`,
    signal === undefined ? {} : { signal },
  );
}

/** Sets it; what it deletes does not come back. */
export async function setKeep(cameraId: string, keep: KeepLimits): Promise<Trouble | undefined> {
  const body: KeepLimits = { days: keep.days, bytes: keep.bytes };
  const outcome = await ownerCall<undefined>('PUT', `/api/storage/keep/${cameraId}`, { body });
  if (!outcome.ok) return outcome.trouble;
  await refreshStorage();
  return undefined;
}

/** Sets what deletes nothing, and offers the way back. */
export async function setKeepWithUndo(
  camera: { readonly id: string; readonly name: string },
  keep: KeepLimits,
  before: KeepLimits,
): Promise<Trouble | undefined> {
  const trouble = await setKeep(camera.id, keep);
  if (trouble === undefined) {
    offerUndo({
      sentence: keptNowWords(camera.name, keep),
      undo: async () => {
        await setKeep(camera.id, before);
      },
    });
  }
  return trouble;
}
