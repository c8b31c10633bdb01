/** Locking in the pages of one browser: closed at once, open only when the box says so. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Timer } from '../../../../web/base/clock.ts';
import { box, look } from '../../../../web/state/box.ts';
import { hearLock, isLocked, lock, lockTrouble, unlock } from '../../../../web/state/lock.ts';
import { ownerCall } from '../../../../web/state/owner-call.ts';
import { PageBox } from '../../../doubles/page-box.ts';

let there: PageBox;

beforeEach(async () => {
  there = new PageBox();
  await look();
  expect(isLocked.value).toBe(false);
});

afterEach(() => {
  there.leave();
});

describe('lock', () => {
  it('closes the page before the box has answered', async () => {
    const locking = lock();
    expect(isLocked.value).toBe(true);
    await locking;
    expect(isLocked.value).toBe(true);
    expect(there.asked.at(-1)).toBe('POST /api/lock');
  });

  it('does not say that it is locked when the box did not', async () => {
    there.refuses = true;
    await lock();
    expect(isLocked.value).toBe(false);
    expect(lockTrouble.value?.status).toBe(503);
    there.refuses = false;
    await lock();
    expect(lockTrouble.value).toBeUndefined();
  });

  it('is learnt from any answer that says so', async () => {
    there.locked = true;
    await ownerCall('POST', '/api/exports', { body: {} });
    expect(isLocked.value).toBe(true);
  });
});

describe('unlock', () => {
  it('opens with the right password, and tells what is wrong with another', async () => {
    await lock();
    there.refuses = true;
    expect((await unlock('no'))?.reason).toBe('wrong-password');
    expect(isLocked.value).toBe(true);
    // A wrong password is no reason to sign in anew.
    expect(box.value.at).toBe('ready');
    there.refuses = false;
    expect(await unlock('yes')).toBeUndefined();
    expect(isLocked.value).toBe(false);
  });
});

describe('another page of this browser', () => {
  let other: BroadcastChannel;
  let hearing: Timer;

  beforeEach(() => {
    other = new BroadcastChannel('doorkeep-lock');
    hearing = hearLock();
  });
  afterEach(() => {
    hearing.cancel();
    other.close();
  });

  it('is believed when it locks, and not when it unlocks', async () => {
    // The box says otherwise, and is not even asked.
    other.postMessage('locked');
    await expect.poll(() => isLocked.value).toBe(true);
    there.locked = true;
    const before = there.asked.length;
    other.postMessage('look');
    await expect.poll(() => there.asked.slice(before)).toEqual(['GET /api/session']);
    expect(isLocked.value).toBe(true);
    there.locked = false;
    other.postMessage('look');
    await expect.poll(() => isLocked.value).toBe(false);
  });

  it('is told of both', async () => {
    const heard: unknown[] = [];
    other.onmessage = ({ data }: MessageEvent<unknown>) => heard.push(data);
    await lock();
    await unlock('yes');
    await expect.poll(() => heard).toEqual(['locked', 'look']);
  });
});
