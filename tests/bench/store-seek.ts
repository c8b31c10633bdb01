/** One seek into sealed footage, and what the same machine needs at the same time for a bare read. */
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { Writable } from 'node:stream';
import type { SystemClock } from '../../server/base/clock.ts';
import { silentLog } from '../../server/base/log.ts';
import { epochMs } from '../../server/base/time.ts';
import { PlaybackService } from '../../server/playback/playback-service.ts';
import { segmentPath } from '../../server/storage/footage-names.ts';
import { partsBetween } from '../../server/storage/recordings.ts';
import type { ByteSpan } from '../../server/storage/segment-stream.ts';
import { randomFrom } from '../fixtures/random-from.ts';
import { CAMERA_ID, type TestStorage } from '../fixtures/test-storage.ts';
import { Collections } from './collections.ts';
import { percentile } from './percentile.ts';

const SEEKS = 300;

/** More than any part of the bench. */
const bareTarget = Buffer.alloc(2 * 1024 * 1024);

/** In milliseconds, and how often all garbage was collected. */
export interface SeekTimes {
  readonly seekP50Ms: number;
  readonly seekP95Ms: number;
  readonly seekIndexP95Ms: number;
  readonly seekFirstPieceP95Ms: number;
  readonly bareReadP50Ms: number;
  readonly bareReadP95Ms: number;
  readonly seekMajorCollections: number;
}

/**
 * From a moment to the plaintext of the group of pictures there, as a player gets it: index, header,
 * read, decrypt, in pieces that are gone when they were written. The file key is opened in this
 * process, where the server asks the key process. In turns with it, in the same minute of the same
 * machine: the same bytes of the same file opened and read with nothing else, which no store can do faster.
 */
export async function seek(
  storage: TestStorage,
  clock: SystemClock,
  lengthMs: number,
): Promise<SeekTimes> {
  const { db, footage, folder } = storage;
  const playback = new PlaybackService({ db, footage, log: silentLog });
  const below = randomFrom(7);
  const tookMs: number[] = [];
  const firstMs: number[] = [];
  const bareMs: number[] = [];
  const indexMs: number[] = [];
  const collections = new Collections();
  for (let index = 0; index < SEEKS; index += 1) {
    const atMs = below(lengthMs);
    const startedMs = clock.monotonicMs();
    const times = { fromMs: epochMs(atMs), toMs: epochMs(atMs + 1) };
    const [segment] = partsBetween(db, { cameraId: CAMERA_ID, ...times });
    const part = segment?.parts[0];
    if (segment === undefined || part === undefined) throw new Error('nothing was recorded there');
    const first = part.offsetBytes;
    const span = { first, last: Math.min(first + part.sizeBytes, playback.sizeOf(segment)) - 1 };
    indexMs.push(clock.monotonicMs() - startedMs);
    let firstAtMs: number | undefined;
    let bytes = 0;
    const sink = new Writable({
      write(piece: Buffer, _encoding, done) {
        firstAtMs ??= clock.monotonicMs();
        bytes += piece.length;
        done();
      },
    });
    (await playback.read(segment, span)).pipe(sink);
    await once(sink, 'finish');
    tookMs.push(clock.monotonicMs() - startedMs);
    if (bytes !== part.sizeBytes) throw new Error('a part has other bytes than its row says');
    firstMs.push((firstAtMs ?? NaN) - startedMs);
    bareMs.push(await bareRead(segmentPath(folder.footagePath, segment), span, clock));
  }
  const majorCollections = await collections.end();
  const [all, begun, bare, rows] = [tookMs, firstMs, bareMs, indexMs].map((values) =>
    values.sort((a, b) => a - b),
  );
  return {
    seekP50Ms: percentile(all ?? [], 0.5),
    seekP95Ms: percentile(all ?? [], 0.95),
    seekIndexP95Ms: percentile(rows ?? [], 0.95),
    seekFirstPieceP95Ms: percentile(begun ?? [], 0.95),
    bareReadP50Ms: percentile(bare ?? [], 0.5),
    bareReadP95Ms: percentile(bare ?? [], 0.95),
    seekMajorCollections: majorCollections,
  };
}

/** Open, one read, close. */
async function bareRead(path: string, span: ByteSpan, clock: SystemClock): Promise<number> {
  const startedMs = clock.monotonicMs();
  const file = await open(path, 'r');
  await file.read(bareTarget, 0, span.last + 1 - span.first, span.first);
  await file.close();
  return clock.monotonicMs() - startedMs;
}
