/** A camera's state and its picture, in words. Pure but for the zone. */
import type { Camera, CameraVideo } from '../../server/contract/camera.ts';
import type { CameraUse } from '../../server/contract/storage.ts';
import { sizeInWords } from './size-words.ts';
import { lengthOfTime, since } from './time-words.ts';

/** What happened, and what to do where something is to be done. */
export interface StateWords {
  readonly sentence: string;
  readonly hint: string | undefined;
}

/** How a camera is, for a list of cameras. */
export function stateWords(camera: Camera, nowMs: number): StateWords {
  const { state, stateReason, enabled } = camera;
  if (!enabled || state === 'disabled') {
    return { sentence: 'Switched off. Nothing is watched or recorded.', hint: undefined };
  }
  if (state === 'online') {
    const sound = camera.sound && camera.audio !== null ? ', with sound' : '';
    return { sentence: `Live and recording${sound}.`, hint: undefined };
  }
  if (stateReason === undefined) {
    return { sentence: 'Waiting for the first picture.', hint: undefined };
  }
  const sinceWhen = since(Date.parse(stateReason.since), nowMs);
  return {
    sentence: stateReason.sentence,
    hint: `${sinceWhen.charAt(0).toUpperCase()}${sinceWhen.slice(1)}. ${stateReason.hint}`,
  };
}

/** "1920 × 1080, 15 pictures a second". */
export function pictureWords({ width, height, framesPerSecond }: CameraVideo): string {
  const size = `${String(width)} × ${String(height)}`;
  return framesPerSecond === null
    ? size
    : `${size}, ${String(Math.round(framesPerSecond))} pictures a second`;
}

/** Why sound is asked for and off at first. */
export const SOUND_ADVICE =
  'Off at first: in many places it is unlawful to keep what people say without telling them.';

/** What cameras are mostly called. */
const NAMES = ['Front door', 'Back door', 'Driveway', 'Garden', 'Garage'];

/** Names that no camera has yet. */
export function suggestedNames(taken: readonly string[]): readonly string[] {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  return NAMES.filter((name) => !used.has(name.toLowerCase()));
}

/** What goes with a camera when it is removed. */
export function lossWords(use: Pick<CameraUse, 'bytes' | 'durationMs'> | undefined): string {
  if (use === undefined) {
    return 'All its footage goes with it; how much could not be counted. It does not come back.';
  }
  if (use.bytes === 0) return 'Nothing was recorded by it, so no footage is lost.';
  const amount = `${lengthOfTime(use.durationMs)}, ${sizeInWords(use.bytes)}`;
  return `${amount} of footage go with it. It does not come back.`;
}
