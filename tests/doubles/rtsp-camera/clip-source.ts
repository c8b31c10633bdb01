/** Plays a clip to each client from its first frame on, in real time, over and over. */
import type { Clock } from '../../../server/base/clock.ts';
import type { AudioClip, Clip } from './clip.ts';
import type { MediaSink, MediaSource } from './media-source.ts';

interface Due {
  readonly sendMs: number;
  readonly send: () => void;
}

/** See the head of this file. Timestamps go on over loops and switches of the clip. */
export class ClipSource implements MediaSource {
  /** May be another one at any time; those who watch get it at their next frame. */
  format: Clip;
  readonly #clock: Clock;

  constructor(clip: Clip, clock: Clock) {
    this.format = clip;
    this.#clock = clock;
  }

  async play(sink: MediaSink, signal: AbortSignal): Promise<void> {
    // Media time at which the present pass through the clip began.
    let passStartMs = 0;
    while (!signal.aborted) passStartMs = await this.#pass(sink, passStartMs, signal);
  }

  // One pass through the clip; ends early when it was switched. Answers where the next one begins.
  async #pass(sink: MediaSink, passStartMs: number, signal: AbortSignal): Promise<number> {
    const clip = this.format;
    for (const due of schedule(clip, sink, passStartMs)) {
      const mediaMs = passStartMs + due.sendMs;
      const waitMs = sink.startMs + mediaMs - this.#clock.monotonicMs();
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted || this.format !== clip) return mediaMs;
      sink.reached(mediaMs);
      due.send();
    }
    return passStartMs + clip.durationMs;
  }
}

function* schedule(clip: Clip, sink: MediaSink, passStartMs: number): Generator<Due> {
  const { video, audio } = clip;
  const sound = audio === undefined ? [] : soundDue(audio, sink, passStartMs);
  let next = 0;
  for (const frame of video.frames) {
    for (; next < sound.length; next += 1) {
      const due = sound[next]!;
      if (due.sendMs > frame.sendMs) break;
      yield due;
    }
    const send = (): void => {
      sink.picture(video, frame, passStartMs * 90 + frame.rtpTicks);
    };
    yield { sendMs: frame.sendMs, send };
  }
  yield* sound.slice(next);
}

function soundDue(audio: AudioClip, sink: MediaSink, passStartMs: number): Due[] {
  const startTicks = (passStartMs * audio.sampleRate) / 1000;
  return audio.frames.map(({ sendMs, data, rtpTicks }) => ({
    sendMs,
    send: () => {
      sink.sound(audio, data, startTicks + rtpTicks);
    },
  }));
}
