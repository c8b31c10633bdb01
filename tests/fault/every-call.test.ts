/**
 * Each call of the file system fails once, libuv's and SQLite's, with EIO, ENOSPC and EROFS, in everything
 * that the server does with its data folder. It carries on or stops in words, and the next start finds all in
 * order. With all tests the later calls are a sample; `npm run torture -- fault` takes every one.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { EVERY_CALL } from '../fixtures/calls-to-fail.ts';
import { journalAvailable, journalFor } from '../fixtures/power/write-journal.ts';

/** Each so many calls, beyond the first ones. */
const SPARSE = EVERY_CALL ? '1' : '9';

/** Thousands of syncs: in memory they cost nothing, and none of them has to be kept. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

// A process of its own with a library loaded: built output.
const PROGRAM = join(PACKAGE_ROOT, 'dist', 'tests', 'fixtures', 'power', 'fault-program.js');

describe.skipIf(!journalAvailable)('a call that fails', () => {
  let place: string;
  let envFor: Awaited<ReturnType<typeof journalFor>>;

  beforeAll(async () => {
    place = mkdtempSync(join(PLACE, 'doorkeep-fault-'));
    envFor = await journalFor(place);
  });

  afterAll(() => {
    rmSync(place, { recursive: true });
  });

  it.each([
    ['first start', 40],
    ['key files', 10],
    ['create, append, close', 40],
    ['start-up', 10],
    ['finish', 10],
    ['retention', 10],
    ['delete', 10],
    ['export', 5],
  ])('in %s', async (name, leastCalls) => {
    const root = join(place, name.replaceAll(/\W+/g, '-'));
    mkdirSync(root);
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, root, name, SPARSE], {
      env: { PATH: process.env.PATH, ...envFor(root) },
    });
    const { calls, wrong } = JSON.parse(stdout) as {
      calls: Record<string, number>;
      wrong: string[];
    };
    expect(wrong).toEqual([]);
    // Each of the three was tried, up to the last call.
    expect(Object.keys(calls)).toEqual(['EIO', 'ENOSPC', 'EROFS']);
    for (const last of Object.values(calls)) expect(last).toBeGreaterThan(leastCalls);
  });
});
