import { expect, it } from 'vitest';
import { Watchdog } from '../../../server/ingest/watchdog.ts';

/** Looks once a second until it barks, at most `limit` times; answers after how many seconds. */
function secondsUntilSilent(watchdog: Watchdog, limit = 60): number {
  for (let second = 1; second <= limit; second += 1) {
    if (watchdog.look() !== undefined) return second;
  }
  return Infinity;
}

it('allows 15 s to the first byte', () => {
  expect(secondsUntilSilent(new Watchdog())).toBe(16);
});

it('allows 5 s of silence after it', () => {
  const watchdog = new Watchdog();
  watchdog.heard();
  expect(secondsUntilSilent(watchdog)).toBe(6);
});

it('counts anew with each byte', () => {
  const watchdog = new Watchdog();
  for (let second = 0; second < 100; second += 1) {
    if (second % 5 === 0) watchdog.heard();
    expect(watchdog.look()).toBeUndefined();
  }
});

it('is not fooled by a server that stood still', () => {
  const watchdog = new Watchdog();
  watchdog.heard();
  // A minute without a single turn of the event loop: one look, then the bytes that waited.
  expect(watchdog.look()).toBeUndefined();
  watchdog.heard();
  expect(watchdog.look()).toBeUndefined();
});

it('says what the owner reads', () => {
  const watchdog = new Watchdog();
  for (let second = 0; second < 15; second += 1) watchdog.look();
  expect(watchdog.look()).toMatchObject({ kind: 'timeout', reason: 'stalled' });
});
