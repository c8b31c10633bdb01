/** A numbered clip whose every picture leaves a note of when it was sent. */
import type { Clock } from '../../../server/base/clock.ts';
import type { MonotonicMs } from '../../../server/base/time.ts';
import { ClipSource } from './clip-source.ts';
import type { Clip } from './clip.ts';
import type { MediaSink, MediaSource, Picture } from './media-source.ts';

/** See the head of this file. */
export class TimedSource implements MediaSource {
  readonly #source: ClipSource;
  readonly #clock: Clock;
  /** Pictures of a clip are sent in the order of their numbers: it has no B-frames. */
  readonly #numbers: ReadonlyMap<Picture, number>;
  readonly #sentMs = new Map<number, MonotonicMs>();
  /** Pictures sent so far, to all who watch. */
  sent = 0;
  /** Number of the picture that was sent last; -1 before the first. */
  newest = -1;

  constructor(clip: Clip, clock: Clock) {
    this.#source = new ClipSource(clip, clock);
    this.#clock = clock;
    this.#numbers = new Map(clip.video.frames.map((frame, number) => [frame, number]));
  }

  get format(): Clip {
    return this.#source.format;
  }

  /** When the picture with this number was sent last; a clip is longer than anything waits. */
  sentMs(number: number): MonotonicMs | undefined {
    return this.#sentMs.get(number);
  }

  async play(sink: MediaSink, signal: AbortSignal): Promise<void> {
    const timed: MediaSink = {
      startMs: sink.startMs,
      picture: (format, picture, ticks) => {
        this.sent += 1;
        this.newest = this.#numbers.get(picture) ?? -1;
        this.#sentMs.set(this.newest, this.#clock.monotonicMs());
        sink.picture(format, picture, ticks);
      },
      sound: (format, data, ticks) => {
        sink.sound(format, data, ticks);
      },
      reached: (mediaMs) => {
        sink.reached(mediaMs);
      },
    };
    await this.#source.play(timed, signal);
  }
}
