/** The newest frame of a stream as a JPEG, from the GOP in memory. */
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { epochMs, ticksToMs, type EpochMs } from '../base/time.ts';
import { decodePicture } from '../ffmpeg/decode-picture.ts';
import type { Fragment } from '../fmp4/fragment.ts';
import { buildInit } from '../fmp4/part.ts';
import type { Hub } from '../ingest/hub.ts';
import type { StreamRun } from '../ingest/stream-run.ts';

/** A still picture and when it was shown to the camera. */
export interface Picture {
  readonly jpeg: Buffer;
  readonly takenAtMs: EpochMs;
}

/** What decoding needs. */
export interface TakePictureDeps {
  readonly clock: Clock;
  readonly ffmpegPath: string;
}

/** Decodes the newest frame in memory; `unavailable` when there is none. */
export async function takePicture(
  hub: Hub,
  deps: TakePictureDeps,
  signal: AbortSignal,
): Promise<Picture> {
  const gop = hub.recentGop();
  if (gop === undefined) {
    throw new AppError('unavailable', 'There is no picture from this camera right now.', {
      reason: 'no-picture',
      hint: 'Its state says why; Doorkeep keeps trying.',
    });
  }
  const frames = gop.messages.flatMap((message) =>
    message.type === 'fragment' && message.fragment.kind === 'video' ? message.fragment : [],
  );
  return pictureFrom({ run: gop.run, frames }, deps, signal);
}

/** Decodes the last of `frames`, which begin with a key frame. */
export async function pictureFrom(
  { run, frames }: { readonly run: StreamRun; readonly frames: readonly Fragment[] },
  deps: TakePictureDeps,
  signal: AbortSignal,
): Promise<Picture> {
  const count = frames.reduce((sum, { samples }) => sum + samples.length, 0);
  const jpeg = await decodePicture({
    ...{ binary: deps.ffmpegPath, clock: deps.clock, signal, frameIndex: count - 1 },
    mp4: [buildInit(run.video), ...frames.map(({ bytes }) => bytes)],
  });
  const last = frames.at(-1);
  const endTicks = last === undefined ? 0 : last.decodeTimeTicks + last.durationTicks;
  const mediaMs = ticksToMs(endTicks, run.video.timescale);
  return { jpeg, takenAtMs: epochMs(Math.round(run.anchorMs + mediaMs)) };
}
