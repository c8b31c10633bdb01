import { describe, expect, it } from 'vitest';
import { boxNames, type Interfaces, shortName } from '../../../server/certificates/box-names.ts';

/** Interfaces by name, each with its addresses. */
function interfaces(all: Record<string, string[]>): Interfaces {
  return Object.fromEntries(
    Object.entries(all).map(([name, addresses]) => [
      name,
      addresses.map((address) => ({
        ...{ address, netmask: '', mac: '', internal: false, cidr: null },
        ...(address.includes(':')
          ? { family: 'IPv6' as const, scopeid: 0 }
          : { family: 'IPv4' as const }),
      })),
    ]),
  );
}

const AT_HOME = ['local', 'home.arpa', 'internal', 'lan'];

describe('names', () => {
  const namesOf = (host: string): readonly string[] => boxNames(host, {}).names;

  it('are those of the machine, the home’s domains behind it, and localhost', () => {
    expect(namesOf('Porch-Box')).toEqual([
      'porch-box',
      ...AT_HOME.map((domain) => `porch-box.${domain}`),
      'localhost',
    ]);
  });

  it('hold a full name as well, and a trailing dot means nothing', () => {
    expect(namesOf('door.example.org.').slice(0, 3)).toEqual([
      ...['door.example.org', 'door', 'door.local'],
    ]);
    expect(namesOf('door.local').slice(0, 2)).toEqual(['door.local', 'door']);
  });

  it.each([
    '',
    'localhost',
    'localhost.localdomain',
    '192.168.1.1',
    '0x7f',
    'a_b',
    '-a',
    'ä',
    'a..b',
  ])('of %j is localhost alone', (host) => {
    expect(namesOf(host)).toEqual(['localhost']);
    expect(shortName(boxNames(host, {}))).toBeUndefined();
  });

  it('never cover a public top-level domain', () => {
    expect(namesOf('box')).not.toContain('box');
    expect(namesOf('dev')).toEqual([...AT_HOME.map((domain) => `dev.${domain}`), 'localhost']);
    expect(shortName(boxNames('dev', {}))).toBe('dev');
  });
});

describe('addresses', () => {
  it('are the private ones, those that phones can open first', () => {
    expect(
      boxNames(
        'x',
        interfaces({
          lo: ['127.0.0.1', '::1'],
          docker0: ['172.17.0.1'],
          eth0: ['fd00::2', 'fe80::1', '192.168.1.20', '203.0.113.9', '2001:db8::1', '169.254.3.3'],
          wlan0: ['10.0.0.7', '192.168.1.20'],
          tailscale0: ['100.101.102.103'],
        }),
      ).addresses,
    ).toEqual(['10.0.0.7', '192.168.1.20', '169.254.3.3', 'fd00::2', '172.17.0.1']);
  });

  it('are 32 at most', () => {
    const many = Array.from({ length: 100 }, (_, index) => `10.1.1.${String(index)}`);
    expect(boxNames('x', interfaces({ eth0: many })).addresses).toHaveLength(32);
  });
});
