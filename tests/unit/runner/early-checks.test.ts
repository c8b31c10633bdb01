/** What set-up's checks found is counted once, by the run that follows. */
import { afterEach, describe, expect, it } from 'vitest';
import { leaveEarlyChecks, takeEarlyChecks } from '../../runner/early-checks.ts';

afterEach(() => {
  takeEarlyChecks();
});

describe('early checks', () => {
  it('are taken once', async () => {
    expect(takeEarlyChecks()).toBeUndefined();
    const tally = { passed: 2, failed: 1, skipped: 0 };
    await leaveEarlyChecks(tally);
    expect(takeEarlyChecks()).toEqual(tally);
    expect(takeEarlyChecks()).toBeUndefined();
  });
});
