import { describe, expect, it } from 'vitest';
import { Wake } from '../../../server/base/wake.ts';

const never = new AbortController().signal;

/** Whether a wait is over after some turns of the event loop. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  let over = false;
  void wait.then(() => {
    over = true;
  });
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return over;
}

describe('a loop', () => {
  it('waits until it is woken', async () => {
    const wake = new Wake();
    const wait = wake.wait(never);
    expect(await isOver(wait)).toBe(false);
    wake.wake();
    expect(await isOver(wait)).toBe(true);
  });

  it('that was woken while it worked does not wait, once', async () => {
    const wake = new Wake();
    wake.wake();
    wake.wake();
    expect(await isOver(wake.wait(never))).toBe(true);
    expect(await isOver(wake.wait(never))).toBe(false);
  });

  it('ends with its signal, also before it began to wait, and leaves no listener', async () => {
    const stop = new AbortController();
    const wake = new Wake();
    const wait = wake.wait(stop.signal);
    stop.abort();
    expect(await isOver(wait)).toBe(true);
    expect(await isOver(wake.wait(stop.signal))).toBe(true);
    wake.wake();
    expect(await isOver(wake.wait(never))).toBe(true);
  });
});
