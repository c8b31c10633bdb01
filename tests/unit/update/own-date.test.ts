import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ownDate } from '../../../server/update/own-date.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorkeep-own-date-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('is of nothing in a folder that tells nothing', () => {
  expect(ownDate(folder)).toEqual({ date: null, dateOf: 'nothing' });
});

it('is when set-up compiled the server, in a copy of the repository', () => {
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', 'server.stamp'), 'x');
  const seconds = Date.UTC(2026, 10, 27, 23) / 1000;
  utimesSync(join(folder, 'dist', 'server.stamp'), seconds, seconds);
  expect(ownDate(folder)).toEqual({ date: '2026-11-27', dateOf: 'compiling' });
  for (const text of ['', '[]', '{"releasedOn":1}', '{"releasedOn":"soon"}']) {
    writeFileSync(join(folder, 'release.json'), text);
    expect(ownDate(folder).dateOf).toBe('compiling');
  }
});

it('is that of the release, in a release', () => {
  writeFileSync(join(folder, 'release.json'), '{"version":"1.3.0","releasedOn":"2027-02-01"}');
  expect(ownDate(folder)).toEqual({ date: '2027-02-01', dateOf: 'release' });
});
