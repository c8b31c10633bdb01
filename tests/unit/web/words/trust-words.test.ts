import { describe, expect, it } from 'vitest';
import {
  fingerprintRows,
  systemOf,
  SYSTEMS,
  TRUST_STEPS,
} from '../../../../web/words/trust-words.ts';

describe('the steps to trust a box', () => {
  it.each([
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari', 5, 'iphone'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari', 5, 'iphone'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari', 0, 'mac'],
    ['Mozilla/5.0 (Linux; Android 15) Chrome', 5, 'android'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome', 10, 'windows'],
    ['Mozilla/5.0 (X11; Linux x86_64) Chrome', 0, 'linux'],
  ] as const)('fit %s', (userAgent, touchPoints, system) => {
    expect(systemOf(userAgent, touchPoints)).toBe(system);
  });

  it('always have the number compared', () => {
    for (const system of Object.keys(SYSTEMS) as (keyof typeof SYSTEMS)[]) {
      expect(TRUST_STEPS[system].join(' '), system).toMatch(/compare/i);
    }
  });
});

describe('a fingerprint', () => {
  const digits = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0'));

  it.each([':', ' ', ''])('stands in four rows of eight, however it comes: %j', (between) => {
    const rows = fingerprintRows(digits.join(between));
    expect(rows).toHaveLength(4);
    expect(rows[0]).toBe('00 01 02 03 04 05 06 07');
    expect(rows[3]).toBe('18 19 1A 1B 1C 1D 1E 1F');
  });
});
