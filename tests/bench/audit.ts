/**
 * The record: how long one durable entry takes, and how long a million are checked. By the page, as in the
 * server: tags in the key process; by the command: all in one process; and without the household's key.
 */
import { SystemClock } from '../../server/base/clock.ts';
import { keysOf } from '../fixtures/keys-of-record.ts';
import { TestRecord } from '../fixtures/test-record.ts';

const ENTRIES = 1_000_000;
const ADDED = 1_000;

const clock = new SystemClock();

/** One record, grown as the box would have written it. */
export async function run(): Promise<object> {
  const record = await TestRecord.open();
  const keys = await keysOf(record, clock);
  try {
    const entry = await timesOfEntries(record);
    // Sealed details are some 150 bytes.
    await record.grow(ENTRIES, Buffer.alloc(150, 7));
    const byPageMs = await timeOf(() => record.verify(keys.audit));
    const byCommandMs = await timeOf(() => record.verify());
    const withoutKeyMs = await timeOf(() => record.verify('without'));
    return {
      bench: 'audit',
      entry,
      verify: { entries: ENTRIES, byPageMs, byCommandMs, withoutKeyMs },
      ratios: { entryP95ToBudget: entry.p95Ms / 1, verifyToBudget: byPageMs / 10_000 },
    };
  } finally {
    await keys.lock();
    await record.remove();
  }
}

async function timesOfEntries(record: TestRecord) {
  const tookMs: number[] = [];
  for (let index = 0; index < ADDED; index += 1) {
    const startedMs = clock.monotonicMs();
    await record.log.append({
      ...{ kind: 'past-viewed', who: { userId: 1, username: 'Ada' } },
      cameraId: '00000000000000c1',
    });
    tookMs.push(clock.monotonicMs() - startedMs);
  }
  tookMs.sort((a, b) => a - b);
  const at = (part: number): number => rounded(tookMs[Math.floor(part * ADDED)] ?? NaN);
  return { count: ADDED, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

async function timeOf(work: () => Promise<{ whole: boolean }>): Promise<number> {
  const startedMs = clock.monotonicMs();
  const { whole } = await work();
  if (!whole) throw new Error('the record is not whole');
  return rounded(clock.monotonicMs() - startedMs);
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
