/** The household's cameras, as the box last told. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Camera, CameraList } from '../../server/contract/camera.ts';
import { call, type Trouble } from '../api/call.ts';
import { browserClock, repeat, type Timer } from '../base/clock.ts';
import { wasSignedOut } from './box.ts';

/** What a live socket does not tell (another browser added a camera) may take so long to be seen. */
const REFRESH_MS = 15_000;

const list = signal<readonly Camera[] | undefined>(undefined);
const lastTrouble = signal<Trouble | undefined>(undefined);

/** By position; undefined until the box has answered once. */
export const cameras: ReadonlySignal<readonly Camera[] | undefined> = list;

/** Why the newest look at the list brought nothing; the old list stays. */
export const camerasTrouble: ReadonlySignal<Trouble | undefined> = lastTrouble;

/** Asks for the list now. */
export async function refreshCameras(): Promise<void> {
  const outcome = await call<CameraList>('GET', '/api/cameras');
  if (outcome.ok) {
    // The same answer keeps the same objects, so that nothing is drawn again for it.
    const next = outcome.value.cameras;
    if (JSON.stringify(next) !== JSON.stringify(list.value)) list.value = next;
    lastTrouble.value = undefined;
  } else if (outcome.trouble.status === 401) {
    wasSignedOut();
  } else {
    lastTrouble.value = outcome.trouble;
  }
}

/** Puts a camera that a call has just answered with into the list. */
export function keepCamera(camera: Camera): void {
  const others = (list.value ?? []).filter(({ id }) => id !== camera.id);
  list.value = [...others, camera].sort((a, b) => a.position - b.position);
}

/** Takes a camera out of the list. */
export function dropCamera(id: string): void {
  list.value = (list.value ?? []).filter((camera) => camera.id !== id);
}

/** Keeps the list fresh while the page is visible; answers the end of it. */
export function followCameras(): Timer {
  const visible = (): void => {
    if (document.visibilityState === 'visible') void refreshCameras();
  };
  document.addEventListener('visibilitychange', visible);
  void refreshCameras();
  const timer = repeat(browserClock, REFRESH_MS, async () => {
    if (document.visibilityState === 'visible') await refreshCameras();
  });
  return {
    cancel: () => {
      timer.cancel();
      document.removeEventListener('visibilitychange', visible);
    },
  };
}
