/** The record, opened and wired to what it is about. A part of the composition root. */
import { join } from 'node:path';
import type { AuditServices } from './api/services.ts';
import { AuditLog } from './audit/audit-log.ts';
import { AuditReader } from './audit/audit-reader.ts';
import { HouseholdRecord } from './audit/household-record.ts';
import { AUDIT_KEY_NAME, AuditKeyFile, RealSlotDisk } from './audit/key-file.ts';
import { Presence } from './audit/presence.ts';
import { Verification } from './audit/verification.ts';
import type { Clock } from './base/clock.ts';
import { errorFields, type Log } from './base/log.ts';
import type { BoxKey } from './keys/box-key.ts';
import type { HouseholdKeys } from './keys/household-keys.ts';
import { cameraById } from './storage/cameras.ts';
import type { Database } from './storage/database.ts';
import type { SealedPayloads } from './storage/sealed-payloads.ts';

/** What it is made from. */
export interface RecordParts {
  readonly db: Database;
  readonly folder: { readonly keysPath: string };
  readonly keys: Pick<HouseholdKeys, 'audit' | 'holders'>;
  readonly payloads: Pick<SealedPayloads, 'seal' | 'openAll'>;
  readonly boxKey: BoxKey;
  /** The machine's, for timers, and the box's time, for entries. */
  readonly clock: Clock;
  readonly time: Clock;
  readonly log: Log;
}

/** See the head of this file. */
export interface OpenedRecord {
  readonly services: AuditServices;
  /** Somebody has unlocked: never throws. */
  onUnlocked(): Promise<void>;
}

/** Opens it and notes the start; the stop is noted when `closers` close it. */
export async function openRecord(
  { db, folder, keys, payloads, boxKey, clock, time, log }: RecordParts,
  closers: { add(close: () => Promise<void>): void },
): Promise<OpenedRecord> {
  const disk = new RealSlotDisk(join(folder.keysPath, AUDIT_KEY_NAME));
  const audit = await AuditLog.open({
    ...{ db, clock: time, keyFile: new AuditKeyFile(disk, { boxKey, boxId: db.boxId }) },
    household: {
      get generation() {
        return keys.holders()?.generation;
      },
      begin: () => keys.audit.begin(),
    },
    seal: (place, bytes) => payloads.seal(place, bytes),
  });
  const record = new HouseholdRecord({
    ...{ audit, clock, log },
    cameraName: (id) => cameraById(db, id)?.name ?? '',
  });
  const presence = new Presence(clock);
  const verification = new Verification({
    ...{ db, clock: time, tags: keys.audit, state: () => audit.state },
  });
  closers.add(async () => {
    presence.stop();
    await verification.stop();
    await record.stop();
    // A disk that refuses it refuses the rest, too: the stop goes on.
    await record.note({ kind: 'box-stopped', who: 'box' }).catch((thrown: unknown) => {
      log.error(errorFields(thrown), 'the stop could not be recorded');
    });
    await audit.close();
  });
  await audit.append({ kind: 'box-started', who: 'box' });
  const reader = new AuditReader({ db, payloads, head: () => audit.head });
  return {
    services: { record, reader, verification, presence, bind: () => audit.bind() },
    onUnlocked: async () => {
      try {
        await audit.bind();
      } catch (thrown) {
        // The next unlock tries again; until then the record says that nobody vouches for it.
        log.warn(errorFields(thrown), 'the record could not be bound to the household’s key');
      }
    },
  };
}
