import { beforeEach, describe, expect, it } from 'vitest';
import { monotonicMs } from '../../../server/base/time.ts';
import { RestJudge } from '../../../server/ingest/rest-judge.ts';

const FRAME_MS = 100;

let judge: RestJudge;
let nowMs: number;
beforeEach(() => {
  judge = new RestJudge();
  nowMs = 1_000;
});

/** Frames for so long, each as late as `latenessMs` says at its time since the beginning of the call. */
function frames(seconds: number, latenessMs: (sinceMs: number) => number): void {
  for (let sinceMs = 0; sinceMs < seconds * 1_000; sinceMs += FRAME_MS) {
    nowMs += FRAME_MS;
    judge.add(latenessMs(sinceMs), monotonicMs(nowMs));
  }
}

describe('a camera that is in step', () => {
  it('rests, also with every tick’s frames as late as two ticks', () => {
    frames(60, (sinceMs) => 400 - (sinceMs % 400));
    expect(judge.mayRest).toBe(true);
  });

  it('rests where a burst was late', () => {
    frames(10, () => 30);
    frames(0.8, () => 3_000);
    frames(10, () => 30);
    expect(judge.mayRest).toBe(true);
  });
});

describe('a camera that falls behind while it rests', () => {
  it('is read as it comes before it is a second late, and stays so when that mends it', () => {
    frames(5, (sinceMs) => sinceMs / 10);
    expect(judge.mayRest).toBe(true);
    frames(4, (sinceMs) => 500 + sinceMs / 10);
    expect(judge.mayRest).toBe(false);
    frames(60, () => 20);
    expect(judge.mayRest).toBe(false);
  });

  it('is seen again after its clock was found to be slow', () => {
    frames(10, () => 700);
    frames(3, () => 1_400);
    expect(judge.mayRest).toBe(false);
    frames(10, () => 720);
    expect(judge.mayRest).toBe(false);
  });
});

describe('a camera whose clock is slow', () => {
  it('rests again, because reading it at once mends nothing', () => {
    frames(4, () => 700);
    expect(judge.mayRest).toBe(false);
    frames(30, () => 700);
    expect(judge.mayRest).toBe(true);
  });

  it('whose clock is fast rests, and is measured from there', () => {
    frames(10, () => -600);
    expect(judge.mayRest).toBe(true);
    frames(4, () => 0);
    expect(judge.mayRest).toBe(false);
  });
});
