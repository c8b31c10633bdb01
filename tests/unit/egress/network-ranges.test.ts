import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { networksThatMayComeIn, ofFamily } from '../../../server/confine/home-networks.ts';
import {
  contains,
  formatRange,
  parseRange,
  without,
} from '../../../server/egress/network-ranges.ts';
import { classifyAddress } from '../../../server/egress/policy.ts';

describe('a range', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['192.168.1.20', '192.168.1.20/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['fc00::/7', 'fc00::/7'],
    ['fd12:3456:789a:1::/64', 'fd12:3456:789a:1::/64'],
    ['FD00:0:0:0:0:0:0:1', 'fd00::1/128'],
    ['::/0', '::/0'],
    ['::ffff:192.168.0.0/112', '::ffff:c0a8:0/112'],
  ])('is read: %s', (text, formatted) => {
    expect(formatRange(parseRange(text))).toBe(formatted);
  });

  it.each([
    '',
    '/',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/8 ',
    '10.0.0',
    '0x0a.0.0.0/8',
    '010.0.0.0/8',
    'fe80::1%eth0',
    '::/129',
    '::/1e2',
    'home',
    'constructor',
    '10.0.0.0/8,11.0.0.0/8',
  ])('is refused: %s', (text) => {
    expect(() => parseRange(text)).toThrow('There is no range of addresses like');
  });

  it('whose address is inside it is refused, with the whole range', () => {
    expect(() => parseRange('192.168.1.20/24')).toThrow('does not begin where its range begins');
    try {
      parseRange('192.168.1.20/24');
    } catch (thrown) {
      expect(thrown).toMatchObject({
        kind: 'unprocessable',
        hint: expect.stringContaining('192.168.1.0/24') as unknown,
      });
    }
  });

  it('contains what shares its beginning', () => {
    const home = parseRange('10.0.0.0/8');
    expect(contains(home, parseRange('10.8.0.0/24'))).toBe(true);
    expect(contains(home, home)).toBe(true);
    expect(contains(home, parseRange('11.0.0.0/24'))).toBe(false);
    expect(contains(home, parseRange('10.0.0.0/7'))).toBe(false);
    expect(contains(parseRange('::/0'), home)).toBe(false);
  });

  it('without a hole is everything else, exactly', () => {
    const whole = parseRange('10.0.0.0/28');
    const rest = without(whole, parseRange('10.0.0.5/32')).map(formatRange);
    expect(rest).toEqual(['10.0.0.0/30', '10.0.0.4/32', '10.0.0.6/31', '10.0.0.8/29']);
    const list = new BlockList();
    for (const range of rest) {
      const [address = '', prefix] = range.split('/');
      list.addSubnet(address, Number(prefix), 'ipv4');
    }
    const inside = Array.from({ length: 18 }, (_, host) => list.check(`10.0.0.${String(host)}`));
    expect(inside).toEqual(Array.from({ length: 18 }, (_, host) => host < 16 && host !== 5));
  });

  it('without what is not in it stays; without all of it nothing is left', () => {
    const range = parseRange('10.0.0.0/8');
    expect(without(range, parseRange('11.0.0.1'))).toEqual([range]);
    expect(without(range, range)).toEqual([]);
    expect(without(range, parseRange('0.0.0.0/0'))).toEqual([]);
  });
});

describe('the networks that may come in', () => {
  it('are what the policy calls home, address by address', () => {
    const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
    const networks = networksThatMayComeIn();
    for (const range of networks) {
      const [address = '', prefix] = formatRange(range).split('/');
      const family = range.family === 4 ? 'ipv4' : 'ipv6';
      lists[family].addSubnet(address, Number(prefix), family);
    }
    const isHome = (address: string): boolean =>
      lists[address.includes(':') ? 'ipv6' : 'ipv4'].check(
        address,
        address.includes(':') ? 'ipv6' : 'ipv4',
      );
    const addresses = [
      ...['9.255.255.255', '10.0.0.0', '10.255.255.255', '11.0.0.0', '100.64.0.1', '8.8.8.8'],
      ...['172.15.255.255', '172.16.0.0', '172.31.255.255', '172.32.0.0', '192.167.255.255'],
      ...['192.168.0.0', '192.168.255.255', '192.169.0.0', '169.254.0.1', '169.254.169.253'],
      ...['169.254.169.254', '169.254.169.255', '169.254.255.255', '169.255.0.0', '224.0.0.1'],
      ...[
        'fe80::1',
        'febf::1',
        'fec0::1',
        'fc00::1',
        'fdff::1',
        'fe00::1',
        '2001:db8::1',
        'ff02::1',
      ],
    ];
    for (const address of addresses) {
      const kind = classifyAddress(address);
      expect([address, isHome(address)]).toEqual([
        address,
        kind === 'private' || kind === 'link-local',
      ]);
    }
  });

  it('have none inside another, which nftables would refuse', () => {
    const added = ['100.100.0.0/16', '100.64.0.0/10', '100.64.0.0/10'];
    const shared = ofFamily(networksThatMayComeIn(added), 4).filter((text) =>
      text.startsWith('100.'),
    );
    expect(shared).toEqual(['100.64.0.0/10']);
  });

  it('take a range by hand, once, and not one that is at home already', () => {
    const added = networksThatMayComeIn(['100.64.0.0/10', '10.8.0.0/24']).map(formatRange);
    expect(added).toContain('100.64.0.0/10');
    expect(added).not.toContain('10.8.0.0/24');
    expect(ofFamily(networksThatMayComeIn(), 6)).toEqual(['fc00::/7', 'fe80::/10']);
  });
});
