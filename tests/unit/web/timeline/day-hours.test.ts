/** Days as clocks on the wall show them, in zones that change them in all ways there are. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  hoursOfDay,
  momentAt,
  placeInHour,
  type DayHour,
} from '../../../../web/timeline/day-hours.ts';
import { dayAfter, startOfDay } from '../../../../web/words/time-words.ts';

const HOUR_MS = 3_600_000;

const before = process.env.TZ;
afterEach(() => {
  // Assigning undefined would set the word "undefined".
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

function hoursIn(zone: string, noonUtc: string): readonly DayHour[] {
  process.env.TZ = zone;
  const dayMs = startOfDay(Date.parse(noonUtc));
  return hoursOfDay(dayMs, dayAfter(dayMs, 1));
}

const shown = (rows: readonly DayHour[]): string[] =>
  rows
    .filter(({ kind, minute }) => kind !== 'usual' || minute !== 0)
    .map(({ hour, minute, kind }) => `${kind} ${String(hour)}:${String(minute).padStart(2, '0')}`);

const length = (rows: readonly DayHour[]): number =>
  rows.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / HOUR_MS;

describe('hoursOfDay', () => {
  it.each([
    ['UTC', '2026-11-22T12:00:00Z'],
    ['Europe/Berlin', '2026-11-22T12:00:00Z'],
    ['America/New_York', '2026-07-04T17:00:00Z'],
    ['Asia/Kolkata', '2026-11-22T06:00:00Z'],
    ['Asia/Kathmandu', '2026-11-22T06:00:00Z'],
    ['Pacific/Chatham', '2026-06-22T00:00:00Z'],
  ])('a usual day has 24 in %s', (zone, noon) => {
    const rows = hoursIn(zone, noon);
    expect(rows.map(({ hour }) => hour)).toEqual(Array.from({ length: 24 }, (_, hour) => hour));
    expect(shown(rows)).toEqual([]);
    expect(rows.every(({ startMs, endMs }) => endMs - startMs === HOUR_MS)).toBe(true);
  });

  it.each([
    ['Europe/Berlin', '2026-10-25T12:00:00Z', 25, ['first 2:00', 'second 2:00']],
    ['America/New_York', '2026-11-01T17:00:00Z', 25, ['first 1:00', 'second 1:00']],
    // Clocks go back from 1:00 to midnight: the day begins with its repeated hour.
    ['America/Havana', '2026-11-01T17:00:00Z', 25, ['first 0:00', 'second 0:00']],
    // And from midnight to 23:00: it ends with it.
    ['Africa/Cairo', '2024-10-31T10:00:00Z', 25, ['first 23:00', 'second 23:00']],
    ['Australia/Lord_Howe', '2026-04-05T02:00:00Z', 24.5, ['first 1:00', 'second 1:30']],
  ])('an hour comes twice in %s on %s', (zone, noon, hours, expected) => {
    const rows = hoursIn(zone, noon);
    expect(length(rows)).toBe(hours);
    expect(rows).toHaveLength(25);
    expect(shown(rows)).toEqual(expected);
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T12:00:00Z', 23, ['skipped 2:00']],
    ['America/New_York', '2026-03-08T17:00:00Z', 23, ['skipped 2:00']],
    // Clocks go from midnight to 1:00.
    ['Africa/Cairo', '2024-04-26T10:00:00Z', 23, ['skipped 0:00']],
    ['Australia/Lord_Howe', '2026-10-04T02:00:00Z', 23.5, ['usual 2:30']],
  ])('an hour is skipped in %s on %s', (zone, noon, hours, expected) => {
    const rows = hoursIn(zone, noon);
    expect(length(rows)).toBe(hours);
    expect(rows).toHaveLength(24);
    expect(shown(rows)).toEqual(expected);
  });

  it('leaves no moment out and none twice', () => {
    for (const day of ['2026-03-29T12:00:00Z', '2026-10-25T12:00:00Z', '2026-11-22T12:00:00Z']) {
      const rows = hoursIn('Europe/Berlin', day);
      rows.slice(1).forEach((row, index) => {
        expect(row.startMs).toBe(rows[index]?.endMs);
      });
    }
  });

  it('ends, whatever it is handed', () => {
    process.env.TZ = 'UTC';
    expect(hoursOfDay(0, Number.MAX_SAFE_INTEGER).length).toBeLessThan(60);
    expect(hoursOfDay(HOUR_MS, 0)).toEqual([]);
  });
});

describe('places in a row', () => {
  beforeEach(() => {
    process.env.TZ = 'UTC';
  });

  const row: DayHour = { hour: 3, minute: 0, kind: 'usual', startMs: 0, endMs: HOUR_MS };

  it('are parts of an hour', () => {
    expect(placeInHour(row, 0)).toBe(0);
    expect(placeInHour(row, 15 * 60_000)).toBe(0.25);
    expect(placeInHour(row, 2 * HOUR_MS)).toBe(1);
    expect(momentAt(row, 0.25)).toBe(15 * 60_000);
    expect(momentAt(row, -1)).toBe(0);
    expect(momentAt(row, 2)).toBe(HOUR_MS - 1);
  });

  it('keep minutes below each other where a row begins at half past', () => {
    const half: DayHour = { ...row, minute: 30, endMs: HOUR_MS / 2 };
    expect(placeInHour(half, 0)).toBe(0.5);
    expect(momentAt(half, 0.75)).toBe(15 * 60_000);
    expect(momentAt(half, 0.25)).toBe(0);
  });

  it('stay on the moment of the change in an hour that never was', () => {
    const skipped: DayHour = { ...row, kind: 'skipped', endMs: 0 };
    expect(momentAt(skipped, 0.5)).toBe(0);
  });
});
