/** One movie fragment of one track: `moof` + `mdat` (ISO/IEC 14496-12 8.8). */

/** One sample (a frame of video, a packet of sound) as `trun` describes it. */
export interface Sample {
  readonly durationTicks: number;
  readonly sizeBytes: number;
  /** Presentation minus decode time; 0 without B-frames. */
  readonly compositionOffsetTicks: number;
  /** True when decoding can start here (ISO/IEC 14496-12 8.8.3.1, sample_is_non_sync_sample = 0). */
  readonly sync: boolean;
}

/** A parsed fragment of a single-track stream. Times are in the track's timescale. */
export interface Fragment {
  readonly kind: 'video' | 'audio';
  /** `tfdt`: decode time of the first sample since the run's start. */
  readonly decodeTimeTicks: number;
  /** Sum of the samples' durations. */
  readonly durationTicks: number;
  /** The first sample is a sync sample (for sound: always). */
  readonly key: boolean;
  readonly samples: readonly Sample[];
  /** `moof` and `mdat` as they came: what a live viewer is sent. */
  readonly bytes: Buffer;
  /** The samples' bytes, in order: the payload of `mdat` (a view into `bytes`). */
  readonly payload: Buffer;
}
