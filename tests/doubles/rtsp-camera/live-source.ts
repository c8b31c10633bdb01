/** Passes on what is made at this moment. A client begins with the next key frame, as at a camera. */
import type { MonotonicMs } from '../../../server/base/time.ts';
import type { MediaFormat, MediaSink, MediaSource, Picture } from './media-source.ts';

/** One client, and whether it has had a key frame yet. */
interface Watcher {
  readonly sink: MediaSink;
  begun: boolean;
}

/** See the head of this file. */
export class LiveSource implements MediaSource {
  readonly format: MediaFormat;
  readonly #watchers = new Set<Watcher>();

  constructor(format: MediaFormat) {
    this.format = format;
  }

  /** Gives everybody a picture that was taken at a moment. */
  picture(picture: Picture, takenMs: MonotonicMs): void {
    for (const watcher of this.#watchers) {
      watcher.begun ||= picture.key;
      if (!watcher.begun) continue;
      const { sink } = watcher;
      sink.reached(takenMs - sink.startMs);
      sink.picture(this.format.video, picture, Math.round((takenMs - sink.startMs) * 90));
    }
  }

  /** Gives everybody a packet of sound whose first sample was heard at a moment. */
  sound(data: Buffer, heardMs: MonotonicMs): void {
    const { audio } = this.format;
    if (audio === undefined) throw new Error('this source announced no sound');
    for (const { sink, begun } of this.#watchers) {
      const ticks = Math.round(((heardMs - sink.startMs) * audio.sampleRate) / 1000);
      if (begun) sink.sound(audio, data, ticks);
    }
  }

  async play(sink: MediaSink, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const watcher = { sink, begun: false };
    this.#watchers.add(watcher);
    await new Promise<void>((resolve) => {
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    });
    this.#watchers.delete(watcher);
  }
}
