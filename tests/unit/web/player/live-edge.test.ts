import { describe, expect, it } from 'vitest';
import { type EdgeFacts, LiveEdge } from '../../../../web/player/live-edge.ts';

const calm: EdgeFacts = { lagMs: 162, ahead: () => 60, needMs: 70, frameMs: 67, sound: false };

/** Plays on as it is told, four looks a second; how far behind it is at the end. */
function follow(
  from: Omit<EdgeFacts, 'ahead'> & { readonly aheadMs: number },
  seconds: number,
): { lagMs: number; rates: number[] } {
  const edge = new LiveEdge();
  let { lagMs, aheadMs } = from;
  const rates: number[] = [];
  for (let look = 0; look < seconds * 4; look += 1) {
    const move = edge.look({ ...from, lagMs, ahead: () => aheadMs }, look * 250);
    const gainedMs = move.do === 'jump' ? move.byMs : (move.rate - 1) * 250;
    lagMs -= gainedMs;
    aheadMs -= gainedMs;
    rates.push(move.do === 'jump' ? Infinity : move.rate);
  }
  return { lagMs, rates };
}

describe('at the edge', () => {
  it('nothing is done where all is as it should be', () => {
    expect(new LiveEdge().look(calm, 0)).toEqual({ do: 'play', rate: 1 });
  });

  it('a picture without sound has to be there one picture sooner', () => {
    const edge = new LiveEdge();
    const silent = edge.targetMs({ needMs: 200, frameMs: 200, sound: false });
    expect(silent - edge.targetMs({ needMs: 200, frameMs: 200, sound: true })).toBe(175);
  });

  it('a connection without rhythm is not followed for ever', () => {
    expect(new LiveEdge().targetMs({ ...calm, needMs: 60_000 })).toBeLessThan(2_000);
  });
});

describe('behind', () => {
  it.each([
    ['a picture', false, 1.25],
    ['sound', true, 1.1],
  ])('%s catches up gently, and stays then', (_what, sound, fastest) => {
    const { lagMs, rates } = follow(
      { lagMs: 900, aheadMs: 850, needMs: 70, frameMs: 67, sound },
      60,
    );
    expect(Math.max(...rates)).toBe(fastest);
    expect(rates.at(-1)).toBe(1);
    const edge = new LiveEdge();
    expect(lagMs - edge.targetMs({ ...calm, sound })).toBeLessThan(70);
  });

  it.each([false, true])('so far that it would take too long, it jumps (sound: %s)', (sound) => {
    const { lagMs, rates } = follow(
      { lagMs: 8_000, aheadMs: 7_900, needMs: 70, frameMs: 67, sound },
      1,
    );
    expect(rates[0]).toBe(Infinity);
    expect(lagMs).toBeLessThan(300);
  });

  it('a machine that is as far behind after a jump is not made to jump all the time', () => {
    const edge = new LiveEdge();
    const far = { ...calm, lagMs: 4_000, ahead: () => 4_000 };
    const moves = Array.from({ length: 40 }, (_, look) => edge.look(far, look * 250).do);
    expect(moves.filter((move) => move === 'jump')).toHaveLength(1);
    expect(edge.look(far, 20_000).do).toBe('jump');
  });

  it('what has not arrived is not chased', () => {
    const late = { ...calm, lagMs: 9_000, ahead: () => 40 };
    expect(new LiveEdge().look(late, 0)).toEqual({ do: 'play', rate: 1 });
  });

  it('so little that nobody sees it, it waits whether that lasts', () => {
    const edge = new LiveEdge();
    const little = { ...calm, lagMs: 190, ahead: () => 200 };
    expect(edge.look(little, 0)).toEqual({ do: 'play', rate: 1 });
    expect(edge.look(calm, 2_000)).toEqual({ do: 'play', rate: 1 });
    expect(edge.look(little, 3_000)).toEqual({ do: 'play', rate: 1 });
    expect(edge.look(little, 6_900)).toEqual({ do: 'play', rate: 1 });
    expect(edge.look(little, 7_000)).toEqual({ do: 'play', rate: 1.05 });
    expect(edge.look({ ...little, lagMs: 170 }, 7_300)).toEqual({ do: 'play', rate: 1.05 });
    expect(edge.look(calm, 7_600)).toEqual({ do: 'play', rate: 1 });
  });

  it('it does not turn back and forth between two speeds', () => {
    const { rates } = follow(
      { lagMs: 300, aheadMs: 260, needMs: 70, frameMs: 67, sound: false },
      60,
    );
    const changes = rates.filter((rate, index) => index > 0 && rate !== rates[index - 1]);
    expect(changes.length).toBeLessThanOrEqual(3);
  });
});

describe('too near', () => {
  it('it slows down a little until there is room', () => {
    const edge = new LiveEdge();
    expect(edge.look({ ...calm, lagMs: 20 }, 0)).toEqual({ do: 'play', rate: 0.95 });
    expect(edge.look({ ...calm, lagMs: 90 }, 250)).toEqual({ do: 'play', rate: 0.95 });
    expect(edge.look({ ...calm, lagMs: 163 }, 500)).toEqual({ do: 'play', rate: 1 });
  });

  it('a wait at the beginning says nothing', () => {
    const edge = new LiveEdge();
    const before = edge.targetMs(calm);
    edge.onStall(0);
    edge.look(calm, 0);
    edge.onStall(1_900);
    expect(edge.targetMs(calm)).toBe(before);
  });

  it('one wait is an accident', () => {
    const edge = new LiveEdge();
    edge.look(calm, 0);
    const before = edge.targetMs(calm);
    edge.onStall(10_000);
    edge.onStall(25_000);
    expect(edge.targetMs(calm)).toBe(before);
  });

  it('each further wait soon after makes it keep more distance, up to a limit', () => {
    const edge = new LiveEdge();
    edge.look(calm, 0);
    const before = edge.targetMs(calm);
    edge.onStall(10_000);
    edge.onStall(15_000);
    expect(edge.targetMs(calm)).toBeGreaterThan(before);
    for (let stall = 4; stall < 1_000; stall += 1) edge.onStall(stall * 5_000);
    expect(edge.targetMs(calm)).toBeLessThanOrEqual(before + 400);
  });

  it('a stutter of a busy machine is one wait', () => {
    const edge = new LiveEdge();
    edge.look(calm, 0);
    edge.onStall(10_000);
    edge.onStall(15_000);
    const once = edge.targetMs(calm);
    for (let time = 15_050; time < 15_900; time += 50) edge.onStall(time);
    expect(edge.targetMs(calm)).toBe(once);
  });

  it('comes nearer again when it was calm for long', () => {
    const edge = new LiveEdge();
    edge.look(calm, 0);
    const before = edge.targetMs(calm);
    for (let stall = 1; stall < 5; stall += 1) edge.onStall(stall * 2_000);
    for (let look = 0; look < 4 * 300; look += 1) edge.look(calm, 10_000 + look * 250);
    expect(edge.targetMs(calm)).toBe(before);
  });
});
