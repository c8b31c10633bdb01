/** What an initialization segment says about its one track (ISO/IEC 14496-12 8.3). */

/** A video track of a stream. */
export interface VideoTrack {
  readonly kind: 'video';
  /** Ticks per second of the media timeline. */
  readonly timescale: number;
  readonly codec: 'h264' | 'h265';
  /** RFC 6381, e.g. `avc1.640028`, `hvc1.1.6.L120.B0`. */
  readonly codecString: string;
  /** Luma samples after cropping, from the sequence parameter set. */
  readonly width: number;
  readonly height: number;
  /** The whole sample entry box (`avc1`, `hvc1`) with its `avcC`/`hvcC`. */
  readonly sampleEntry: Buffer;
}

/** An audio track of a stream; always AAC by the time it is here. */
export interface AudioTrack {
  readonly kind: 'audio';
  readonly timescale: number;
  readonly codec: 'aac';
  /** RFC 6381, e.g. `mp4a.40.2`. */
  readonly codecString: string;
  readonly sampleRate: number;
  readonly channels: number;
  /** The whole sample entry box (`mp4a`) with its `esds`. */
  readonly sampleEntry: Buffer;
}

/** Either track. */
export type Track = VideoTrack | AudioTrack;
