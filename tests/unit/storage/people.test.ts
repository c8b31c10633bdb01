import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import {
  cameraById,
  insertCamera,
  listCameras,
  nextCameraPosition,
  removeCamera,
  removedCameraIds,
  updateCamera,
} from '../../../server/storage/cameras.ts';
import {
  deleteExpiredSessions,
  deleteSession,
  deleteSessionsOfUser,
  insertSession,
  makeSessionLiveOnly,
  keepNewestSessions,
  sessionByTokenHash,
  touchSession,
} from '../../../server/storage/sessions.ts';
import {
  hasUsers,
  insertFirstUser,
  insertUser,
  updatePasswordHash,
  userById,
  userByName,
} from '../../../server/storage/users.ts';
import {
  CAMERA_ID,
  openTestStorage,
  testCamera,
  type TestStorage,
} from '../../fixtures/test-storage.ts';

let storage: TestStorage;

beforeEach(async () => {
  storage = await openTestStorage();
});

afterEach(() => {
  storage.remove();
});

const ada = {
  username: 'Ada',
  role: 'owner',
  passwordHash: '$argon2id$1',
  createdMs: epochMs(10),
} as const;

describe('users', () => {
  it('has a first one once', () => {
    const { db } = storage;
    expect(hasUsers(db)).toBe(false);
    const id = insertFirstUser(db, { ...ada, id: 1 });
    expect(hasUsers(db)).toBe(true);
    expect(userById(db, id)).toEqual({ ...ada, id, mayExport: true, allCameras: true });
    expect(userByName(db, 'aDA')).toEqual({ ...ada, id, mayExport: true, allCameras: true });
    expect(userByName(db, 'Bob')).toBeUndefined();
    expect(() => insertFirstUser(db, { ...ada, id: 1, username: 'Bob' })).toThrow(
      expect.objectContaining({ kind: 'conflict', reason: 'set-up-done' }),
    );
  });

  it('has each name once and changes passwords', () => {
    const { db } = storage;
    const id = insertUser(db, ada);
    expect(() => insertUser(db, { ...ada, username: 'ADA' })).toThrow(
      expect.objectContaining({ kind: 'conflict' }),
    );
    updatePasswordHash(db, id, '$argon2id$2');
    expect(userById(db, id)?.passwordHash).toBe('$argon2id$2');
    expect(() => {
      updatePasswordHash(db, id + 1, 'x');
    }).toThrow(expect.objectContaining({ kind: 'not-found' }));
  });
});

describe('sessions', () => {
  const hash = (fill: number): Buffer => Buffer.alloc(32, fill);

  it('are found by hash, touched, and deleted one by one or all of a user', () => {
    const { db } = storage;
    const userId = insertUser(db, ada);
    for (const fill of [1, 2, 3]) {
      insertSession(db, {
        tokenHash: hash(fill),
        userId,
        createdMs: epochMs(100),
        seenMs: epochMs(100),
      });
    }
    touchSession(db, hash(1), epochMs(500));
    touchSession(db, hash(9), epochMs(500));
    expect(sessionByTokenHash(db, hash(1))).toEqual({
      tokenHash: hash(1),
      userId,
      createdMs: 100,
      seenMs: 500,
      isLiveOnly: false,
    });
    makeSessionLiveOnly(db, hash(2));
    expect([2, 3].map((fill) => sessionByTokenHash(db, hash(fill))?.isLiveOnly)).toEqual([
      true,
      false,
    ]);
    expect(deleteSession(db, hash(1))).toBe(true);
    expect(deleteSession(db, hash(1))).toBe(false);
    expect(deleteSessionsOfUser(db, userId)).toBe(2);
    expect(sessionByTokenHash(db, hash(2))).toBeUndefined();
  });

  it('expire by age and by silence', () => {
    const { db } = storage;
    const userId = insertUser(db, ada);
    const add = (fill: number, createdMs: number, seenMs: number): void => {
      insertSession(db, {
        tokenHash: hash(fill),
        userId,
        createdMs: epochMs(createdMs),
        seenMs: epochMs(seenMs),
      });
    };
    add(1, 10, 1_000);
    add(2, 500, 20);
    add(3, 500, 1_000);
    const limits = { createdBeforeMs: epochMs(100), seenBeforeMs: epochMs(100) };
    expect(deleteExpiredSessions(db, limits)).toBe(2);
    expect(sessionByTokenHash(db, hash(3))).toBeDefined();
  });

  it('are at most so many for one person: the oldest are signed out', () => {
    const { db } = storage;
    const userId = insertUser(db, ada);
    const other = insertUser(db, { ...ada, username: 'grace' });
    for (const [fill, owner] of [
      [1, userId],
      [2, userId],
      [3, userId],
      [4, other],
    ] as const) {
      const at = epochMs(fill * 100);
      insertSession(db, { tokenHash: hash(fill), userId: owner, createdMs: at, seenMs: at });
    }
    expect(keepNewestSessions(db, userId, 2)).toBe(1);
    expect([1, 2, 3, 4].map((fill) => sessionByTokenHash(db, hash(fill))?.userId)).toEqual([
      undefined,
      userId,
      userId,
      other,
    ]);
  });

  it('need a user', () => {
    expect(() => {
      insertSession(storage.db, {
        tokenHash: hash(1),
        userId: 77,
        createdMs: epochMs(1),
        seenMs: epochMs(1),
      });
    }).toThrow(expect.objectContaining({ kind: 'conflict' }));
  });
});

describe('cameras', () => {
  it('are listed by position, changed, and hidden when removed', () => {
    const { db } = storage;
    const second = testCamera({
      id: '00000000000000c2',
      position: nextCameraPosition(db),
      sealedCredentials: Buffer.from('sealed'),
    });
    insertCamera(db, second);
    expect(listCameras(db).map((camera) => camera.id)).toEqual([CAMERA_ID, second.id]);
    updateCamera(db, { ...second, name: 'Garden', position: -1, sound: true, enabled: false });
    expect(listCameras(db)[0]).toEqual({
      ...second,
      name: 'Garden',
      position: -1,
      sound: true,
      enabled: false,
    });
    removeCamera(db, second.id, epochMs(99));
    expect(cameraById(db, second.id)).toBeUndefined();
    expect(removedCameraIds(db)).toEqual([second.id]);
    const kept = db.get({
      sql: 'SELECT sealed_credentials, source_json FROM camera WHERE removed_ms IS NOT NULL',
      read: (row) => [row.optionalBlob('sealed_credentials'), row.text('source_json')],
    });
    expect(kept).toEqual([undefined, '{}']);
  });

  it('that are not there cannot be changed or removed', () => {
    const { db } = storage;
    const absent = testCamera({ id: '00000000000000ff' });
    expect(() => {
      updateCamera(db, absent);
    }).toThrow(expect.objectContaining({ kind: 'not-found' }));
    expect(() => {
      removeCamera(db, absent.id, epochMs(1));
    }).toThrow(expect.objectContaining({ kind: 'not-found' }));
  });
});
