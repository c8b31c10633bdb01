import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import {
  type AddressClass,
  checkCameraAddress,
  classifyAddress,
  isHomeAddress,
  looksNumeric,
} from '../../../server/egress/policy.ts';

const CLASSES: readonly (readonly [string, AddressClass | undefined])[] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.15.255.255', 'public'],
  ['172.32.0.0', 'public'],
  ['192.168.1.20', 'private'],
  ['192.169.0.1', 'public'],
  ['169.254.3.4', 'link-local'],
  ['169.254.169.254', 'never'],
  ['8.8.8.8', 'public'],
  // Shared address space of carriers (RFC 6598) is not the home.
  ['100.64.0.1', 'public'],
  ['0.0.0.0', 'never'],
  ['0.1.2.3', 'never'],
  ['224.0.0.251', 'never'],
  ['239.255.255.250', 'never'],
  ['240.0.0.1', 'never'],
  ['255.255.255.255', 'never'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::', 'never'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['febf::1', 'link-local'],
  ['fec0::1', 'public'],
  ['fd12:3456::1', 'private'],
  ['fc00::1', 'private'],
  ['fd00:ec2::254', 'never'],
  ['2001:db8::1', 'public'],
  ['2606:4700::1111', 'public'],
  ['ff02::fb', 'never'],
  ['64:ff9b::808:808', 'never'],
  ['2002:808:808::1', 'never'],
  ['2001:0:1::1', 'never'],
  ['::192.168.1.1', 'never'],
  // v4-mapped: what counts is the v4 address inside.
  ['::ffff:192.168.1.20', 'private'],
  ['::ffff:c0a8:114', 'private'],
  ['0:0:0:0:0:ffff:8.8.8.8', 'public'],
  ['::ffff:808:808', 'public'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:169.254.169.254', 'never'],
  ['::ffff:a9fe:a9fe', 'never'],
  ['::ffff:0:0', 'never'],
  // Other spellings of addresses are none: nobody can see where they lead.
  ['0177.0.0.1', undefined],
  ['0x7f.0.0.1', undefined],
  ['127.1', undefined],
  ['2130706433', undefined],
  ['192.168.001.020', undefined],
  ['192.168.1.20.', undefined],
  ['192.168.1.256', undefined],
  ['192.168.1', undefined],
  [' 192.168.1.20', undefined],
  ['١٩٢.168.1.20', undefined],
  ['[::1]', undefined],
  ['fd00::1%eth0', undefined],
  ['::1%lo', undefined],
  ['fe80::1%', undefined],
  ['fe80::1%et h0', undefined],
  ['camera.local', undefined],
  ['', undefined],
];

describe('classifyAddress', () => {
  it.each(CLASSES)('%s is %s', (address, expected) => {
    expect(classifyAddress(address)).toBe(expected);
  });
});

describe('isHomeAddress', () => {
  it.each([
    ...['10.0.0.1', '172.16.0.1', '172.31.255.1', '192.168.0.9', '127.0.0.1', '169.254.1.1'],
    ...['fd12:3456::1', 'fc00::1', 'fe80::1', 'febf::1', '::1', '::ffff:192.168.1.5'],
  ])('says yes to %s', (address) => {
    expect(isHomeAddress(address)).toBe(true);
  });

  it.each([
    ...['172.15.0.1', '172.32.0.1', '192.169.0.1', '100.64.0.1', '8.8.8.8', '203.0.113.9'],
    ...['1.10.0.1', '169.254.169.254', 'fec0::1', '2001:db8::1', '2606:4700::1111'],
    ...['::ffff:8.8.8.8', 'ff02::1', 'home', ''],
  ])('says no to %s', (address) => {
    expect(isHomeAddress(address)).toBe(false);
  });
});

describe('looksNumeric', () => {
  it.each(['127.1', '0x7f.1', '2130706433', '10.0.0.1.', 'camera.7', '0x'])('%s', (host) => {
    expect(looksNumeric(host)).toBe(true);
  });

  it.each(['camera', 'camera7', '7camera', '192-168-1-20', 'a.0x7g'])('not %s', (host) => {
    expect(looksNumeric(host)).toBe(false);
  });
});

function reasonOf(address: string, port = 554, ownPorts = new Set([8080])): string | undefined {
  try {
    checkCameraAddress(address, port, ownPorts);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    expect(thrown.kind).toBe('unprocessable');
    expect(thrown.hint).toMatch(/\.$/);
    return thrown.reason;
  }
}

describe('checkCameraAddress', () => {
  it('lets a camera be at home, on the link, and on this box', () => {
    expect(reasonOf('192.168.1.20')).toBeUndefined();
    expect(reasonOf('fe80::1%eth0')).toBeUndefined();
    expect(reasonOf('127.0.0.1')).toBeUndefined();
    expect(reasonOf('::ffff:10.0.0.5')).toBeUndefined();
  });

  it('refuses the Internet, reserved addresses, other spellings and Doorkeep itself', () => {
    expect(reasonOf('8.8.8.8')).toBe('public-address');
    expect(reasonOf('::ffff:8.8.8.8')).toBe('public-address');
    expect(reasonOf('169.254.169.254')).toBe('reserved-address');
    expect(reasonOf('0x7f.1')).toBe('bad-address');
    expect(reasonOf('127.0.0.1', 8080)).toBe('own-port');
    expect(reasonOf('::1', 8080)).toBe('own-port');
    expect(reasonOf('192.168.1.20', 8080)).toBeUndefined();
  });
});
