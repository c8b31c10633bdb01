/** From what a hub delivers to what a viewer is sent. Pure; one per subscription. */
import type { LiveInit, LiveMessage, StreamName } from '../contract/live.ts';
import type { Fragment } from '../fmp4/fragment.ts';
import { buildInit, buildPart } from '../fmp4/part.ts';
import type { AudioTrack } from '../fmp4/track.ts';
import type { DroppedMessage } from '../ingest/hub.ts';
import type { HubMessage, StreamRun } from '../ingest/stream-run.ts';

/** One message of the socket. */
export type Outgoing =
  | { readonly type: 'text'; readonly message: LiveMessage }
  | { readonly type: 'binary'; readonly bytes: Buffer };

/** See the head of this file. */
export class LiveMessages {
  readonly #stream: StreamName;
  readonly #sound: boolean;
  /** The sound of the run that is on, where it is wanted and there. */
  #audio: AudioTrack | undefined;
  /** Until the first key frame after an init segment: nothing can be decoded before it. */
  #awaitsKeyFrame = true;
  #audioFragments = 0;

  /** `sound`: the viewer wants to hear it. */
  constructor(stream: StreamName, sound: boolean) {
    this.#stream = stream;
    this.#sound = sound;
  }

  /** What to send for one message, in order; nothing for what a viewer has no use for. */
  from(message: HubMessage | DroppedMessage): Outgoing[] {
    switch (message.type) {
      case 'run':
        return this.#begin(message.run);
      case 'fragment':
        return this.#media(message.fragment);
      case 'dropped': {
        const { type, frames, behindMs } = message;
        this.#awaitsKeyFrame = true;
        return [{ type: 'text', message: { type, frames, behindMs } }];
      }
      case 'end':
        // Why is told as the camera's state; the picture that stands is the last one.
        this.#awaitsKeyFrame = true;
        return [];
    }
  }

  #begin(run: StreamRun): Outgoing[] {
    const { video } = run;
    this.#audio = this.#sound ? run.audio : undefined;
    this.#awaitsKeyFrame = true;
    const codecs = [video, this.#audio].flatMap((track) => track?.codecString ?? []);
    const init: LiveInit = {
      ...{ type: 'init', codecs: codecs.join(','), epochMs: run.anchorMs },
      ...{ stream: this.#stream, width: video.width, height: video.height },
    };
    return [
      { type: 'text', message: init },
      { type: 'binary', bytes: buildInit(video, this.#audio) },
    ];
  }

  #media(fragment: Fragment): Outgoing[] {
    if (fragment.kind === 'video') {
      if (this.#awaitsKeyFrame && !fragment.key) return [];
      this.#awaitsKeyFrame = false;
      // As ffmpeg made it: the only track of its output is number 1, as video is with us.
      return [{ type: 'binary', bytes: fragment.bytes }];
    }
    if (this.#audio === undefined || this.#awaitsKeyFrame) return [];
    this.#audioFragments += 1;
    // Rewritten, because it was track 1 of an output of its own.
    const part = buildPart({
      sequenceNumber: this.#audioFragments,
      ...{ video: [], audio: [fragment] },
    });
    return [{ type: 'binary', bytes: Buffer.concat(part) }];
  }
}
