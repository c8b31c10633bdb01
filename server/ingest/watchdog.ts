/** Notices that a connected camera sends no picture. Pure: whoever owns it looks once a second. */
import { AppError } from '../base/errors.ts';

/** How often to look; a timer per chunk would cost more than the chunk. */
export const WATCH_EVERY_MS = 1_000;

/** To the first byte of media: a battery camera wakes within 10 s, ffmpeg studies the input 1 s. */
const FIRST_BYTE_LOOKS = 15;

/** A camera that sends nothing for 5 s is not coming back by itself. */
const SILENCE_LOOKS = 5;

/**
 * Counts looks and not milliseconds: after the server itself stood still (a slow disk, a suspended
 * machine) what the camera sent meanwhile has not been read yet, and only one look was missed.
 */
export class Watchdog {
  #hasHeard = false;
  #quietLooks = 0;

  /** Bytes of video came. Sound alone does not keep a connection alive. */
  heard(): void {
    this.#hasHeard = true;
    this.#quietLooks = 0;
  }

  /** Called every `WATCH_EVERY_MS`; the error to end the attempt with, once it is silent too long. */
  look(): AppError | undefined {
    this.#quietLooks += 1;
    if (this.#quietLooks <= (this.#hasHeard ? SILENCE_LOOKS : FIRST_BYTE_LOOKS)) return undefined;
    return new AppError('timeout', 'The camera is connected but sends no picture.', {
      reason: 'stalled',
      hint: 'If this goes on, restart the camera.',
    });
  }
}
