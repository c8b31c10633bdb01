import { describe, expect, it } from 'vitest';
import { lastDays } from '../../../server/storage/zone-days.ts';

const HOUR_MS = 3_600_000;

function hours(timeZone: string, nowIso: string, count: number): (string | number)[][] {
  return lastDays(timeZone, Date.parse(nowIso), count).map(({ day, fromMs, toMs }) => [
    ...[day, new Date(fromMs).toISOString().slice(5, 16), (toMs - fromMs) / HOUR_MS],
  ]);
}

describe('calendar days', () => {
  it('are 23 and 25 hours long when the clocks change', () => {
    expect(hours('Europe/Berlin', '2026-03-30T10:00:00Z', 3)).toEqual([
      ['2026-03-28', '03-27T23:00', 24],
      ['2026-03-29', '03-28T23:00', 23],
      ['2026-03-30', '03-29T22:00', 24],
    ]);
    expect(hours('Europe/Berlin', '2026-10-26T10:00:00Z', 3)).toEqual([
      ['2026-10-24', '10-23T22:00', 24],
      ['2026-10-25', '10-24T22:00', 25],
      ['2026-10-26', '10-25T23:00', 24],
    ]);
  });

  it('begin where the zone says, also at a quarter of an hour, and at one o’clock', () => {
    expect(hours('Asia/Kathmandu', '2026-01-01T20:00:00Z', 1)).toEqual([
      ['2026-01-02', '01-01T18:15', 24],
    ]);
    // In Beirut clocks go from 0 to 1: that day has no midnight.
    expect(hours('Asia/Beirut', '2026-03-29T12:00:00Z', 1)).toEqual([
      ['2026-03-29', '03-28T22:00', 23],
    ]);
  });

  it('leave out one that a zone skipped', () => {
    // https://data.iana.org/time-zones/tzdb/australasia: Samoa had no 30 December 2011.
    const days = lastDays('Pacific/Apia', Date.parse('2011-12-31T12:00:00Z'), 4);
    expect(days.map(({ day }) => day)).toEqual(['2011-12-29', '2011-12-31', '2012-01-01']);
  });

  it('are a year and more', () => {
    const days = lastDays('America/New_York', Date.parse('2026-11-27T12:00:00Z'), 400);
    expect(days).toHaveLength(400);
    days.forEach((day, index) => {
      expect(day.toMs).toBe(days[index + 1]?.fromMs ?? day.toMs);
    });
  });

  it('are of a zone that exists', () => {
    expect(() => lastDays('Europe/Atlantis', 0, 1)).toThrow(
      expect.objectContaining({ kind: 'invalid' }),
    );
  });
});
