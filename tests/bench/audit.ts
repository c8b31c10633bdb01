/**
 * The record: how long one durable entry takes, and how long a million are checked. By the page, as in the
 * server: tags in the key process; by the command: all in one process; and without the household's key.
 */
import { join } from 'node:path';
import { RealSlotDisk } from '../../server/audit/key-file.ts';
import { SystemClock } from '../../server/base/clock.ts';
import { keysOf } from '../fixtures/keys-of-record.ts';
import { TestRecord } from '../fixtures/test-record.ts';

const ENTRIES = 1_000_000;
const ADDED = 1_000;
/** SQLite begins its log anew after 1,000 pages, and from then on writes over what is there. */
const LOG_FULL_AFTER = 1_500;
/** A page of the database, and a slot of the key file. */
const BARE_BYTES = 4_096;
/** Long enough for neither to warm the other's caches, short enough for both to meet the same disk. */
const TURN = 20;

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
      ratios: {
        ...{ entryP95ToBudget: entry.p95Ms / 1, verifyToBudget: byPageMs / 10_000 },
        entryP50ToBare: rounded(entry.p50Ms / entry.bare.p50Ms),
      },
    };
  } finally {
    await keys.lock();
    await record.remove();
  }
}

/** Entries while SQLite's log still grows, as in the first days of a box, then as ever after; beside these, in
 * turns, what the disk takes for the two syncs that an entry is. */
async function timesOfEntries(record: TestRecord) {
  const [young, grown, bare]: [number[], number[], number[]] = [[], [], []];
  const disk = new RealSlotDisk(join(record.storage.folder.keysPath, 'bare'));
  try {
    await disk.create(Buffer.alloc(BARE_BYTES));
    while (young.length < ADDED) young.push(await timeOfEntry(record));
    for (let added = 0; added < LOG_FULL_AFTER; added += 1) await timeOfEntry(record);
    while (grown.length < ADDED) {
      for (let turn = 0; turn < TURN; turn += 1) grown.push(await timeOfEntry(record));
      for (let turn = 0; turn < TURN; turn += 1) bare.push(timeOfSyncs(disk));
    }
  } finally {
    disk.close();
  }
  return { count: ADDED, ...partsOf(grown), whileTheLogGrows: partsOf(young), bare: partsOf(bare) };
}

async function timeOfEntry(record: TestRecord): Promise<number> {
  const startedMs = clock.monotonicMs();
  await record.log.append({
    ...{ kind: 'past-viewed', who: { userId: 1, username: 'Ada' } },
    cameraId: '00000000000000c1',
  });
  return clock.monotonicMs() - startedMs;
}

function timeOfSyncs(disk: RealSlotDisk): number {
  const startedMs = clock.monotonicMs();
  disk.write(0, Buffer.alloc(BARE_BYTES, 1));
  disk.write(0, Buffer.alloc(BARE_BYTES, 2));
  return clock.monotonicMs() - startedMs;
}

function partsOf(tookMs: number[]) {
  tookMs.sort((a, b) => a - b);
  const at = (part: number): number => rounded(tookMs[Math.floor(part * tookMs.length)] ?? NaN);
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
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
