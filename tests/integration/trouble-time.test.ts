/** Cameras whose clock steps in the middle of a recording: media time and sound do not notice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIPS, type ClipSpec } from '../fixtures/clips.ts';
import { soundLatenessMs } from '../fixtures/flash-and-beep.ts';
import { ffprobeAvailable } from '../fixtures/test-ffmpeg.ts';
import { expectTrue, expectUntouched } from '../fixtures/trouble-checks.ts';
import { type Account, TroubledHome } from '../fixtures/troubled-home.ts';

const HOUR_MS = 3_600_000;
const YEARS_MS = 3 * 365 * 24 * HOUR_MS;

/** Sound may be so far from its picture. */
const IN_STEP_MS = 100;

const SPEC: ClipSpec = { ...CLIPS.flashAndBeep, gopSeconds: 1 };

const CASES = [
  { name: 'Plus one hour', stepMs: HOUR_MS },
  { name: 'Minus one hour', stepMs: -HOUR_MS },
  { name: 'Plus three years', stepMs: YEARS_MS },
  { name: 'Minus three years', stepMs: -YEARS_MS },
];

describe.skipIf(!ffprobeAvailable)('a camera whose clock steps, and steps back', () => {
  let home: TroubledHome;
  const accounts = new Map<string, Promise<Account>>();

  beforeAll(async () => {
    home = await TroubledHome.start();
    for (const { name, stepMs } of CASES) {
      const options = { spec: SPEC, sound: true, reportEveryMs: 1_000 };
      const account = home.add(name, options).then((camera) =>
        home.goThrough(camera, {
          begin: ({ device }) => (device.trouble.senderReportStepMs = stepMs),
          reason: undefined,
          forSeconds: 4,
          end: ({ device }) => (device.trouble.senderReportStepMs = 0),
        }),
      );
      account.catch(() => undefined);
      accounts.set(name, account);
    }
  });

  afterAll(() => home.dispose());

  it.each(CASES)('$name', async ({ name }) => {
    const account = await accounts.get(name)!;
    for (const { state, stateReason } of [account.seen, account.seenAfter]) {
      expect({ state, stateReason }).toEqual({ state: 'online', stateReason: undefined });
    }
    expect(account.ranges).toHaveLength(1);
    expect(account.gaps).toEqual([]);
    expect(account.runs).toBe(1);
    await expectTrue(account, SPEC.fps);
    const lateMs = await soundLatenessMs(account.exportPath);
    expect(lateMs.length).toBeGreaterThanOrEqual(8);
    for (const ms of lateMs) expect(Math.abs(ms)).toBeLessThan(IN_STEP_MS);
  });

  it('the camera beside them has lost nothing', async () => {
    await Promise.all(accounts.values());
    await expectUntouched(home);
  });
});
