import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../server/base/log.ts';
import { Gateway } from '../../../server/egress/gateway.ts';
import { tellRefusal, type Refusal } from '../../../server/egress/refusals.ts';
import { LEDGER_ROWS_MAX } from '../../../server/egress/ledger.ts';
import { openEgress, type Egress } from '../../../server/open-egress.ts';
import { refusalRows } from '../../../server/storage/egress-rows.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

let storage: TestStorage;
let clock: TestClock;
let egress: Egress;
let lines: string[];
let heard: Refusal[];

let close: () => void;

function open(): Egress {
  return openEgress(
    {
      ...{ db: storage.db, clock, ffmpegPath: '/usr/bin/ffmpeg' },
      log: createLog((line) => lines.push(line)),
      logs: [{ onRefused: (refusal) => heard.push(refusal) }],
    },
    { add: (closer) => (close = closer) },
  );
}

beforeEach(async () => {
  storage = await openTestStorage();
  clock = new TestClock();
  [lines, heard] = [[], []];
  egress = open();
});
afterEach(() => {
  close();
  storage.remove();
});

const PARTY = { kind: 'camera', id: CAMERA_ID } as const;
const redirect = (to: string): Refusal => ({
  ...{ way: 'redirect', who: PARTY, to, reason: 'redirected' },
});

describe('the ledger', () => {
  it('knows whom the box is connected to, and whom it spoke to', async () => {
    const closed = egress.ledger.connected(PARTY, '192.168.1.20', 554);
    await clock.advance(60_000);
    const [now] = [await egress.report()];
    expect(now.connections).toEqual([
      expect.objectContaining({
        address: '192.168.1.20',
        port: 554,
        since: '2026-01-01T12:00:00.000Z',
      }),
    ]);
    expect(now.connections[0]?.camera?.id).toBe(CAMERA_ID);
    closed();
    closed();
    egress.ledger.connected({ kind: 'new-camera' }, 'fe80::1%eth0', 554)();
    const after = await egress.report();
    expect(after.connections).toEqual([]);
    expect(after.destinations).toMatchObject([
      { address: 'fe80::1%eth0', connections: 1, camera: null },
      { address: '192.168.1.20', connections: 1, lastAt: '2026-01-01T12:01:00.000Z' },
    ]);
  });

  it('tells a refusal as the owner reads it, counts the same together, and logs the first', async () => {
    for (let time = 0; time < 3; time += 1) {
      egress.ledger.refused(redirect('203.0.113.9'));
      await clock.advance(1_000);
    }
    const { refused } = await egress.report();
    expect(refused).toEqual([
      {
        ...{ way: 'redirect', to: '203.0.113.9', reason: 'redirected', part: null, count: 3 },
        camera: { id: CAMERA_ID, name: expect.any(String) as string },
        ...{ firstAt: '2026-01-01T12:00:00.000Z', lastAt: '2026-01-01T12:00:02.000Z' },
        sentence: expect.stringMatching(
          /^.+ tried to send us to 203\.0\.113\.9, outside your home\. We did not go\.$/,
        ) as string,
      },
    ]);
    expect(lines).toHaveLength(1);
    expect(heard).toHaveLength(3);
  });

  it('hears of what the guard refused, also before it was open', async () => {
    close();
    const refusal: Refusal = {
      ...{ way: 'program', who: { kind: 'program', name: 'left-pad' } },
      ...{ to: 'curl', reason: 'not-announced' },
    };
    tellRefusal(refusal);
    egress = open();
    tellRefusal(refusal);
    const { refused, counts } = await egress.report();
    expect(refused).toMatchObject([{ part: 'left-pad', to: 'curl', count: 2, camera: null }]);
    expect(refused[0]?.sentence).toBe(
      'A part of Doorkeep (left-pad) tried to start the program curl. It was refused.',
    );
    expect(counts.refused).toBeGreaterThanOrEqual(2);
  });

  it('survives a restart, written together and not one by one', async () => {
    const writes = { count: 0 };
    const transaction = storage.db.transaction.bind(storage.db);
    storage.db.transaction = (work) => {
      writes.count += 1;
      return transaction(work);
    };
    const stop = new AbortController();
    const running = egress.ledger.run(stop.signal);
    for (let flap = 0; flap < 500; flap += 1) {
      egress.ledger.connected(PARTY, '192.168.1.20', 554)();
      egress.ledger.refused(redirect('203.0.113.9'));
    }
    await clock.advance(5_000);
    expect(writes.count).toBe(1);
    await clock.advance(60_000);
    expect(writes.count).toBe(1);
    stop.abort();
    await running;
    close();
    egress = open();
    const report = await egress.report();
    expect(report.destinations).toMatchObject([{ connections: 500 }]);
    expect(report.refused).toMatchObject([{ count: 500 }]);
  });

  it('is bounded: what was tried longest ago goes, in the store too', async () => {
    for (let place = 0; place < LEDGER_ROWS_MAX + 50; place += 1) {
      egress.ledger.refused(redirect(`host-${place}`));
      if (place % 300 === 0) egress.ledger.write();
    }
    // Tried again: no longer the oldest.
    egress.ledger.refused(redirect('host-50'));
    egress.ledger.refused(redirect('host-new'));
    egress.ledger.write();
    const { refused } = await egress.report();
    expect(refused).toHaveLength(LEDGER_ROWS_MAX);
    const kept = refusalRows(storage.db).map(({ target }) => target);
    expect(kept.sort()).toEqual(refused.map(({ to }) => to).sort());
    expect(kept).toContain('host-50');
    expect(kept).not.toContain('host-51');
  });

  it('keeps counts beyond 32 bits exactly, and stops where numbers stop being exact', async () => {
    const first = { ...redirect('203.0.113.9'), firstMs: clock.wallMs(), lastMs: clock.wallMs() };
    for (const [before, after] of [
      [2 ** 40, 2 ** 40 + 1],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ] as const) {
      close();
      storage.db.run(
        `INSERT OR REPLACE INTO egress_refusal VALUES
           ('redirect', 'camera', :who, '203.0.113.9', 'redirected', :at, :at, ${before})`,
        { who: CAMERA_ID, at: first.firstMs },
      );
      egress = open();
      egress.ledger.refused(redirect('203.0.113.9'));
      expect((await egress.report()).refused[0]?.count).toBe(after);
    }
  });

  it('is told by the gateway of what the policy refuses', async () => {
    const gateway = new Gateway({ clock, ownPorts: () => new Set(), log: egress.ledger });
    const options = { tls: false, timeoutMs: 1_000, onData: () => undefined };
    const refused = gateway.connect({
      ...options,
      address: '203.0.113.9',
      port: 554,
      party: PARTY,
    });
    await expect(refused).rejects.toMatchObject({ reason: 'public-address' });
    expect((await egress.report()).refused).toMatchObject([
      { way: 'connection', to: '203.0.113.9:554', reason: 'public-address' },
    ]);
  });
});
