/** Plays a clip to one client in real time, for ever, with the camera's troubles. */
import type { Clock } from '../../../server/base/clock.ts';
import type { AudioClip, AudioFrame, Clip, VideoClip, VideoFrame } from './clip.ts';
import type { Outlet } from './outlet.ts';
import { packetiseAac, packetiseH264, packetiseH265, type RtpSender } from './rtp-packetiser.ts';
import type { Trouble } from './trouble.ts';

/** Seconds from 1900 to 1970 (RFC 868). */
const NTP_OF_UNIX_EPOCH_S = 2_208_988_800;
/** Random bytes, `$` among them: what a confused camera writes between frames. */
const GARBAGE = Buffer.from('00ff24412401ffff2400000a5a5a52540d0a24020010dead', 'hex');

/** What a player plays to. */
export interface PlayerOptions {
  clock: Clock;
  trouble: Trouble;
  outlet: Outlet;
  /** Read anew at each loop and each switch. */
  clip: () => Clip;
  video: RtpSender | undefined;
  audio: RtpSender | undefined;
  reportEveryMs: number;
  signal: AbortSignal;
}

interface Due {
  sendMs: number;
  send: () => void;
}

/** Plays until the signal aborts. Timestamps go on over loops and clip switches. */
export class Player {
  readonly #options: PlayerOptions;
  readonly #startMs: number;
  /** Media time at which the present pass through the clip began. */
  #passStartMs = 0;
  #nextReportMs = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#startMs = options.clock.monotonicMs();
  }

  async run(): Promise<void> {
    const { signal, clip } = this.#options;
    while (!signal.aborted) {
      const playing = clip();
      if (!(await this.#pass(playing))) return;
    }
  }

  // One pass through a clip; ends early when the camera switched to another. False: aborted.
  async #pass(playing: Clip): Promise<boolean> {
    const { clock, signal, clip } = this.#options;
    for (const due of this.#schedule(playing)) {
      const waitMs = this.#startMs + this.#passStartMs + due.sendMs - clock.monotonicMs();
      if (waitMs > 0) {
        await clock.sleep(waitMs, signal).catch(() => undefined);
        if (signal.aborted) return false;
      }
      if (clip() !== playing) {
        this.#passStartMs += due.sendMs;
        return true;
      }
      this.#report(this.#passStartMs + due.sendMs);
      due.send();
    }
    this.#passStartMs += playing.durationMs;
    return true;
  }

  *#schedule(playing: Clip): Generator<Due> {
    const sound = playing.audio?.frames ?? [];
    let next = 0;
    for (const frame of playing.video.frames) {
      for (; next < sound.length; next += 1) {
        const packet = sound[next];
        if (packet === undefined || packet.sendMs > frame.sendMs) break;
        yield this.#sound(playing.audio, packet);
      }
      const send = (): void => {
        this.#sendPicture(playing.video, frame);
      };
      yield { sendMs: frame.sendMs, send };
    }
    for (const packet of sound.slice(next)) yield this.#sound(playing.audio, packet);
  }

  #sound(clip: AudioClip | undefined, packet: AudioFrame): Due {
    const send = (): void => {
      this.#sendSound(clip, packet);
    };
    return { sendMs: packet.sendMs, send };
  }

  #sendPicture(clip: VideoClip, frame: VideoFrame): void {
    const { video, trouble, outlet } = this.#options;
    if (video === undefined || trouble.noPicture || (frame.key && trouble.noKeyFrames)) return;
    if (trouble.garbageBytes > 0) {
      outlet.write(Buffer.alloc(trouble.garbageBytes, GARBAGE));
      trouble.garbageBytes = 0;
    }
    if (trouble.losePackets > 0) {
      video.skip(trouble.losePackets);
      trouble.losePackets = 0;
    }
    const nals = frame.key ? [...clip.parameterSets, ...frame.nals] : frame.nals;
    const payloads = clip.codec === 'h264' ? packetiseH264(nals) : packetiseH265(nals);
    outlet.write(video.frame(payloads, this.#passStartMs * 90 + frame.rtpTicks));
  }

  #sendSound(clip: AudioClip | undefined, frame: AudioFrame): void {
    const { audio, trouble, outlet } = this.#options;
    if (audio === undefined || clip === undefined || trouble.noSound) return;
    const payloads = clip.codec === 'aac' ? packetiseAac(frame.data) : [frame.data];
    const ticks = (this.#passStartMs * clip.sampleRate) / 1000 + frame.rtpTicks;
    outlet.write(audio.frame(payloads, ticks));
  }

  #report(mediaMs: number): void {
    const { clock, trouble, outlet, video, audio, reportEveryMs, clip } = this.#options;
    if (trouble.noSenderReports || mediaMs < this.#nextReportMs) return;
    this.#nextReportMs = mediaMs + reportEveryMs;
    // The camera's clock at this media time: what the box's wall clock shows, plus the step.
    const behindMs = clock.monotonicMs() - (this.#startMs + mediaMs);
    const ntpMs =
      clock.wallMs() - behindMs + trouble.senderReportStepMs + NTP_OF_UNIX_EPOCH_S * 1000;
    if (video !== undefined) outlet.write(video.report(ntpMs, mediaMs * 90));
    const rate = clip().audio?.sampleRate ?? 0;
    if (audio !== undefined && !trouble.noSound) {
      outlet.write(audio.report(ntpMs, (mediaMs * rate) / 1000));
    }
  }
}
