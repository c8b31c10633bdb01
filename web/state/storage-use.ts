/** How much each camera has on the disk: asked for where it is said. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { CameraUse, StorageUse } from '../../server/contract/storage.ts';
import { ownerCall } from './owner-call.ts';

const current = signal<StorageUse | undefined>(undefined);

/** As the box last told; undefined until it has. */
export const storageUse: ReadonlySignal<StorageUse | undefined> = current;

/** Asks now; answers whether the box could tell. */
export async function refreshStorageUse(): Promise<boolean> {
  const outcome = await ownerCall<StorageUse>('GET', '/api/storage');
  if (outcome.ok) current.value = outcome.value;
  return outcome.ok;
}

/** One camera's share, as far as it is known. */
export function useOf(cameraId: string): CameraUse | undefined {
  return current.value?.cameras.find(({ camera }) => camera === cameraId);
}
