/** What set-up's checks found is counted once, by the run that follows. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { leaveEarlyChecks, takeEarlyChecks } from '../../runner/early-checks.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-early-'));
  return () => rm(folder, { recursive: true });
});

describe('early checks', () => {
  it('are taken once', async () => {
    const path = join(folder, 'output', 'early.json');
    expect(takeEarlyChecks(path)).toBeUndefined();
    const failures = [{ file: 'lint', test: '', reason: 'a semicolon' }];
    const tally = { passed: 2, failed: 1, skipped: 0, failures };
    await leaveEarlyChecks(tally, path);
    expect(takeEarlyChecks(path)).toEqual(tally);
    expect(takeEarlyChecks(path)).toBeUndefined();
  });
});
