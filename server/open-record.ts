/** The record, opened and wired to what it is about. A part of the composition root. */
import { join } from 'node:path';
import type { AuditServices } from './api/services.ts';
import { AuditLog } from './audit/audit-log.ts';
import { AuditReader } from './audit/audit-reader.ts';
import { HouseholdRecord } from './audit/household-record.ts';
import { AUDIT_KEY_NAME, AuditKeyFile, RealSlotDisk } from './audit/key-file.ts';
import { Presence } from './audit/presence.ts';
import { Verification } from './audit/verification.ts';
import type { People, PeopleChange } from './auth/people.ts';
import type { Clock } from './base/clock.ts';
import { errorFields, type Log } from './base/log.ts';
import type { AuditKind } from './contract/audit.ts';
import type { EgressLog } from './egress/ledger.ts';
import type { BoxKey } from './keys/box-key.ts';
import type { HouseholdKeys } from './keys/household-keys.ts';
import type { KeyEvents } from './open-storage.ts';
import { cameraById } from './storage/cameras.ts';
import type { Database } from './storage/database.ts';
import type { SealedPayloads } from './storage/sealed-payloads.ts';
import { userById } from './storage/users.ts';

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
  /** Somebody left the past open, and it locked by itself: every page is told at once. */
  onRanOut(userId: number): void;
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
    onRanOut: (userId) => {
      const username = userById(db, userId)?.username ?? '';
      record.noteLater({ kind: 'unlock-ended', who: { userId, username } });
      presence.nudge();
    },
  };
}

/** How the record calls what has happened to the household. */
const PEOPLE_KINDS = {
  invited: 'person-invited',
  'invitation-ended': 'invitation-ended',
  joined: 'person-joined',
  'password-replaced': 'password-changed',
  'password-changed': 'password-changed',
  'rights-changed': 'person-changed',
  removed: 'person-removed',
} as const satisfies Record<PeopleChange['kind'], AuditKind>;

/** People who come, go and may do other things are on record; answers the function that ends this. */
export function recordPeople(
  people: Pick<People, 'onPeopleChanged'>,
  record: HouseholdRecord,
  nameOf: (userId: number) => string,
): () => void {
  return people.onPeopleChanged(({ kind, byUserId, name }) => {
    record.noteLater({
      kind: PEOPLE_KINDS[kind],
      who: { userId: byUserId, username: nameOf(byUserId) },
      details: { name },
    });
  });
}

/** What was refused to leave is on record, counted together. */
export function recordRefusals(record: HouseholdRecord): EgressLog {
  return {
    onRefused: ({ who, to }) => {
      const about = who.kind === 'camera' ? { cameraId: who.id } : {};
      record.refusedConnection({ target: to, ...about });
    },
  };
}

/** What the storage tells; the record is opened after it. */
export function keyEvents(
  unlocked: ReadonlySet<() => void>,
  record: () => OpenedRecord,
): KeyEvents {
  return {
    onUnlocked: () => {
      for (const listener of unlocked) listener();
    },
    onNewIdentity: () => record().onUnlocked(),
    onRanOut: (userId) => {
      record().onRanOut(userId);
    },
    onIndexRebuilt: () => {
      record().services.record.noteLater({ kind: 'index-rebuilt', who: 'box' });
    },
  };
}
