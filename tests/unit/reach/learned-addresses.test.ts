/** Who can make the certificate name what: the rule that learns addresses from those who come. */
import { describe, expect, it } from 'vitest';
import { LEARNED_ADDRESSES_MAX } from '../../../server/contract/settings.ts';
import { learn, literalOf } from '../../../server/reach/learned-addresses.ts';
import type { LearnedAddress } from '../../../server/storage/learned-addresses.ts';

const claimed = (address: string): LearnedAddress => ({ address, isOwners: false });
const owners = (address: string): LearnedAddress => ({ address, isOwners: true });
const many = (count: number, of = claimed): LearnedAddress[] =>
  Array.from({ length: count }, (_, index) => of(`10.0.0.${String(index + 1)}`));

describe('the literal of a Host field', () => {
  it.each([
    ['192.168.1.20', '192.168.1.20'],
    ['192.168.1.20:8080', '192.168.1.20'],
    ['10.0.0.1:443', '10.0.0.1'],
    ['172.31.255.1', '172.31.255.1'],
    ['[fd12:3456::20]:8080', 'fd12:3456::20'],
    ['[fd00:0:0:0:0:0:0:1]', 'fd00::1'],
  ])('%s is %s', (host, expected) => {
    expect(literalOf(host)).toBe(expected);
  });

  it.each([
    ...['93.184.216.34', '100.64.0.1', '172.32.0.1', '[2001:db8::1]', '[2a00::1]'],
    ...['127.0.0.1', '[::1]', '169.254.1.1', '169.254.169.254', '[fe80::1]', '[fe80::1%25eth0]'],
    // Outside the signer's constraints: one of them would spoil the certificate for all others.
    ...['[::ffff:192.168.1.20]', '[::ffff:c0a8:114]', '[fd00:ec2::254]', '[64:ff9b::c0a8:114]'],
    ...[
      'porch.local',
      'localhost',
      'constructor',
      '__proto__',
      'evil.example',
      '192.168.1.20.nip.io',
    ],
    ...['', ':8080', '192.168.1', '192.168.1.256', '0192.168.1.20', '0xc0.168.1.20', '3232235796'],
    ...['192.168.1.20.', '192.168.1.20:', '192.168.1.20:999999', ' 192.168.1.20', '192.168.1.20\n'],
    ...['fd00::1', '[fd00::1', '[fd00:::1]', '[]', '192.168.1.20@evil.example', 'a'.repeat(9_000)],
  ])('%s is none', (host) => {
    expect(literalOf(host)).toBeUndefined();
  });
});

describe('a place', () => {
  it('is given to whoever comes, while there are some', () => {
    const full = many(LEARNED_ADDRESSES_MAX).reduce<readonly LearnedAddress[]>(
      (places, came) => learn(places, came) ?? [],
      [],
    );
    expect(full).toEqual(many(LEARNED_ADDRESSES_MAX));
    expect(LEARNED_ADDRESSES_MAX).toBe(8);
  });

  it('is given once', () => {
    expect(learn(many(3), claimed('10.0.0.2'))).toBeUndefined();
    expect(learn(many(3, owners), owners('10.0.0.2'))).toBeUndefined();
  });

  it('becomes the owner’s when the owner comes by it, and stays his', () => {
    const places = learn(many(3), owners('10.0.0.2'));
    expect(places?.map(({ isOwners }) => isOwners)).toEqual([false, true, false]);
    expect(learn(places ?? [], claimed('10.0.0.2'))).toBeUndefined();
  });

  it('goes to the ninth from the oldest that is not the owner’s', () => {
    const places = [owners('192.168.1.20'), ...many(7)];
    const next = learn(places, claimed('10.9.9.9'));
    expect(next?.map(({ address }) => address)).toEqual([
      ...['192.168.1.20', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.7'],
      '10.9.9.9',
    ]);
  });

  it('is not there for a ninth when all are the owner’s', () => {
    const places = many(LEARNED_ADDRESSES_MAX, owners);
    expect(learn(places, claimed('10.9.9.9'))).toBeUndefined();
    expect(learn(places, owners('10.9.9.9'))).toBeUndefined();
  });

  it('of the owner’s survives whatever is claimed', () => {
    let places: readonly LearnedAddress[] = [owners('192.168.1.20')];
    for (let count = 0; count < 300; count += 1) {
      places =
        learn(places, claimed(`10.1.${String(count >> 8)}.${String(count & 255)}`)) ?? places;
      expect(places.length).toBeLessThanOrEqual(LEARNED_ADDRESSES_MAX);
    }
    expect(places[0]).toEqual(owners('192.168.1.20'));
  });
});
