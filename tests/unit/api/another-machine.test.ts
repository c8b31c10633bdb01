import { describe, expect, it } from 'vitest';
import { isFromAnotherMachine } from '../../../server/api/another-machine.ts';

describe('another machine', () => {
  const phone = {
    ...{ secure: true, remoteAddress: '::ffff:192.168.1.30' },
    localAddress: '::ffff:192.168.1.20',
  };

  it.each([
    ['a phone at home', {}, true],
    ['a phone over IPv6', { remoteAddress: 'fd00::30', localAddress: 'fd00::20' }, true],
    ['a phone over plain HTTP', { secure: false }, false],
    ['the box by its own address', { remoteAddress: '::ffff:192.168.1.20' }, false],
    ['the box by loopback', { remoteAddress: '127.0.0.1', localAddress: '127.0.0.1' }, false],
    ['the box by another loopback', { remoteAddress: '::ffff:127.0.0.2' }, false],
    ['the box by IPv6', { remoteAddress: '::1', localAddress: '::1' }, false],
    ['who is gone', { remoteAddress: undefined }, false],
  ])('%s', (_who, change, expected) => {
    expect(isFromAnotherMachine({ ...phone, ...change })).toBe(expected);
  });
});
