import { describe, expect, it } from 'vitest';
import { epochMs, parseRfc3339, ticksToMs, toRfc3339 } from '../../../server/base/time.ts';

describe('parseRfc3339', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-11-22T15:04:05.123Z', Date.UTC(2026, 10, 22, 15, 4, 5, 123)],
    ['2026-11-22T15:04:05.123456789Z', Date.UTC(2026, 10, 22, 15, 4, 5, 123)],
    ['2026-11-22T15:04:05+02:00', Date.UTC(2026, 10, 22, 13, 4, 5)],
    ['2026-11-22T15:04:05-23:59', Date.UTC(2026, 10, 23, 15, 3, 5)],
    ['2026-11-22T15:04:05-00:00', Date.UTC(2026, 10, 22, 15, 4, 5)],
    ['2026-11-22t15:04:05z', Date.UTC(2026, 10, 22, 15, 4, 5)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['2026-12-31T23:59:59.999Z', Date.UTC(2026, 11, 31, 23, 59, 59, 999)],
  ])('reads %s', (text, expected) => {
    expect(parseRfc3339(text)).toBe(expected);
  });

  it.each([
    ['30 February', '2026-02-30T00:00:00Z'],
    ['29 February of another year', '2026-02-29T00:00:00Z'],
    ['29 February of 1900', '1900-02-29T00:00:00Z'],
    ['31 April', '2026-04-31T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['24 o’clock', '2026-01-01T24:00:00Z'],
    ['minute 60', '2026-01-01T00:60:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['no zone', '2026-01-01T00:00:00'],
    ['a date alone', '2026-01-01'],
    ['a space for the T', '2026-01-01 00:00:00Z'],
    ['a zone without a colon', '2026-01-01T00:00:00+0200'],
    ['a zone of 24 h', '2026-01-01T00:00:00+24:00'],
    ['a dot and nothing', '2026-01-01T00:00:00.Z'],
    ['ten digits of a second', '2026-01-01T00:00:00.1234567890Z'],
    ['milliseconds since 1970', '1767225600000'],
    ['white space around it', ' 2026-01-01T00:00:00Z'],
    ['a second line', '2026-01-01T00:00:00Z\n'],
    ['nothing', ''],
    ['words', 'yesterday'],
  ])('refuses %s', (_what, text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });

  it('reads back what toRfc3339 wrote', () => {
    const instant = epochMs(1_767_225_600_123);
    expect(parseRfc3339(toRfc3339(instant))).toBe(instant);
  });
});

it('ticksToMs keeps the fraction', () => {
  expect(ticksToMs(1, 90_000)).toBeCloseTo(0.0111, 4);
  expect(ticksToMs(90_000 * 3_600, 90_000)).toBe(3_600_000);
});
