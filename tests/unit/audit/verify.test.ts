/** How a check goes through a long record, page by page. What it finds: tests/fuzz/record.test.ts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peekAuditState } from '../../../server/audit/key-file.ts';
import { verifyRecord, type TagChecker } from '../../../server/audit/verify.ts';
import { AppError } from '../../../server/base/errors.ts';
import type { AuditOutcome } from '../../../server/contract/audit.ts';
import { auditEntry, type StoredAuditEntry } from '../../../server/storage/audit-entries.ts';
import { TestRecord } from '../../fixtures/test-record.ts';

/** Two pages, and a bit. */
const ENTRIES = 2_100;

let record: TestRecord;
beforeAll(async () => {
  record = await TestRecord.open();
  await record.grow(ENTRIES);
});
afterAll(() => record.remove());

/** Answers in its own time: when `answer` does. */
function slowly(answer: () => Promise<unknown>): TagChecker {
  const { tags } = record;
  return {
    check: async (batch) => {
      const checked = tags.check(batch);
      await answer();
      return checked;
    },
  };
}

const nextTurn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

async function verify(
  tags: TagChecker,
  signal = new AbortController().signal,
  onProgress: () => void = () => undefined,
): Promise<AuditOutcome> {
  const keys = { boxKey: record.boxKey, boxId: record.db.boxId };
  return verifyRecord({
    ...{ db: record.db, tags, signal, onProgress, nowMs: record.clock.wallMs() },
    state: await peekAuditState(record.keyPath, keys),
  });
}

describe('a check', () => {
  it('has one page at most with whoever has the keys', async () => {
    let [there, most] = [0, 0];
    const tags = slowly(async () => {
      there += 1;
      most = Math.max(most, there);
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
      there -= 1;
    });
    expect(await verify(tags)).toMatchObject({ whole: true, bound: ENTRIES + 1 });
    expect(most).toBe(1);
  });

  it('lets others have their turn between its pages, also where the answer is there at once', async () => {
    let [turns, isOver] = [0, false];
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const atPages: number[] = [];
    await verify(record.tags, undefined, () => {
      atPages.push(turns);
    });
    isOver = true;
    expect(atPages).toHaveLength(3);
    expect(new Set(atPages).size).toBe(3);
  });

  it('names what it finds in one order, however long the keys take: of a page, entries before tags', async () => {
    const { db } = record;
    const zeros = Buffer.alloc(32);
    const changed = [
      { name: 'entry-changed', sequence: 700 },
      { name: 'entry-not-ours', sequence: 500 },
      { name: 'entry-changed', sequence: 1_500 },
      { name: 'entry-not-ours', sequence: 1_400 },
      { name: 'entry-changed', sequence: 2_090 },
    ];
    const before = changed.map(({ sequence }) => auditEntry(db, sequence)!);
    const put = ({ sequence, who, tag }: StoredAuditEntry): void => {
      const sql = 'UPDATE audit_entry SET who = :who, tag = :tag WHERE sequence = :sequence';
      db.run(sql, { sequence, who, tag });
    };
    try {
      changed.forEach(({ name }, index) => {
        const entry = before[index]!;
        put(name === 'entry-changed' ? { ...entry, who: 'Sam' } : { ...entry, tag: zeros });
      });
      for (const answer of [() => Promise.resolve(), nextTurn]) {
        expect((await verify(slowly(answer))).findings).toEqual(changed);
      }
    } finally {
      before.forEach(put);
    }
  });

  it.each([1, 2, 3])('ends with the error of whoever has the keys, at page %i', async (page) => {
    let asked = 0;
    const tags = slowly(() => {
      asked += 1;
      return asked === page
        ? Promise.reject(new AppError('locked', 'somebody locked'))
        : Promise.resolve();
    });
    await expect(verify(tags)).rejects.toMatchObject({ kind: 'locked' });
    expect(asked).toBe(page);
  });

  it('can be stopped while a page is with the keys, and what they say then is nobody’s business', async () => {
    const stop = new AbortController();
    let refuse: (error: AppError) => void = () => undefined;
    const tags = slowly(() => new Promise((_resolve, reject) => (refuse = reject)));
    const stopped = verify(tags, stop.signal, () => {
      stop.abort();
    });
    await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
    refuse(new AppError('locked', 'somebody locked'));
    await nextTurn();
  });
});
