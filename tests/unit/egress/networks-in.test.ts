import { describe, expect, it } from 'vitest';
import { networksThatMayComeIn } from '../../../server/confine/home-networks.ts';
import { formatRange } from '../../../server/egress/network-ranges.ts';
import { NetworksIn, parseNetwork } from '../../../server/egress/networks-in.ts';

describe('a range that an owner types', () => {
  it.each(['100.64.0.0/10', '100.100.0.0/16', '100.64.1.2/32', '2a02:8070:1234::/48', '2A02::/64'])(
    '%s is taken',
    (typed) => {
      expect(formatRange(parseNetwork(` ${typed} `))).toBe(typed.toLowerCase());
    },
  );

  it.each(['100.64.1.2/10', '100.100.0.0/10', '2a02:8070:1234:5::/48'])(
    '%s is not, because it begins in the middle: the kernel’s rules would not load',
    (typed) => {
      expect(() => parseNetwork(typed)).toThrow('does not begin where its range begins');
    },
  );

  it.each([
    ...['8.8.8.0/24', '0.0.0.0/0', '100.0.0.0/8', '100.128.0.0/16', '192.168.0.0/16', '::/0'],
    ...['2000::/3', '2a02::/32', '2002:c0a8::/48', '2001::/48', 'fd00::/64', '169.254.169.254/32'],
  ])('%s is not: it is of the Internet, or at home already', (typed) => {
    expect(() => parseNetwork(typed)).toThrow(
      expect.objectContaining({ kind: 'unprocessable', reason: 'foreign-network' }),
    );
  });

  it.each([
    ...[
      '',
      'home',
      '100.64.0.0',
      '100.64.0.0/',
      '100.64.0.0/33',
      '100.64.0.0/-1',
      '100.64.0.0/1e1',
    ],
    ...['100.64/10', '0x64.64.0.0/10', '100.64.0.0/10/10', 'fe80::1%eth0/64', '2a02::/129'],
    ...['constructor', '__proto__/10', '100.64.0.0\u0000/10', '\u0661\u0660.0.0.0/8'],
  ])('%j is no range', (typed) => {
    expect(() => parseNetwork(typed)).toThrow(expect.objectContaining({ reason: 'bad-network' }));
  });
});

describe('who may come in', () => {
  it.each(['127.0.0.1', '::1', '10.1.2.3', '172.31.0.1', '192.168.1.1', 'fe80::1', 'fd00::1'])(
    'the home: %s, and the list for the kernel says the same',
    (address) => {
      expect(new NetworksIn().has(address)).toBe(true);
    },
  );

  it('nobody else until a range is added, and nobody again when it is taken away', () => {
    const networks = new NetworksIn();
    const strangers = ['100.64.0.7', '::ffff:100.64.0.7', '8.8.8.8', '2a02:8070::1', '', undefined];
    const inside = (): boolean[] => strangers.map((address) => networks.has(address));
    expect(inside()).toEqual([false, false, false, false, false, false]);
    networks.set(['100.64.0.0/10']);
    expect(inside()).toEqual([true, true, false, false, false, false]);
    networks.set([]);
    expect(inside()).toEqual([false, false, false, false, false, false]);
  });

  it('nobody by a list with one wrong line: all is as before', () => {
    const networks = new NetworksIn();
    networks.set(['100.64.0.0/10']);
    expect(() => {
      networks.set(['100.64.0.0/16', '0.0.0.0/0']);
    }).toThrow(expect.objectContaining({ reason: 'foreign-network' }));
    expect(networks.added).toEqual(['100.64.0.0/10']);
    expect(networks.has('100.100.0.1')).toBe(true);
  });

  it('the same as the kernel is told: the home, and what was added', () => {
    const networks = new NetworksIn();
    networks.set(['100.64.0.0/10', '2a02:8070:1234::/48']);
    const listed = networksThatMayComeIn(networks.added).map(formatRange);
    expect(listed).toEqual(expect.arrayContaining([...networks.added]));
    // The first address of each range of the kernel's list may come in here, too.
    const firsts = listed.map((range) => range.split('/')[0]);
    expect(firsts.filter((address) => !networks.has(address))).toEqual([]);
  });
});
