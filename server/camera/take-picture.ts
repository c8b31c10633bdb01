/** The newest frame of a stream as a JPEG, from the GOP in memory. */
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { epochMs, ticksToMs, type EpochMs } from '../base/time.ts';
import { decodePicture } from '../ffmpeg/decode-picture.ts';
import { buildInit } from '../fmp4/part.ts';
import type { Hub, RecentGop } from '../ingest/hub.ts';

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
  const { frames, endTicks, mp4 } = fromKeyFrame(gop);
  const jpeg = await decodePicture({
    ...{ binary: deps.ffmpegPath, clock: deps.clock, signal },
    ...{ mp4, frameIndex: frames - 1 },
  });
  const mediaMs = ticksToMs(endTicks, gop.run.video.timescale);
  return { jpeg, takenAtMs: epochMs(Math.round(gop.run.anchorMs + mediaMs)) };
}

function fromKeyFrame(gop: RecentGop): { frames: number; endTicks: number; mp4: Buffer[] } {
  const mp4 = [buildInit(gop.run.video)];
  let frames = 0;
  let endTicks = 0;
  for (const message of gop.messages) {
    if (message.type !== 'fragment' || message.fragment.kind !== 'video') continue;
    mp4.push(message.fragment.bytes);
    frames += message.fragment.samples.length;
    endTicks = message.fragment.decodeTimeTicks + message.fragment.durationTicks;
  }
  return { frames, endTicks, mp4 };
}
