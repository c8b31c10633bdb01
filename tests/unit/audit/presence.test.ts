import { expect, it } from 'vitest';
import { Presence } from '../../../server/audit/presence.ts';
import { TestClock } from '../../doubles/test-clock.ts';

const ADA = { userId: 1, username: 'Ada', isLiveOnly: false };
const PORCH = { what: 'live', cameraId: 'porch' } as const;

it('a page that closes late ends nothing that began since', () => {
  const clock = new TestClock();
  const presence = new Presence(clock);
  const leaveLate = presence.join(ADA, PORCH);
  presence.keep(() => false);
  expect(presence.now()).toEqual([]);
  const leave = presence.join(ADA, PORCH);
  leaveLate();
  expect(presence.now()).toHaveLength(1);
  presence.touch(ADA, PORCH);
  presence.keep(({ userId }) => userId === 1);
  leave();
  expect(presence.now()).toHaveLength(1);
  presence.keep(() => false);
  expect([presence.now(), clock.pendingTimers]).toEqual([[], 0]);
});
