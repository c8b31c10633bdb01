/** The record of a `TestApi`: real rows and a real key file; what is sealed lies there in clear. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { silentLog } from '../../server/base/log.ts';
import { BoxKey } from '../../server/keys/box-key.ts';
import type { AuditQuestions } from '../../server/keys/key-questions.ts';
import { openRecord, type OpenedRecord } from '../../server/open-record.ts';
import type { TestAuth } from './test-api.ts';

/** Opens it in the folder of `base`; `closers` is told how it is closed. */
export async function openTestRecord(
  { folder, db, clock }: TestAuth,
  closers: { add(close: () => Promise<void>): void },
): Promise<OpenedRecord> {
  const audit = {
    begin: () => Promise.resolve({ epochId: randomBytes(16), generation: 1, key: randomBytes(32) }),
    check: () => Promise.resolve(undefined),
  } as unknown as AuditQuestions;
  return openRecord(
    {
      ...{ db, folder: { keysPath: folder }, clock, time: clock, log: silentLog },
      keys: { audit, holders: () => ({ generation: 1, userIds: [] }) },
      payloads: {
        seal: (_place, bytes) => Promise.resolve(Buffer.from(bytes)),
        openAll: (payloads) =>
          Promise.resolve(payloads.map(({ sealed: bytes }) => ({ state: 'open', bytes }) as const)),
      },
      boxKey: await BoxKey.load(join(folder, 'box.key')),
    },
    closers,
  );
}
