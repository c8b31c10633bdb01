/**
 * From the start of the server's process to its first durable part, with a million rows in the index and
 * one camera that sends all the time.
 */
import { join } from 'node:path';
import { SystemClock } from '../../server/base/clock.ts';
import { epochMs } from '../../server/base/time.ts';
import { Database } from '../../server/storage/database.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import { startGstRtspServer } from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { insertMillion } from './million-rows.ts';

const FIRST_SEGMENT_WITHIN_MS = 90_000;
const STARTS = 3;

const clock = new SystemClock();
const COUNT = {
  sql: 'SELECT count(*) AS n FROM part',
  read: (row: { integer: (name: string) => number }) => row.integer('n'),
};

/** The median of some starts, and each of them. */
export async function coldStart(): Promise<{ firstPartMs: number; starts: number[] }> {
  const source = await startGstRtspServer({
    mounts: [{ path: '/camera', file: await makeClip(CLIPS.camera) }],
  });
  let server = await DoorkeepServer.start();
  const { dataPath } = server;
  const databasePath = join(dataPath, 'doorkeep.db');
  try {
    await server.setUp();
    const url = source.url('/camera');
    const camera = { name: 'Door', source: { type: 'rtsp', url }, sound: false };
    const { status } = await server.api('POST', '/api/cameras', camera);
    if (status !== 201) throw new Error(`the camera was not added: ${String(status)}`);
    await untilClosedSegment(databasePath);
    await server.stop();
    const db = Database.open(databasePath);
    // Before anything that the camera records: its times go on from the newest.
    insertMillion(db, epochMs(Date.UTC(2000, 0, 1)));
    db.markStoppedCleanly();
    db.close();
    const starts: number[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      const startedMs = clock.monotonicMs();
      server = await DoorkeepServer.spawn({ dataPath });
      await until(() => partsIn(databasePath) > 0, {
        ...{ withinMs: 30_000, what: 'a durable part', everyMs: 20 },
      });
      starts.push(Math.round(clock.monotonicMs() - startedMs));
      await server.stop();
    }
    return { firstPartMs: [...starts].sort((a, b) => a - b)[1] ?? NaN, starts };
  } finally {
    await server.dispose();
    await source.stop();
  }
}

function partsIn(databasePath: string): number {
  const db = Database.openReadOnly(databasePath);
  try {
    return db.get(COUNT) ?? 0;
  } finally {
    db.close();
  }
}

async function untilClosedSegment(databasePath: string): Promise<void> {
  await until(
    () => {
      const db = Database.openReadOnly(databasePath);
      try {
        const closed = {
          sql: "SELECT count(*) AS n FROM segment WHERE state = 'closed'",
          read: COUNT.read,
        };
        return (db.get(closed) ?? 0) > 0;
      } finally {
        db.close();
      }
    },
    { withinMs: FIRST_SEGMENT_WITHIN_MS, what: 'a whole segment', everyMs: 500 },
  );
}
