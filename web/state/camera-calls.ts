/** What is done to cameras: each answers what went wrong, and what can be taken back is offered. */
import type {
  AddedCamera,
  Camera,
  CameraPatch,
  CameraTest,
  NewCamera,
  RtspSource,
} from '../../server/contract/camera.ts';
import type { Outcome, Trouble } from '../api/call.ts';
import { cameras, dropCamera, keepCamera } from './cameras.ts';
import { ownerCall } from './owner-call.ts';
import { offerUndo } from './undo.ts';

/** Looks at a camera without saving anything; `signal` calls it off. */
export function tryCamera(source: RtspSource, signal: AbortSignal): Promise<Outcome<CameraTest>> {
  return ownerCall<CameraTest>('POST', '/api/cameras/test', { body: { source }, signal });
}

/** Adds a camera; the box looks at it once more. */
export async function addCamera(
  wanted: NewCamera,
  signal: AbortSignal,
): Promise<Outcome<AddedCamera>> {
  const outcome = await ownerCall<AddedCamera>('POST', '/api/cameras', { body: wanted, signal });
  if (outcome.ok) {
    const { test: _test, ...camera } = outcome.value;
    keepCamera(camera);
  }
  return outcome;
}

/** Changes a camera. A change of its source is tried first; `signal` calls that off. */
export async function changeCamera(
  id: string,
  patch: CameraPatch,
  signal?: AbortSignal,
): Promise<Trouble | undefined> {
  const outcome = await ownerCall<Camera>('PATCH', `/api/cameras/${id}`, {
    body: patch,
    ...(signal === undefined ? {} : { signal }),
  });
  if (!outcome.ok) return outcome.trouble;
  keepCamera(outcome.value);
  return undefined;
}

/** A change, and the one that takes it back. */
export interface Reversible {
  readonly patch: CameraPatch;
  readonly back: CameraPatch;
  /** What was done, e.g. "Garage is switched off." */
  readonly sentence: string;
}

/** Changes a camera and offers the way back. */
export async function changeWithUndo(id: string, change: Reversible): Promise<Trouble | undefined> {
  const trouble = await changeCamera(id, change.patch);
  if (trouble === undefined) {
    offerUndo({
      sentence: change.sentence,
      undo: async () => {
        await changeCamera(id, change.back);
      },
    });
  }
  return trouble;
}

/** Moves a camera by one place in the household's order, up (-1) or down (1), and offers the way
 * back. */
export async function moveCamera(camera: Camera, step: -1 | 1): Promise<Trouble | undefined> {
  const before = cameras.value ?? [];
  const trouble = await putInOrder(moved(before, camera.id, step));
  if (trouble === undefined) {
    offerUndo({
      sentence: `${camera.name} is one place ${step === -1 ? 'higher' : 'lower'}.`,
      undo: async () => {
        await putInOrder(before);
      },
    });
  }
  return trouble;
}

/** The list with one camera moved by a step; the same order where it cannot move. Pure. */
export function moved(list: readonly Camera[], id: string, step: -1 | 1): readonly Camera[] {
  const at = list.findIndex((camera) => camera.id === id);
  const one = list[at];
  const other = list[at + step];
  if (one === undefined || other === undefined) return list;
  const next = [...list];
  next[at] = other;
  next[at + step] = one;
  return next;
}

/** Numbers the cameras anew, where their number differs. */
async function putInOrder(wanted: readonly Camera[]): Promise<Trouble | undefined> {
  for (const [position, { id }] of wanted.entries()) {
    const current = (cameras.value ?? []).find((camera) => camera.id === id);
    if (current === undefined || current.position === position) continue;
    const trouble = await changeCamera(id, { position });
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

/** Removes a camera and its footage, for good. */
export async function removeCamera(id: string): Promise<Trouble | undefined> {
  const outcome = await ownerCall<undefined>('DELETE', `/api/cameras/${id}`);
  if (!outcome.ok && outcome.trouble.status !== 404) return outcome.trouble;
  dropCamera(id);
  return undefined;
}
