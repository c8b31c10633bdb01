/** Locking in the pages of one browser: closed at once, open only when the box says so. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { box, look } from '../../../../web/state/box.ts';
import { hearLock, isLocked, lock, lockTrouble, unlock } from '../../../../web/state/lock.ts';

/** What the box answers, by method and path; `locked` is its own truth. */
let locked: boolean;
let asked: string[];
let refuses: boolean;

function answer(status: number, body?: unknown): Response {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    ...(body === undefined ? {} : { headers: { 'Content-Type': type } }),
  });
}

function boxAnswers(path: string, method: string): Response {
  asked.push(`${method} ${path}`);
  switch (`${method} ${path}`) {
    case 'GET /api/health':
      return answer(200, { version: '1', setUp: true });
    case 'GET /api/session':
      return answer(200, { user: 'sam', role: 'owner', locked });
    case 'POST /api/lock':
      if (refuses) return answer(503, { type: 'urn:doorkeep:problem:unavailable', detail: 'No.' });
      locked = true;
      return answer(204);
    case 'POST /api/unlock':
      if (refuses) {
        const reason = 'wrong-password';
        return answer(401, { type: 'urn:doorkeep:problem:unauthenticated', detail: 'No.', reason });
      }
      locked = false;
      return answer(204);
    default:
      throw new Error(`nobody should ask for ${path}`);
  }
}

beforeEach(async () => {
  locked = false;
  refuses = false;
  asked = [];
  vi.stubGlobal('fetch', (path: string, { method }: { method: string }) =>
    Promise.resolve(boxAnswers(path, method)),
  );
  await look();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('lock', () => {
  it('closes the page before the box has answered', async () => {
    const locking = lock();
    expect(isLocked.value).toBe(true);
    await locking;
    expect(isLocked.value).toBe(true);
    expect(asked.at(-1)).toBe('POST /api/lock');
  });

  it('does not say that it is locked when the box did not', async () => {
    refuses = true;
    await lock();
    expect(isLocked.value).toBe(false);
    expect(lockTrouble.value?.status).toBe(503);
    refuses = false;
    await lock();
    expect(lockTrouble.value).toBeUndefined();
  });
});

describe('unlock', () => {
  it('opens with the right password, and tells what is wrong with another', async () => {
    await lock();
    refuses = true;
    expect((await unlock('no'))?.reason).toBe('wrong-password');
    expect(isLocked.value).toBe(true);
    // A wrong password is no reason to sign in anew.
    expect(box.value.at).toBe('ready');
    refuses = false;
    expect(await unlock('yes')).toBeUndefined();
    expect(isLocked.value).toBe(false);
  });
});

describe('another page of this browser', () => {
  it('is believed when it locks, and not when it says anything else', async () => {
    const heard: ((event: { data: string }) => void)[] = [];
    class Channel {
      addEventListener(_name: string, listener: (event: { data: string }) => void): void {
        heard.push(listener);
      }

      postMessage(): void {
        // Nobody else listens here.
      }
    }
    vi.stubGlobal('BroadcastChannel', Channel);
    hearLock();
    heard[0]?.({ data: 'locked' });
    expect(isLocked.value).toBe(true);
    locked = true;
    asked = [];
    heard[0]?.({ data: 'look' });
    await vi.waitFor(() => {
      expect(asked).toEqual(['GET /api/session']);
    });
    expect(isLocked.value).toBe(true);
    locked = false;
    heard[0]?.({ data: 'look' });
    await vi.waitFor(() => {
      expect(isLocked.value).toBe(false);
    });
  });
});
