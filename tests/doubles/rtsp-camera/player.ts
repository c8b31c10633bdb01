/** Sends a source's media to one client as RTP, with the camera's troubles. */
import type { Clock } from '../../../server/base/clock.ts';
import type { MonotonicMs } from '../../../server/base/time.ts';
import type { AudioFormat, MediaSink, MediaSource, Picture, VideoFormat } from './media-source.ts';
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
  source: MediaSource;
  video: RtpSender | undefined;
  audio: RtpSender | undefined;
  reportEveryMs: number;
  signal: AbortSignal;
}

/** Plays until the signal aborts. */
export class Player implements MediaSink {
  readonly startMs: MonotonicMs;
  readonly #options: PlayerOptions;
  #nextReportMs = -Infinity;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.startMs = options.clock.monotonicMs();
  }

  async run(): Promise<void> {
    await this.#options.source.play(this, this.#options.signal);
  }

  picture(format: VideoFormat, { nals, key }: Picture, ticks: number): void {
    const { video, trouble, outlet } = this.#options;
    if (video === undefined || trouble.noPicture || (key && trouble.noKeyFrames)) return;
    if (trouble.garbageBytes > 0) {
      outlet.write(Buffer.alloc(trouble.garbageBytes, GARBAGE));
      trouble.garbageBytes = 0;
    }
    if (trouble.losePackets > 0) {
      video.skip(trouble.losePackets);
      trouble.losePackets = 0;
    }
    const units = key ? [...format.parameterSets, ...nals] : nals;
    const payloads = format.codec === 'h264' ? packetiseH264(units) : packetiseH265(units);
    outlet.write(video.frame(payloads, ticks));
  }

  sound(format: AudioFormat, data: Buffer, ticks: number): void {
    const { audio, trouble, outlet } = this.#options;
    if (audio === undefined || trouble.noSound) return;
    outlet.write(audio.frame(format.codec === 'aac' ? packetiseAac(data) : [data], ticks));
  }

  /** Sends a report when one is due. */
  reached(mediaMs: number): void {
    const { clock, trouble, outlet, video, audio, reportEveryMs, source } = this.#options;
    if (trouble.noSenderReports || mediaMs < this.#nextReportMs) return;
    this.#nextReportMs = mediaMs + reportEveryMs;
    // The camera's clock at this media time: what the box's wall clock shows, plus the step.
    const behindMs = clock.monotonicMs() - (this.startMs + mediaMs);
    const ntpMs =
      clock.wallMs() - behindMs + trouble.senderReportStepMs + NTP_OF_UNIX_EPOCH_S * 1000;
    if (video !== undefined) outlet.write(video.report(ntpMs, mediaMs * 90));
    const rate = source.format.audio?.sampleRate ?? 0;
    if (audio !== undefined && !trouble.noSound) {
      outlet.write(audio.report(ntpMs, (mediaMs * rate) / 1000));
    }
  }
}
