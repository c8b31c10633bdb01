/**
 * The clock that RTCP sender reports carry, made true (RFC 3550 6.4.1). Pure: arrival times are
 * arguments. The reasoning is in docs/design/rtsp-relay.md, "Sender reports".
 *
 * A sender report says "this RTP timestamp was at that NTP time"; ffmpeg derives media time from it.
 * Here the camera's NTP time only ever counts as far as its own RTP timestamps bear it out, and the
 * result runs on the box's monotonic clock.
 */

/** One sender report as the camera sent it. */
export interface SenderReport {
  readonly ssrc: number;
  /** NTP seconds since 1900, and its fraction in 2^-32 s. */
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
}

/** Jitter of a report's own stamps: cameras stamp at a frame, at most 1/15 s, usually far less. */
const TOLERANCE_S = 0.02;
/** RTP clocks are cheap crystals, up to 1 % off where the nominal rate is a wish. */
const TOLERANCE_RATE = 0.01;
/** A disagreement this large is a clock that stepped, not a report that was stamped late. */
const STEP_S = 0.5;
/** Below STEP_S, this many disagreeing reports in a row are a small step. */
const OUTLIERS_MAX = 3;
/** How far a first report's relation to another track may be from the arrivals' relation. Encoders
 * delay pictures by up to two seconds; a stepped clock is off by more. */
const RELATION_S = 3;
/** RTP time and arrivals this far apart mean that the RTP timestamps themselves started anew. */
const RTP_RESTART_S = 10;
/** Slew toward the monotonic clock (RFC 5905 uses the same limit): 1.8 s an hour, far more than any
 * crystal drifts, and 2.5 ms per report, far less than a frame. */
const SLEW_RATE_MAX = 500e-6;
/** Where the rewritten clock begins, NTP seconds: any time with room to run in both directions. */
const NTP_ORIGIN_S = 0x8000_0000;

interface Placed {
  /** Box time of the report, before the slew. */
  boxS: number;
  /** Camera NTP plus this is box time; equal on tracks that share the camera's clock. */
  offsetS: number;
  /** RTP time since camera clock and RTP clock last agreed. */
  sinceAgreedS: number;
  outliers: number;
}

interface Track extends Placed {
  ssrc: number;
  lastRtp: number;
  lastArrivalS: number;
}

/** Rewrites the reports of all tracks of one connection. */
export class SenderReportClock {
  readonly #clockRates: readonly number[];
  readonly #tracks: (Track | undefined)[];
  #slewS = 0;
  #lastSlewArrivalS: number | undefined;

  /** `clockRates`: RTP ticks per second, by track index. */
  constructor(clockRates: readonly number[]) {
    this.#clockRates = clockRates;
    this.#tracks = clockRates.map(() => undefined);
  }

  /** The NTP time to put in the report's place, as 2^-32 s since 1900. */
  rewrite(trackIndex: number, report: SenderReport, arrivalMs: number): bigint {
    const arrivalS = arrivalMs / 1000;
    const known = this.#tracks[trackIndex];
    const cameraS = cameraSeconds(report);
    const placed =
      known?.ssrc === report.ssrc
        ? this.#next(trackIndex, known, { report, cameraS, arrivalS })
        : this.#first(trackIndex, cameraS, arrivalS);
    this.#tracks[trackIndex] = {
      ...placed,
      ssrc: report.ssrc,
      lastRtp: report.rtpTimestamp,
      lastArrivalS: arrivalS,
    };
    return toNtp(NTP_ORIGIN_S + placed.boxS + this.#slew(placed.boxS, arrivalS));
  }

  // A track's first report: where another track already maps the camera's clock, and that mapping
  // is plausible here, sound and picture keep the camera's own relation.
  #first(trackIndex: number, cameraS: number | undefined, arrivalS: number): Placed {
    const boxArrivalS = arrivalS - this.#slewS;
    for (const [index, other] of this.#tracks.entries()) {
      if (index === trackIndex || other === undefined || cameraS === undefined) continue;
      const boxS = cameraS + other.offsetS;
      const byArrivalS = other.boxS + (arrivalS - other.lastArrivalS);
      if (Math.abs(boxS - byArrivalS) <= RELATION_S) {
        return { boxS, offsetS: other.offsetS, sinceAgreedS: 0, outliers: 0 };
      }
    }
    return this.#anchored(boxArrivalS, cameraS);
  }

  #next(trackIndex: number, track: Track, seen: Seen): Placed {
    const { report, cameraS, arrivalS } = seen;
    const ticks = (report.rtpTimestamp - track.lastRtp) | 0;
    const rtpS = ticks / (this.#clockRates[trackIndex] ?? 90_000);
    if (Math.abs(rtpS - (arrivalS - track.lastArrivalS)) > RTP_RESTART_S) {
      return this.#first(trackIndex, cameraS, arrivalS);
    }
    const expectedS = track.boxS + rtpS;
    const sinceAgreedS = track.sinceAgreedS + Math.abs(rtpS);
    if (cameraS === undefined) {
      return { boxS: expectedS, offsetS: track.offsetS, sinceAgreedS, outliers: 0 };
    }
    const toleranceS = TOLERANCE_S + TOLERANCE_RATE * sinceAgreedS;
    const agrees = (offsetS: number): boolean =>
      Math.abs(cameraS + offsetS - expectedS) <= toleranceS;
    // The own mapping, or the one that another track found after the same step.
    const offsets = [track, ...this.#tracks].map((candidate) => candidate?.offsetS ?? NaN);
    const offsetS = offsets.find(agrees);
    if (offsetS !== undefined) {
      return { boxS: cameraS + offsetS, offsetS, sinceAgreedS: 0, outliers: 0 };
    }
    const outliers = track.outliers + 1;
    const stepped = Math.abs(cameraS + track.offsetS - expectedS) > STEP_S;
    if (stepped || outliers >= OUTLIERS_MAX) return this.#anchored(expectedS, cameraS);
    return { boxS: expectedS, offsetS: track.offsetS, sinceAgreedS, outliers };
  }

  #anchored(boxS: number, cameraS: number | undefined): Placed {
    // Without a camera time (RFC 3550 allows 0) no mapping exists: NaN agrees with nothing.
    const offsetS = cameraS === undefined ? NaN : boxS - cameraS;
    return { boxS, offsetS, sinceAgreedS: 0, outliers: 0 };
  }

  // One correction for all tracks, so that it never parts sound from picture.
  #slew(boxS: number, arrivalS: number): number {
    const elapsedS = arrivalS - (this.#lastSlewArrivalS ?? arrivalS);
    const limitS = Math.max(0, elapsedS) * SLEW_RATE_MAX;
    const errorS = arrivalS - (boxS + this.#slewS);
    this.#slewS += Math.min(limitS, Math.max(-limitS, errorS));
    this.#lastSlewArrivalS = arrivalS;
    return this.#slewS;
  }
}

interface Seen {
  report: SenderReport;
  cameraS: number | undefined;
  arrivalS: number;
}

// A double holds 32 bits of seconds and 20 of fraction: one microsecond.
function cameraSeconds({ ntpSeconds, ntpFraction }: SenderReport): number | undefined {
  if (ntpSeconds === 0 && ntpFraction === 0) return undefined;
  return ntpSeconds + ntpFraction / 2 ** 32;
}

function toNtp(seconds: number): bigint {
  const whole = Math.floor(seconds);
  return (BigInt(whole) << 32n) | BigInt(Math.floor((seconds - whole) * 2 ** 32));
}
