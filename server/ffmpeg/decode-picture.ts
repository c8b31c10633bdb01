/** One frame of fragmented MP4 as a JPEG, by an ffmpeg that lives for this one picture. */
import type { Clock } from '../base/clock.ts';
import { AppError, cancelled } from '../base/errors.ts';
import { pictureArgv } from './argv.ts';
import { startFfmpeg } from './ffmpeg-process.ts';

/** What `decodePicture` needs. */
export interface DecodePictureOptions {
  binary: string;
  clock: Clock;
  signal: AbortSignal;
  /** Init segment, then the fragments from a key frame on. */
  mp4: readonly Buffer[];
  /** Which frame of them, from 0. */
  frameIndex: number;
}

/** A 4K H.265 GOP of 10 s on a Raspberry Pi decodes within it; longer means that ffmpeg hangs. */
const DECODE_TIMEOUT_MS = 10_000;

/** A JPEG of 33 megapixels at the quality asked for stays below it. */
const JPEG_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Decodes one frame. Rejects with `timeout`, `cancelled`, or `corrupt` when the frames cannot be
 * decoded.
 */
export async function decodePicture(options: DecodePictureOptions): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const timeout = new AbortController();
  const timer = options.clock.setTimer(DECODE_TIMEOUT_MS, () => {
    timeout.abort(new AppError('timeout', 'Making a picture took too long.'));
  });
  const signal = AbortSignal.any([options.signal, timeout.signal]);
  try {
    const ffmpeg = startFfmpeg({
      ...{ binary: options.binary, clock: options.clock, signal, input: true },
      argv: pictureArgv(options.frameIndex),
      outputs: new Map([
        [
          1,
          (chunk: Buffer): void => {
            sizeBytes += chunk.length;
            if (sizeBytes > JPEG_MAX_BYTES)
              throw new AppError('exhausted', 'The picture is too large.');
            chunks.push(chunk);
          },
        ],
      ]),
    });
    for (const bytes of options.mp4) ffmpeg.stdin?.write(bytes);
    ffmpeg.stdin?.end();
    const exit = await ffmpeg.exited;
    if (signal.aborted) throw cancelled(signal);
    if (exit.code !== 0 || sizeBytes === 0) {
      throw new AppError('corrupt', 'What the camera sends cannot be made into a picture.', {
        cause: new Error(exit.stderrTail),
      });
    }
    return Buffer.concat(chunks);
  } finally {
    timer.cancel();
  }
}
