import { describe, expect, it } from 'vitest';
import { SenderReportClock } from '../../../server/rtsp/sender-report.ts';

const VIDEO = 0;
const AUDIO = 1;
const RATES = [90_000, 8_000] as const;
/** 2026-01-01, in NTP seconds. */
const CAMERA_START_S = 3_976_214_400;
const HOUR_S = 3_600;
const YEAR_S = 365 * 86_400;

/** A camera whose two tracks are captured together, seen by the box. */
class Scene {
  readonly clock = new SenderReportClock(RATES);
  /** Added to the camera's clock. */
  stepS = 0;
  /** How much faster than true the RTP clocks run. */
  rtpRate = 1;
  /** RTP timestamps at media time 0: just before the wrap. */
  readonly firstRtp = [0xffff_ff00, 0xffff_fff0];
  networkDelayMs = 5;

  /** A report stamped at `mediaS`; the media time that ffmpeg would derive from the answer, in s. */
  report(track: 0 | 1, mediaS: number, options: { jitterS?: number; ssrc?: number } = {}): number {
    const cameraS = CAMERA_START_S + mediaS + this.stepS + (options.jitterS ?? 0);
    const ntpSeconds = Math.floor(cameraS);
    const ticks = Math.round(mediaS * this.rtpRate * RATES[track]);
    const ntp = this.clock.rewrite(
      track,
      {
        ssrc: options.ssrc ?? track + 1,
        ntpSeconds: ntpSeconds >>> 0,
        ntpFraction: Math.floor((cameraS - ntpSeconds) * 2 ** 32),
        rtpTimestamp: ((this.firstRtp[track] ?? 0) + ticks) >>> 0,
      },
      1_000_000 + mediaS * 1000 + this.networkDelayMs,
    );
    return Number(ntp) / 2 ** 32 - 0x8000_0000 - 1000;
  }
}

describe('SenderReportClock', () => {
  it('starts on the monotonic clock and follows a camera that is right', () => {
    const scene = new Scene();
    expect(scene.report(VIDEO, 0)).toBeCloseTo(0.005, 3);
    for (let at = 5; at <= 7200; at += 5)
      expect(scene.report(VIDEO, at)).toBeCloseTo(at + 0.005, 2);
  });

  it.each([HOUR_S, -HOUR_S, 3 * YEAR_S, -3 * YEAR_S, 0.7, -0.7])(
    'does not see a clock that steps by %d s, and keeps sound and picture in step',
    (stepS) => {
      const scene = new Scene();
      for (let at = 0; at <= 60; at += 5) {
        if (at === 30) scene.stepS = stepS;
        const video = scene.report(VIDEO, at);
        const audio = scene.report(AUDIO, at + 0.1);
        expect(video).toBeCloseTo(at + 0.005, 2);
        expect(audio - video).toBeCloseTo(0.1, 3);
      }
    },
  );

  it('keeps in step when the clock steps between the first reports of the two tracks', () => {
    const scene = new Scene();
    const video = scene.report(VIDEO, 0);
    scene.stepS = HOUR_S;
    const audio = scene.report(AUDIO, 0.2);
    // Only the arrivals are left to judge by.
    expect(audio - video).toBeCloseTo(0.2, 2);
    for (let at = 5; at <= 60; at += 5) {
      expect(scene.report(AUDIO, at + 0.2) - scene.report(VIDEO, at)).toBeCloseTo(0.2, 2);
    }
  });

  it('keeps the relation of sound and picture from the camera, not from the arrivals', () => {
    const scene = new Scene();
    const video = scene.report(VIDEO, 0);
    // The sound's first report waited in a full buffer for 1.5 s.
    scene.networkDelayMs = 1_500;
    expect(scene.report(AUDIO, 0.1) - video).toBeCloseTo(0.1, 2);
  });

  it('follows small steps after three reports, without a jump', () => {
    const scene = new Scene();
    let last = scene.report(VIDEO, 0);
    for (let at = 5; at <= 60; at += 5) {
      if (at >= 20) scene.stepS = 0.3;
      const now = scene.report(VIDEO, at);
      expect(now - last).toBeCloseTo(5, 2);
      last = now;
    }
  });

  it('does not let reports that are stamped carelessly add up', () => {
    const scene = new Scene();
    const jitters = [0.06, -0.05, 0.015, -0.015, 0.03, -0.03, 0];
    scene.report(VIDEO, 0);
    scene.report(AUDIO, 0);
    let worst = 0;
    for (let turn = 1; turn < 2_000; turn += 1) {
      const at = turn * 2;
      const video = scene.report(VIDEO, at, { jitterS: jitters[turn % jitters.length] ?? 0 });
      const audio = scene.report(AUDIO, at, { jitterS: jitters[(turn * 3) % jitters.length] ?? 0 });
      worst = Math.max(worst, Math.abs(video - audio), Math.abs(video - at));
    }
    expect(worst).toBeLessThan(0.15);
  });

  it('stays true over hours when the camera clock itself runs wrong, by a slow slew', () => {
    const scene = new Scene();
    let last = scene.report(VIDEO, 0);
    // 100 ppm slow: 1.4 s in four hours.
    for (let true_ = 5; true_ <= 4 * HOUR_S; true_ += 5) {
      scene.networkDelayMs = 5 + true_ * 0.1;
      const now = scene.report(VIDEO, true_);
      // The slew is never more than 500 ppm: 2.5 ms in five seconds.
      expect(Math.abs(now - last - 5)).toBeLessThan(0.0027);
      last = now;
    }
    expect(last).toBeCloseTo(4 * HOUR_S + 0.005 + 1.44, 2);
  });

  it('follows RTP when there is no camera time at all', () => {
    const clock = new SenderReportClock([90_000]);
    const times = [0, 5, 10].map((at) =>
      clock.rewrite(
        0,
        { ssrc: 1, ntpSeconds: 0, ntpFraction: 0, rtpTimestamp: at * 90_000 },
        50_000 + at * 1000,
      ),
    );
    expect(times.map((time) => Number(time >> 32n) - 0x8000_0000)).toEqual([50, 55, 60]);
  });

  it('begins anew when the source or its RTP timestamps begin anew', () => {
    const scene = new Scene();
    scene.report(VIDEO, 0);
    scene.report(VIDEO, 5);
    expect(scene.report(VIDEO, 10, { ssrc: 99 })).toBeCloseTo(10.005, 2);
    scene.firstRtp[VIDEO] = 0x4000_0000;
    expect(scene.report(VIDEO, 15, { ssrc: 99 })).toBeCloseTo(15.005, 2);
    expect(scene.report(VIDEO, 20, { ssrc: 99 })).toBeCloseTo(20.005, 2);
  });

  it('follows the camera clock where the RTP clock is up to 1 % off', () => {
    const scene = new Scene();
    scene.rtpRate = 1.009;
    for (let at = 0; at <= 600; at += 5) expect(scene.report(VIDEO, at)).toBeCloseTo(at + 0.005, 2);
  });
});
