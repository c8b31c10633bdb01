import { describe, expect, it } from 'vitest';
import { PartAssembler, type MediaPart } from '../../../server/recorder/part-assembler.ts';
import type { Fragment } from '../../../server/fmp4/fragment.ts';
import { MADE_TIMESCALE, madeFrame, madeFrames } from '../../fixtures/made-media.ts';

function assemble(fragments: readonly Fragment[]): { parts: MediaPart[]; skipped: number } {
  const assembler = new PartAssembler(MADE_TIMESCALE);
  const parts = fragments.flatMap((fragment) => assembler.push(fragment));
  const last = assembler.flush();
  return {
    parts: last === undefined ? parts : [...parts, last],
    skipped: assembler.skippedFrames,
  };
}

const shape = (part: MediaPart) => [part.startMs, part.endMs, part.key, part.frames];

function sound(atMs: number, sizeBytes = 100): Fragment {
  return { ...madeFrame({ atMs, durationMs: 20, key: true, sizeBytes }), kind: 'audio' };
}

describe('parts', () => {
  it('end at each key frame where they come often', () => {
    const { parts } = assemble(madeFrames({ lengthMs: 3_000, gopMs: 1_000 }));
    expect(parts.map(shape)).toEqual([
      [0, 1_000, true, 10],
      [1_000, 2_000, true, 10],
      [2_000, 3_000, true, 10],
    ]);
    expect(parts.map((part) => part.longestGopMs)).toEqual([undefined, 1_000, 1_000]);
  });

  it('end after 2 s where key frames are rare', () => {
    const { parts } = assemble(madeFrames({ lengthMs: 7_000, gopMs: 5_000 }));
    expect(parts.map(shape)).toEqual([
      [0, 2_000, true, 20],
      [2_000, 4_000, false, 20],
      [4_000, 5_000, false, 10],
      [5_000, 7_000, true, 20],
    ]);
  });

  it('keep every fragment once and in order', () => {
    const fragments = madeFrames({ lengthMs: 20_000, gopMs: 3_100, frameMs: 70 });
    const { parts } = assemble(fragments);
    expect(parts.flatMap((part) => part.video)).toEqual(fragments);
    expect(parts.reduce((sum, part) => sum + part.sizeBytes, 0)).toBe(fragments.length * 1_000);
  });

  it('begin with a key frame: what comes before one is skipped and counted', () => {
    const early = madeFrame({ atMs: 0, durationMs: 100, key: false });
    const { parts, skipped } = assemble([
      sound(0),
      early,
      ...madeFrames({ fromMs: 100, lengthMs: 500, gopMs: 500 }),
    ]);
    expect(parts.map(shape)).toEqual([[100, 600, true, 5]]);
    expect(parts[0]?.audio).toEqual([]);
    expect(skipped).toBe(1);
  });

  it('take the sound that has arrived; sound between two parts goes into the next', () => {
    const [a, b] = madeFrames({ lengthMs: 200, gopMs: 100 });
    const tone = [sound(0), sound(20), sound(40)];
    const { parts } = assemble([a!, tone[0]!, b!, tone[1]!, tone[2]!]);
    expect(parts.map((part) => part.audio)).toEqual([[tone[0]], [tone[1], tone[2]]]);
    const long = assemble([
      madeFrame({ atMs: 0, durationMs: 2_000, key: true }),
      tone[0]!,
      madeFrame({ atMs: 2_000, durationMs: 100, key: false }),
    ]);
    expect(long.parts.map((part) => part.audio.length)).toEqual([0, 1]);
  });

  it('are closed by the sound that came after the last picture', () => {
    const tone = sound(1_900);
    const { parts } = assemble([madeFrame({ atMs: 0, durationMs: 2_000, key: true }), tone]);
    expect(parts.map(shape)).toEqual([
      [0, 2_000, true, 1],
      [2_000, 2_000, false, 0],
    ]);
    expect(parts[1]?.audio).toEqual([tone]);
  });

  it('end when they hold 8 MiB, and sound without a picture does not pile up', () => {
    const big = 3 * 1024 * 1024;
    const { parts } = assemble(madeFrames({ lengthMs: 600, gopMs: 600, sizeBytes: big }));
    expect(parts.map((part) => part.frames)).toEqual([3, 3]);
    const assembler = new PartAssembler(MADE_TIMESCALE);
    assembler.push(madeFrame({ atMs: 0, durationMs: 2_000, key: true }));
    for (let i = 0; i < 5; i += 1) expect(assembler.push(sound(i, big))).toEqual([]);
    const [, after] = [
      ...assembler.push(madeFrame({ atMs: 2_000, durationMs: 100, key: false })),
      assembler.flush(),
    ];
    expect((after ?? assembler.flush())?.audio.length ?? 2).toBeLessThanOrEqual(2);
    const loud = new PartAssembler(MADE_TIMESCALE);
    loud.push(madeFrame({ atMs: 0, durationMs: 100, key: true }));
    expect(loud.push(sound(0, 9 * 1024 * 1024)).map(shape)).toEqual([[0, 100, true, 1]]);
  });

  it('can be given up until the next key frame', () => {
    const assembler = new PartAssembler(MADE_TIMESCALE);
    const [key, ...others] = madeFrames({ lengthMs: 300, gopMs: 1_000 });
    assembler.push(key!);
    assembler.push(others[0]!);
    expect(assembler.abandon()).toBe(2);
    expect(assembler.push(others[1]!)).toEqual([]);
    expect(assembler.skippedFrames).toBe(1);
    expect(assembler.flush()).toBeUndefined();
    assembler.push(madeFrame({ atMs: 1_000, durationMs: 100, key: true }));
    expect(assembler.flush()?.startMs).toBe(1_000);
  });
});
