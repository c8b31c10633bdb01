/** What a simulated camera plays: a clip over and over, or pictures as they are made. */
import type { MonotonicMs } from '../../../server/base/time.ts';

/** A picture's coding, as it is announced. */
export interface VideoFormat {
  readonly codec: 'h264' | 'h265';
  /** VPS (H.265), SPS, PPS: what the SDP announces; they also come before each key frame. */
  readonly parameterSets: readonly Buffer[];
}

/** A sound's coding, as it is announced. */
export interface AudioFormat {
  readonly codec: 'aac' | 'pcmu' | 'pcma' | 'l16';
  readonly sampleRate: number;
  readonly channels: number;
  /** AAC: AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1). */
  readonly config: Buffer | undefined;
}

/** Picture and, where there is any, sound. */
export interface MediaFormat {
  readonly video: VideoFormat;
  readonly audio: AudioFormat | undefined;
}

/** One access unit. */
export interface Picture {
  /** NAL units without start codes; parameter sets and delimiters left out. */
  readonly nals: readonly Buffer[];
  readonly key: boolean;
}

/** One client: takes media when it is due. Ticks count from PLAY: 90 kHz, or the sample rate. */
export interface MediaSink {
  /** When the client asked to play: media time 0. */
  readonly startMs: MonotonicMs;
  picture: (format: VideoFormat, picture: Picture, ticks: number) => void;
  sound: (format: AudioFormat, data: Buffer, ticks: number) => void;
  /** Media is to be sent that was filmed so long after `startMs`: told before it is. */
  reached: (mediaMs: number) => void;
}

/** Gives the same media to any number of clients, each when it asks. */
export interface MediaSource {
  /** As it is now: a client that asks later may be told something else. */
  readonly format: MediaFormat;
  /** Plays to one client until the signal aborts. */
  play: (sink: MediaSink, signal: AbortSignal) => Promise<void>;
}
