/** Lists as one person sees them: what belongs to cameras that they do not see is not in them. */
import { seesCamera, type Rights } from '../auth/access.ts';
import type { Camera } from '../contract/camera.ts';
import type { StorageDays, StorageUse } from '../contract/storage.ts';

/** Things of one camera each. */
export function ofSeenCameras<T extends { readonly camera: string }>(
  rights: Rights,
  things: readonly T[],
): T[] {
  return things.filter(({ camera }) => seesCamera(rights, camera));
}

/** Cameras. Where they are and how to reach them is the owner's to know (CVE-2026-75608). */
export function seenCameras(rights: Rights, cameras: readonly Camera[]): Camera[] {
  return cameras.filter(({ id }) => seesCamera(rights, id)).map((one) => seenCamera(rights, one));
}

/** One of them. Whether there is a small picture stays to be seen: the wall goes by it. */
export function seenCamera({ role }: Rights, camera: Camera): Camera {
  if (role === 'owner') return camera;
  const { subUrl } = camera.source;
  return {
    ...camera,
    source: { type: 'rtsp', url: '', ...(subUrl !== undefined && { subUrl: '' }) },
  };
}

/** What is stored. */
export function seenUse<T extends Omit<StorageUse, 'locked'>>(rights: Rights, use: T): T {
  if (rights.cameras === 'all') return use;
  const cameras = ofSeenCameras(rights, use.cameras);
  const warnings = use.warnings.filter(
    (warning) => !('camera' in warning) || seesCamera(rights, warning.camera),
  );
  return { ...use, cameras, warnings };
}

/** What was recorded when. */
export function seenDays(rights: Rights, { days }: StorageDays): StorageDays {
  return { days: days.map((one) => ({ ...one, cameras: ofSeenCameras(rights, one.cameras) })) };
}
