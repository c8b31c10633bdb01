import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import {
  checkResolvers,
  type Lookup,
  LOOKUP_TIMEOUT_MS,
  resolveCameraHost,
} from '../../../server/egress/resolve.ts';
import { TestClock } from '../../doubles/test-clock.ts';

const NEVER: Lookup = () => Promise.reject(new Error('must not be asked'));

function answering(...addresses: string[]): Lookup {
  return () => Promise.resolve(addresses.map((address) => ({ address })));
}

function resolve(host: string, lookup: Lookup, clock = new TestClock()): Promise<string> {
  return resolveCameraHost(host, { port: 554, ownPorts: new Set([8080]), lookup, clock });
}

async function reasonOf(promise: Promise<unknown>): Promise<string | undefined> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof AppError)) throw new Error('resolved, or threw something else');
  return thrown.reason;
}

describe('checkResolvers', () => {
  it.each([
    [[]],
    [['192.168.1.1']],
    [['127.0.0.53', 'fe80::1%eth0', '[fd00::1]:5353']],
    [['192.168.1.1:53']],
  ])('lets the home be asked: %j', (servers) => {
    expect(() => {
      checkResolvers(servers);
    }).not.toThrow();
  });

  it.each([[['9.9.9.9']], [['192.168.1.1', '2620:fe::fe']], [['[2620:fe::fe]:53']]])(
    'lets nobody on the Internet be asked: %j',
    async (servers) => {
      const lookup: Lookup = async () => {
        checkResolvers(servers);
        return NEVER('');
      };
      expect(await reasonOf(resolve('camera.local', lookup))).toBe('public-resolver');
    },
  );
});

describe('resolveCameraHost', () => {
  it('asks nobody about a literal', async () => {
    expect(await resolve('192.168.1.20', NEVER)).toBe('192.168.1.20');
    expect(await reasonOf(resolve('8.8.8.8', NEVER))).toBe('public-address');
    expect(await reasonOf(resolve('127.1', NEVER))).toBe('bad-address');
    expect(await reasonOf(resolve('zz::1', NEVER))).toBe('bad-address');
  });

  it('pins the first answer when each of them is allowed', async () => {
    expect(await resolve('camera.local', answering('192.168.1.20', 'fd00::20'))).toBe(
      '192.168.1.20',
    );
  });

  it('refuses a name of which one answer leads out', async () => {
    const mixed = answering('192.168.1.20', '203.0.113.9');
    expect(await reasonOf(resolve('camera.example', mixed))).toBe('public-address');
  });

  it('says so when nobody knows the name, or nobody answers', async () => {
    expect(await reasonOf(resolve('nobody', answering()))).toBe('unknown-host');
    const failing: Lookup = () => Promise.reject(new Error('ENOTFOUND'));
    expect(await reasonOf(resolve('nobody', failing))).toBe('unknown-host');

    const clock = new TestClock();
    const silent = reasonOf(resolve('nobody', () => new Promise(() => undefined), clock));
    await clock.advance(LOOKUP_TIMEOUT_MS);
    expect(await silent).toBe('unknown-host');
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no timer behind', async () => {
    const clock = new TestClock();
    await resolve('camera.local', answering('192.168.1.20'), clock);
    expect(clock.pendingTimers).toBe(0);
  });

  it('stops when its signal does', async () => {
    const stop = new AbortController();
    const asked = resolveCameraHost('camera.local', {
      port: 554,
      ownPorts: new Set(),
      lookup: () => new Promise(() => undefined),
      clock: new TestClock(),
      signal: stop.signal,
    });
    stop.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
