import { describe, expect, it } from 'vitest';
import { BoundedQueue } from '../../../server/base/bounded-queue.ts';

function queueOf(maxItems: number, maxBytes = Infinity): BoundedQueue<number> {
  return new BoundedQueue({ maxItems, maxBytes }, (item) => item);
}

describe('order', () => {
  it('is first in, first out, through growth and around the ring', () => {
    const queue = queueOf(1_000);
    const taken: (number | undefined)[] = [];
    let next = 0;
    // Three in, two out: the ring is passed over many times while it grows.
    for (let round = 0; round < 300; round += 1) {
      for (let i = 0; i < 3; i += 1) expect(queue.push(next++)).toBe(true);
      taken.push(queue.take(), queue.take());
    }
    while (queue.length > 0) taken.push(queue.take());
    expect(taken).toEqual(Array.from({ length: 900 }, (_, index) => index));
    expect(queue.bytes).toBe(0);
  });

  it('of nothing is undefined', () => {
    const queue = queueOf(1);
    expect(queue.take()).toBeUndefined();
    expect(queue.peek()).toBeUndefined();
  });

  it('shows the oldest without taking it', () => {
    const queue = queueOf(3);
    queue.push(7);
    queue.push(8);
    expect(queue.peek()).toBe(7);
    expect(queue.length).toBe(2);
  });
});

describe('limits', () => {
  it('refuses one item too many and takes it after one left', () => {
    const queue = queueOf(2);
    expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([true, true, false]);
    expect(queue.length).toBe(2);
    queue.take();
    expect(queue.push(3)).toBe(true);
  });

  it('refuses what passes the bytes, to the byte', () => {
    const queue = queueOf(100, 10);
    expect([queue.push(4), queue.push(6), queue.push(1)]).toEqual([true, true, false]);
    expect(queue.bytes).toBe(10);
    expect(queue.push(0)).toBe(true);
    queue.take();
    expect(queue.bytes).toBe(6);
    expect([queue.push(5), queue.push(4)]).toEqual([false, true]);
  });

  it('never takes what is larger than all of it', () => {
    expect(queueOf(100, 10).push(11)).toBe(false);
  });

  it('counts anew after clear', () => {
    const queue = queueOf(2, 10);
    queue.push(9);
    queue.push(1);
    queue.clear();
    expect([queue.length, queue.bytes]).toEqual([0, 0]);
    expect(queue.push(10)).toBe(true);
  });
});
