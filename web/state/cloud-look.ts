/** Whether a camera that was kept from its maker still sends pictures to the box: the way to know is to look. */
import type { Camera } from '../../server/contract/camera.ts';
import { takeSnapshot } from '../api/camera-calls.ts';
import { browserClock, pause } from '../base/clock.ts';
import { stillWords } from '../words/cloud-words.ts';
import { boxNowMs } from './box-time.ts';

/** What a look found. */
export interface CloudLook {
  readonly came: boolean;
  readonly sentence: string;
  /** What to do; empty where nothing is. */
  readonly hint: string;
}

/** A picture is of the newest key frame, and some cameras send one in ten seconds. */
const LOOKS = 10;
const EVERY_MS = 1_500;

/** Waits for a picture that is newer than this moment. */
export async function lookAtCamera({ id, name }: Camera): Promise<CloudLook> {
  const pressedMs = boxNowMs();
  for (let look = 0; look < LOOKS; look += 1) {
    const { jpeg, takenMs } = await takeSnapshot(id);
    if (jpeg !== undefined && takenMs !== undefined && takenMs > pressedMs) {
      return { came: true, sentence: stillWords(name, takenMs), hint: '' };
    }
    await pause(browserClock, EVERY_MS);
  }
  return {
    came: false,
    sentence: `No new picture came from ${name}.`,
    hint: 'Was it kept from your home, too? It needs the home and not the Internet.',
  };
}
