import { describe, expect, it } from 'vitest';
import type { Fragment } from '../../../server/fmp4/fragment.ts';
import { StreamMeter } from '../../../server/ingest/stream-meter.ts';
import { fragment, sample } from '../../fixtures/fmp4-samples.ts';
import { madeFrames, MADE_TIMESCALE } from '../../fixtures/made-media.ts';

function meterOf(fragments: readonly Fragment[]): StreamMeter {
  const meter = new StreamMeter(MADE_TIMESCALE);
  for (const one of fragments) meter.add(one);
  return meter;
}

describe('frames per second', () => {
  it('is unknown before the third frame', () => {
    const frames = madeFrames({ lengthMs: 300, gopMs: 1_000 });
    expect(meterOf([]).measured().framesPerSecond).toBeUndefined();
    expect(meterOf(frames.slice(0, 2)).measured().framesPerSecond).toBeUndefined();
    expect(meterOf(frames).measured().framesPerSecond).toBe(10);
  });

  it('is that of the last two seconds or so', () => {
    const slow = madeFrames({ lengthMs: 20_000, gopMs: 2_000, frameMs: 200 });
    const quick = madeFrames({ fromMs: 20_000, lengthMs: 5_000, gopMs: 1_000, frameMs: 50 });
    expect(meterOf([...slow, ...quick]).measured().framesPerSecond).toBe(20);
  });

  it('evens out a camera that jitters', () => {
    const meter = new StreamMeter(1_000);
    let atMs = 0;
    for (let i = 0; i < 100; i += 1) {
      const durationTicks = 66 + (i % 3) - 1;
      meter.add(fragment('video', atMs, [sample({ durationTicks, sync: i === 0 })]));
      atMs += durationTicks;
    }
    expect(meter.measured().framesPerSecond).toBeCloseTo(1_000 / 66, 1);
  });

  it('is unknown when time stands still', () => {
    const meter = new StreamMeter(1_000);
    for (let i = 0; i < 5; i += 1) meter.add(fragment('video', 7, [sample({ durationTicks: 0 })]));
    expect(meter.measured().framesPerSecond).toBeUndefined();
  });

  it('counts each frame of a fragment that holds several', () => {
    const samples = Array.from({ length: 10 }, (_, i) =>
      sample({ durationTicks: 40, sync: i === 0 }),
    );
    const meter = new StreamMeter(1_000);
    meter.add(fragment('video', 0, samples));
    meter.add(fragment('video', 400, samples));
    expect(meter.measured()).toEqual({ framesPerSecond: 25, keyFrameIntervalMs: 400 });
    expect(meter.keyFrames).toBe(2);
  });
});

describe('the key-frame interval', () => {
  it('is unknown with one key frame', () => {
    const meter = meterOf(madeFrames({ lengthMs: 3_000, gopMs: 10_000 }));
    expect(meter.measured().keyFrameIntervalMs).toBeUndefined();
  });

  it('is the longest that was seen', () => {
    const meter = meterOf([
      ...madeFrames({ lengthMs: 4_000, gopMs: 4_000 }),
      ...madeFrames({ fromMs: 4_000, lengthMs: 4_000, gopMs: 1_000 }),
    ]);
    expect(meter.measured().keyFrameIntervalMs).toBe(4_000);
    expect(meter.keyFrames).toBe(5);
  });
});
