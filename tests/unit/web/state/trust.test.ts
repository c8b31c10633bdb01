import { describe, expect, it } from 'vitest';
import type { LiveStatus } from '../../../../web/player/live-status.ts';
import {
  askTrust,
  isThisMachine,
  judge,
  noteLive,
  trust,
  type TrustParts,
} from '../../../../web/state/trust.ts';
import { TestClock } from '../../../doubles/test-clock.ts';

/** What Chromium says on a page that a person opened in spite of a warning (measured with 156). */
const REFUSED = new Error(
  "Failed to register a ServiceWorker for scope ('https://192.168.1.2/') with script " +
    "('https://192.168.1.2/trust-check.js'): An SSL certificate error occurred when fetching the script.",
);

/** What it says instead when the worker's fetch had to open a connection of its own. */
const UNFETCHED = new TypeError(
  "Failed to register a ServiceWorker for scope ('https://192.168.1.2/') with script " +
    "('https://192.168.1.2/trust-check.js'): An unknown error occurred when fetching the script.",
);

const AFAR = { protocol: 'https:', hostname: '192.168.1.2' };

const HELD_BACK: LiveStatus = { at: 'connecting', waitsFor: 'box', long: true };

/** A browser as Chromium is, from another machine, that trusts the box. */
function browser(parts: Partial<TrustParts> = {}): TrustParts & { clock: TestClock } {
  const clock = new TestClock();
  return {
    ...{ origin: AFAR, workersTell: true },
    register: () => Promise.resolve(),
    ...{ isThere: () => Promise.resolve(true), answers: () => Promise.resolve(true) },
    ...parts,
    clock,
  };
}

describe('a worker', () => {
  it('is refused where the box is not known', async () => {
    await askTrust(browser({ register: () => Promise.reject(REFUSED) }));
    expect(trust.value).toBe('untrusted');
  });

  it('is taken where the box is known', async () => {
    await askTrust(browser());
    expect(trust.value).toBe('trusted');
  });

  it.each([
    { second: UNFETCHED, isThere: true, is: 'untrusted' },
    { second: REFUSED, isThere: true, is: 'untrusted' },
    { second: undefined, isThere: true, is: 'trusted' },
    { second: UNFETCHED, isThere: false, is: 'unknown' },
  ])('that was not fetched is asked for again: $second, $isThere', async (told) => {
    const refusals = [UNFETCHED, told.second].values();
    const register = (): Promise<void> => {
      const refusal = refusals.next().value;
      return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
    };
    await askTrust(browser({ register, isThere: () => Promise.resolve(told.isThere) }));
    expect(trust.value).toBe(told.is);
  });

  it('keeps pictures waiting, but not for long, and is believed even late', async () => {
    let refuse: (refusal: Error) => void = () => undefined;
    const register = (): Promise<void> =>
      new Promise((_resolve, reject) => {
        refuse = reject;
      });
    const slow = browser({ register });
    const asked = askTrust(slow);
    await slow.clock.advance(1_999);
    expect(trust.value).toBe('asking');
    await slow.clock.advance(1);
    expect(trust.value).toBe('unknown');
    refuse(REFUSED);
    await asked;
    expect(trust.value).toBe('untrusted');
  });

  it('says nothing in browsers that take every worker, or for another reason none', async () => {
    await askTrust(browser({ workersTell: false }));
    expect(trust.value).toBe('unknown');
    expect(judge(new Error('The user denied permission to use Service Worker.'))).toBe('unknown');
    expect(judge('SSL certificate')).toBe('unknown');
  });

  it.each([
    ['http:', '127.0.0.1'],
    ['http:', 'localhost'],
    ['https:', '[::1]'],
    ['https:', 'box.localhost'],
  ])('is not asked about on the box itself: %s//%s', async (protocol, hostname) => {
    const register = (): Promise<void> => Promise.reject(REFUSED);
    await askTrust(browser({ origin: { protocol, hostname }, register }));
    expect(trust.value).toBe('trusted');
  });

  it('knows the box’s own machine from names that only look like it', () => {
    expect(isThisMachine({ protocol: 'https:', hostname: '127.0.0.1.example' })).toBe(false);
    expect(isThisMachine({ protocol: 'https:', hostname: 'localhost.example' })).toBe(false);
  });
});

describe('a live socket that never opens', () => {
  it('tells where workers do not, once the box was asked', async () => {
    const safari = browser({ workersTell: false });
    await askTrust(safari);
    noteLive(HELD_BACK, safari);
    await safari.clock.advance(4_999);
    expect(trust.value).toBe('unknown');
    await safari.clock.advance(1);
    expect(trust.value).toBe('untrusted');
  });

  it('tells nothing while the box does not answer', async () => {
    const safari = browser({ workersTell: false, answers: () => Promise.resolve(false) });
    await askTrust(safari);
    noteLive(HELD_BACK, safari);
    await safari.clock.advance(10_000);
    expect(trust.value).toBe('unknown');
  });

  it.each<LiveStatus>([
    { at: 'live' },
    { at: 'connecting', waitsFor: 'picture', long: true },
    { at: 'connecting', waitsFor: 'box', long: false },
    { at: 'gone' },
  ])('is forgotten as soon as it is not that: $at', async (status) => {
    const safari = browser({ workersTell: false });
    await askTrust(safari);
    noteLive(HELD_BACK, safari);
    await safari.clock.advance(3_000);
    noteLive(status, safari);
    await safari.clock.advance(10_000);
    expect(trust.value).toBe('unknown');
  });

  it('is not held against a browser that is known to trust the box', async () => {
    const chromium = browser();
    await askTrust(chromium);
    noteLive(HELD_BACK, chromium);
    await chromium.clock.advance(10_000);
    expect(trust.value).toBe('trusted');
  });
});
