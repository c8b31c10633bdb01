/** Footage that the real recorder wrote, played from real files while more is being written. */
import { createHash } from 'node:crypto';
import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../server/base/log.ts';
import { epochMs } from '../../../server/base/time.ts';
import { PLAYLIST_MAX_MS, PlaybackService } from '../../../server/playback/playback-service.ts';
import { removeCamera } from '../../../server/storage/cameras.ts';
import { type FootageFileSystem, realFileSystem } from '../../../server/storage/footage-files.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import { addPart, closeSegment, insertSegment } from '../../../server/storage/segments.ts';
import { labelledInit } from '../../fixtures/labelled-init.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const INIT_BYTES = 800;
/** More than one piece of the stream, and no multiple of it. */
const PART_BYTES = 700_001;

let storage: TestStorage;
let playback: PlaybackService;
let logLines: string[];
let openFiles: number;

/** The machine's own, counted. */
const counting: FootageFileSystem = {
  ...realFileSystem,
  open: async (path, flags, mode) => {
    const file = await realFileSystem.open(path, flags, mode);
    openFiles += 1;
    return {
      writev: (buffers, position) => file.writev(buffers, position),
      read: (target, at, length, position) => file.read(target, at, length, position),
      datasync: () => file.datasync(),
      truncate: (sizeBytes) => file.truncate(sizeBytes),
      stat: () => file.stat(),
      close: async () => {
        openFiles -= 1;
        await file.close();
      },
    };
  },
};

beforeEach(async () => {
  openFiles = 0;
  logLines = [];
  storage = await openTestStorage(counting);
  const { db, footage } = storage;
  playback = new PlaybackService({ db, footage, log: createLog((line) => logLines.push(line)) });
});

afterEach(() => {
  storage.remove();
});

/** A segment of `parts` of 2 s, left open; what lies in its file behind them does not count. */
async function record(place: { sequence: number; atMs: number; parts: number }) {
  const { db, footage } = storage;
  const runId =
    place.sequence === 0
      ? insertRun(db, {
          ...{ cameraId: CAMERA_ID, anchorMs: epochMs(T0 - 1_000), codecs: 'avc1.640028' },
          ...{ width: 640, height: 360 },
        })
      : 1;
  const segmentPlace = { cameraId: CAMERA_ID, runId, sequence: place.sequence };
  const file = await footage.create(segmentPlace);
  let segmentId = 0;
  for (let index = 0; index < place.parts; index += 1) {
    const init = index === 0 ? INIT_BYTES : 0;
    const media = Buffer.alloc(PART_BYTES, index);
    const written = await file.append(
      index === 0 ? [labelledInit(segmentPlace, INIT_BYTES), media] : [media],
    );
    const part = {
      offsetBytes: written.offsetBytes + init,
      sizeBytes: PART_BYTES,
      ...{ startMs: index * 2_000, durationMs: 2_000, key: true },
    };
    const startMs = epochMs(T0 + place.atMs);
    if (index > 0) addPart(db, segmentId, part);
    else {
      const segment = { cameraId: CAMERA_ID, runId, sequence: place.sequence, startMs };
      segmentId = insertSegment(db, segment, part);
    }
  }
  await file.append([Buffer.alloc(500, 77)]);
  await file.close(0);
  return { segmentId, place: { cameraId: CAMERA_ID, runId, sequence: place.sequence } };
}

function playlist(fromMs: number, toMs: number): string {
  return playback.playlist(CAMERA_ID, epochMs(T0 + fromMs), epochMs(T0 + toMs));
}

/** Reads what a playlist names, as a player does: init, then each entry. */
async function played(text: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (const [, sizeText, offsetText, run, sequence] of text.matchAll(
    /#EXT-X-BYTERANGE:(\d+)@(\d+)\n\w+\/(\d+)\/(\d+)\.mp4/g,
  )) {
    const first = Number(offsetText);
    const span = { first, last: first + Number(sizeText) - 1 };
    const place = { cameraId: CAMERA_ID, runId: Number(run), sequence: Number(sequence) };
    pieces.push(await buffer(await playback.read(place, span)));
  }
  return Buffer.concat(pieces);
}

