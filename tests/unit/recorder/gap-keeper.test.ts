import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs, type EpochMs } from '../../../server/base/time.ts';
import { GapKeeper } from '../../../server/recorder/gap-keeper.ts';
import { gapsBetween } from '../../../server/storage/gaps.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

function at(ms: number): EpochMs {
  return epochMs(1_700_000_000_000 + ms);
}

describe('GapKeeper', () => {
  let storage: TestStorage;
  let keeper: GapKeeper;

  beforeEach(async () => {
    storage = await openTestStorage();
    keeper = new GapKeeper(storage.db, CAMERA_ID);
  });

  afterEach(() => {
    storage.remove();
  });

  function rows(): unknown[] {
    const query = { cameraId: CAMERA_ID, fromMs: at(-1), toMs: at(1_000_000) };
    return gapsBetween(storage.db, query).map(({ fromMs, toMs, reason }) => ({
      fromMs: fromMs - at(0),
      toMs: toMs === undefined ? null : toMs - at(0),
      reason,
    }));
  }

  function recordFrom(ms: number): void {
    keeper.close(at(ms));
    keeper.closed();
  }

  it('splits a gap where a deliberate reason begins', () => {
    keeper.open('wrong-password', at(0), at(0));
    keeper.open('stopped', at(0), at(5_000));
    recordFrom(7_000);
    expect(rows()).toEqual([
      { fromMs: 0, toMs: 5_000, reason: 'wrong-password' },
      { fromMs: 5_000, toMs: 7_000, reason: 'stopped' },
    ]);
  });

  it('says that the disk is another one where a write was refused first', () => {
    keeper.open('write-failed', at(0), at(0));
    keeper.open('wrong-disk', at(0), at(1_000));
    // How the camera ended meanwhile is not why nothing is recorded.
    keeper.open('stalled', at(0), at(2_000));
    recordFrom(7_000);
    expect(rows()).toEqual([{ fromMs: 0, toMs: 7_000, reason: 'wrong-disk' }]);
  });

  it('lets no gap cover footage that began before a split by the clock', () => {
    keeper.open('wrong-password', at(0), at(0));
    keeper.open('stopped', at(0), at(5_000));
    recordFrom(970);
    expect(rows()).toEqual([{ fromMs: 0, toMs: 970, reason: 'wrong-password' }]);
  });

  it('drops a gap that lies behind the first frame altogether', () => {
    keeper.open('wrong-password', at(0), at(0));
    keeper.open('stopped', at(0), at(4_000));
    keeper.open('unreachable', at(0), at(5_000));
    recordFrom(3_000);
    expect(rows()).toEqual([{ fromMs: 0, toMs: 3_000, reason: 'wrong-password' }]);
  });
});