describe('a playlist', () => {
  it('covers closed and open segments as far as they count, and nothing is lost in between', async () => {
    const { segmentId } = await record({ sequence: 0, atMs: 0, parts: 3 });
    closeSegment(storage.db, segmentId);
    await record({ sequence: 1, atMs: 6_000, parts: 2 });
    const text = playlist(0, 60_000);
    expect(text.match(/#EXTINF/g)).toHaveLength(5);
    expect(text).toContain('#EXT-X-DOORKEEP-RUN:ANCHOR="2026-01-01T11:59:59.000Z"');
    const bytes = await played(text);
    const expected = [0, 1, 2, 0, 1].map((value) => Buffer.alloc(PART_BYTES, value));
    expect(sha(bytes)).toBe(sha(Buffer.concat(expected)));
    expect(openFiles).toBe(0);
  });

  it('begins at the key frame at or before the moment, and ends with the range', async () => {
    await record({ sequence: 0, atMs: 0, parts: 5 });
    const times = (fromMs: number, toMs: number): string =>
      /PROGRAM-DATE-TIME:(.*)/.exec(playlist(fromMs, toMs))?.[1] ?? '';
    expect(times(3_000, 5_000)).toBe('2026-01-01T12:00:02.000Z');
    expect(playlist(3_000, 5_000).match(/#EXTINF/g)).toHaveLength(2);
    expect(times(-60_000, 1)).toBe('2026-01-01T12:00:00.000Z');
  });

  it('of nothing, or of no camera, is not there', async () => {
    await record({ sequence: 0, atMs: 0, parts: 1 });
    expect(() => playlist(60_000, 120_000)).toThrow(
      expect.objectContaining({ kind: 'not-found', reason: 'nothing-recorded' }),
    );
    expect(() => playback.playlist('0'.repeat(16), epochMs(T0), epochMs(T0 + 1))).toThrow(
      expect.objectContaining({ kind: 'not-found', reason: undefined }),
    );
  });

  it('of more than a day of footage is refused, but not a long question about little', async () => {
    closeSegment(storage.db, (await record({ sequence: 0, atMs: 0, parts: 1 })).segmentId);
    const year = 365 * 86_400_000;
    expect(playlist(-year, year).match(/#EXTINF/g)).toHaveLength(1);
    await record({ sequence: 1, atMs: PLAYLIST_MAX_MS, parts: 1 });
    expect(playlist(0, PLAYLIST_MAX_MS)).toContain('#EXTINF');
    expect(() => playlist(0, year)).toThrow(
      expect.objectContaining({ kind: 'unprocessable', reason: 'range-too-long' }),
    );
  });
});

describe('the bytes', () => {
  it('that count are all there are', async () => {
    const { place } = await record({ sequence: 0, atMs: 0, parts: 2 });
    expect(playback.sizeOf(place)).toBe(INIT_BYTES + 2 * PART_BYTES);
    expect(await storage.footage.durableBytes(place)).toBe(playback.sizeOf(place) + 500);
  });

  it('are nobody’s for another camera, run or number, and when the camera is removed', async () => {
    const { place } = await record({ sequence: 0, atMs: 0, parts: 1 });
    const notFound: unknown = expect.objectContaining({ kind: 'not-found' });
    for (const wrong of [{ cameraId: '0'.repeat(16) }, { runId: 2 }, { sequence: 1 }]) {
      expect(() => playback.sizeOf({ ...place, ...wrong })).toThrow(notFound);
    }
    removeCamera(storage.db, CAMERA_ID, epochMs(T0));
    expect(() => playback.sizeOf(place)).toThrow(notFound);
  });

  it('of a file that is gone are not found, in words for a person', async () => {
    const { place } = await record({ sequence: 0, atMs: 0, parts: 1 });
    await storage.footage.delete(place);
    await expect(playback.read(place, { first: 0, last: 9 })).rejects.toMatchObject({
      ...{ kind: 'not-found', message: 'This footage is not there.' },
    });
  });

  it('go on to be read while the file is deleted', async () => {
    const { place } = await record({ sequence: 0, atMs: 0, parts: 2 });
    const last = INIT_BYTES + 2 * PART_BYTES - 1;
    await storage.footage.finish(place, last + 1);
    const stream = await playback.read(place, { first: 0, last });
    await storage.footage.delete(place);
    expect(await buffer(stream)).toHaveLength(last + 1);
  });

  it('are let go of when the reader leaves, before the first byte and after it', async () => {
    const { place } = await record({ sequence: 0, atMs: 0, parts: 2 });
    const span = { first: 0, last: INIT_BYTES + PART_BYTES };
    const unread = await playback.read(place, span);
    expect(openFiles).toBe(1);
    await destroyed(unread);
    expect(openFiles).toBe(0);
    const begun = await playback.read(place, span);
    for await (const piece of begun) {
      expect(piece).toHaveLength(256 * 1024);
      break;
    }
    await destroyed(begun);
    expect(openFiles).toBe(0);
  });

  it('that are missing from a damaged file break the stream, and the log says so', async () => {
    const { place } = await record({ sequence: 0, atMs: 0, parts: 2 });
    truncateSync(pathOf(place), 70_000);
    rmSync(storage.folder.tailsPath, { recursive: true });
    const stream = await playback.read(place, { first: PART_BYTES, last: PART_BYTES + 99 });
    await expect(buffer(stream)).rejects.toMatchObject({ kind: 'corrupt' });
    expect(logLines.join()).toContain('too short');
    expect(openFiles).toBe(0);
  });
});

function pathOf({ runId, sequence }: { runId: number; sequence: number }): string {
  const name = `${String(sequence).padStart(6, '0')}.age`;
  return join(storage.folder.footagePath, CAMERA_ID, String(runId), name);
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function destroyed(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.destroy();
    if (stream.closed) resolve();
  });
}
