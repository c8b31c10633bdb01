/**
 * No key and nonce seal two texts, whatever the box goes through: busy and quiet cameras, disks that fail
 * at any call, segments that are made again under the same name, crashes in the middle and in the last
 * chunk, a clock that is set back. `TORTURE_ROUNDS` makes it longer: `npm run torture -- nonces`.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHUNK_BYTES, ChunkSealer } from '../../server/age/chunks.ts';
import { fileKeyOf, sealHeader } from '../../server/age/header.ts';
import { newIdentity, recipientOf } from '../../server/age/identity.ts';
import { toAppError } from '../../server/base/errors.ts';
import { silentLog } from '../../server/base/log.ts';
import type { UtcDay } from '../../server/base/time.ts';
import { Recorder } from '../../server/recorder/recorder.ts';
import { FileKeys, type FootageKeys } from '../../server/storage/file-keys.ts';
import { FootageStore } from '../../server/storage/footage.ts';
import { sealPayload } from '../../server/storage/payload.ts';
import { SealedFileWriter } from '../../server/storage/sealed-file.ts';
import type { SegmentWriter } from '../../server/storage/segment-writer.ts';
import type { SegmentPlace } from '../../server/storage/segments.ts';
import { TailSealer } from '../../server/storage/tail.ts';
import { MemoryFileSystem } from '../doubles/memory-file-system.ts';
import { TestClock } from '../doubles/test-clock.ts';
import { labelledInit } from '../fixtures/labelled-init.ts';
import { madeFrames, madeRun, messagesOf } from '../fixtures/made-media.ts';
import { NonceCensus } from '../fixtures/nonce-census.ts';
import { randomFrom } from '../fixtures/random-from.ts';
import { CAMERA_ID, openTestStorage } from '../fixtures/test-storage.ts';

const ROUNDS = Number(process.env.TORTURE_ROUNDS ?? 1);
const SEED = Number(process.env.TORTURE_SEED ?? 1);

/** Of 64 KiB each: one round is 13 GB of footage, six hours of a camera with 5 Mbit/s. */
const ROUND_CHUNKS = 200_000;

/** So many of the long form are sealed for good. */
const SEALED_CHUNKS = 50_000;

/** A round takes 20 s on one core of a small machine. */
const ROUND_MAX_MS = 120_000;

/** What cameras send: copied from, never written to. */
const MEDIA = randomBytes(4 * 1024 * 1024);

let census: NonceCensus;
let keys: FootageKeys;
/** An integer in [0, below). */
let below: (limit: number) => number;

beforeEach(async () => {
  below = randomFrom(SEED);
  const identity = await newIdentity();
  const recipient = await recipientOf(identity);
  keys = {
    isOpen: true,
    newHeader: () => sealHeader([recipient]),
    unwrapFileKey: (header) => fileKeyOf(header, [identity]),
  };
  census = NonceCensus.start();
});

afterEach(() => {
  census.stop();
});

/** In the long form whole recordings, which nobody opens afterwards, are counted without the cipher, from
 * some number on: it is nine tenths of the time, and knows nothing of keys and nonces. */
function isLong(): boolean {
  return ROUNDS > 1 && census.wholeChunks >= SEALED_CHUNKS;
}

function isOnce(inTimes: number): boolean {
  return below(inTimes) === 0;
}

function media(bytes: number): Buffer {
  const from = below(MEDIA.length - bytes);
  return MEDIA.subarray(from, from + bytes);
}

/** A box whose disk is in memory. A restart is another store on the same files. */
class Box {
  readonly system = new MemoryFileSystem();
  store = this.#open();
  #runId = 1;
  #sequence = 0;
  /** Last chunks that were sealed a second time. */
  finishedAgain = 0;

  #open(): FootageStore {
    const paths = { footagePath: '/footage', tailsPath: '/tails' };
    return new FootageStore({ ...paths, fileKeys: new FileKeys(keys), system: this.system });
  }

  get place(): SegmentPlace {
    return { cameraId: CAMERA_ID, runId: this.#runId, sequence: this.#sequence };
  }

  next(): void {
    this.#sequence += 1;
  }

  restart(): void {
    this.store = this.#open();
    this.#runId += 1;
    this.#sequence = 0;
  }

  async begin(): Promise<{ writer: SegmentWriter; sizeBytes: number }> {
    const writer = await this.store.create(this.place);
    const { sizeBytes } = await writer.append([labelledInit(this.place, 1_000), media(70_000)]);
    return { writer, sizeBytes };
  }
}

/** A minute of a camera, closed as it should be. */
async function record(box: Box, appends: number, bytes: () => number): Promise<void> {
  census.skipsCipher = isLong();
  const { writer, sizeBytes } = await box.begin();
  let size = sizeBytes;
  for (let time = 0; time < appends; time += 1) {
    size += (await writer.append([media(bytes())])).sizeBytes;
  }
  await writer.close(size);
  census.skipsCipher = false;
  box.next();
}

/** The disk fails at some call; then the same segment again, or the next one. */
async function recordOnBrokenDisk(box: Box): Promise<void> {
  box.system.fault = { calls: below(40), after: isOnce(2) };
  let counted = 0;
  let writer: SegmentWriter | undefined;
  try {
    writer = await box.store.create(box.place);
    counted = (await writer.append([labelledInit(box.place, 1_000), media(70_000)])).sizeBytes;
    for (let time = 0; time < 12; time += 1) {
      counted += (await writer.append([media(30_000)])).sizeBytes;
    }
    await writer.close(counted);
  } catch (thrown) {
    expect(toAppError(thrown).kind).toBe('io');
    await writer?.close(counted).catch(() => undefined);
  }
  box.system.fault = undefined;
  // Where it never got a row, its name is used again.
  if (isOnce(2)) box.next();
}

/** The box dies while it records, or while it writes the last chunk; somebody unlocks after the start, and
 * it may die while it finishes, too. */
async function crash(box: Box): Promise<void> {
  box.system.keepsBytes = true;
  const { writer, sizeBytes } = await box.begin();
  let size = sizeBytes;
  for (let time = below(20); time > 0; time -= 1) {
    size += (await writer.append([media(1 + below(40_000))])).sizeBytes;
  }
  if (isOnce(2)) {
    // close 2 is done, or half of it; nobody hears of it.
    box.system.fault = { calls: below(2), after: true };
    await writer.close(size).catch(() => undefined);
    box.system.fault = undefined;
  }
  const { place } = box;
  box.restart();
  for (let time = below(3); time > 0; time -= 1) {
    box.system.fault = { calls: below(4), after: isOnce(2) };
    await box.store.finish(place, size).catch(() => undefined);
    box.system.fault = undefined;
  }
  await box.store.finish(place, size);
  const reader = await box.store.open(place);
  expect(await reader.endsWith(size)).toBe(true);
  await reader.close();
  box.system.keepsBytes = false;
  box.system.forgetFiles();
}

/** The real recorder, three starts of it, each a day before the other. */
async function recordWithClockSetBack(): Promise<void> {
  const storage = await openTestStorage();
  const { footagePath, tailsPath } = storage.folder;
  const system = new MemoryFileSystem();
  try {
    for (let start = 0; start < 3; start += 1) {
      const nowMs = Date.UTC(2026, 0, 10 - start);
      const fileKeys = new FileKeys(keys);
      const recorder = new Recorder({
        ...{ cameraId: CAMERA_ID, db: storage.db, clock: new TestClock(nowMs), log: silentLog },
        footage: new FootageStore({ footagePath, tailsPath, fileKeys, system }),
        random: () => 0.5,
      });
      const frames = madeFrames({ lengthMs: 70_000, gopMs: 1_000, frameMs: 500 });
      async function* camera() {
        for (const message of messagesOf(madeRun(nowMs), frames, 'stalled')) {
          yield message;
          await Promise.resolve();
        }
      }
      await recorder.run(camera(), new AbortController().signal);
    }
  } finally {
    storage.remove();
  }
}

/** An export that is begun, given up, and begun again in the same place; payloads of a day. */
async function sealTheRest(folder: string): Promise<void> {
  const path = join(folder, 'export.mp4.age');
  for (let time = 0; time < 2; time += 1) {
    const writer = await SealedFileWriter.create(path, new FileKeys(keys));
    for (let at = 0; at < 10; at += 1) await writer.write(media(100_000));
    await (time === 0 ? writer.abandon() : writer.finish());
  }
  const dayKey = { id: randomBytes(8), key: randomBytes(32) };
  const place = { day: 20_000 as UtcDay, table: 'event', column: 'labels', rowId: 1 };
  for (let time = 0; time < 1_000; time += 1) sealPayload(dayKey, place, Buffer.from('cat'));
}

describe('keys and nonces', () => {
  it(
    `seal one text each, in ${(ROUNDS * ROUND_CHUNKS).toLocaleString('en')} chunks`,
    { timeout: ROUNDS * ROUND_MAX_MS },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'doorkeep-nonces-'));
      const box = new Box();
      const done = { segments: 0, crashes: 0, brokenDisks: 0 };
      for (let round = 1; round <= ROUNDS; round += 1) {
        await recordWithClockSetBack();
        await sealTheRest(folder);
        while (census.wholeChunks < round * ROUND_CHUNKS) {
          await record(box, 20, () => 500_000 + below(500_000));
          // A quiet camera: one chunk for many seconds, each of them a record of the tail.
          if (isOnce(5)) await record(box, 60, () => 500 + below(3_000));
          // Each append ends a chunk, so the tail begins anew when it is 4 MB.
          if (isOnce(20)) await record(box, 150, () => CHUNK_BYTES + below(1_000));
          if (isOnce(3)) await recordOnBrokenDisk(box);
          if (isOnce(3)) await crash(box);
          done.segments += 1;
          if (isOnce(20)) box.restart();
        }
      }
      await rm(folder, { recursive: true });
      census.stop();
      const report = census.report();
      expect(census.wholeChunks).toBeGreaterThanOrEqual(ROUNDS * ROUND_CHUNKS);
      expect(report.repeated).toEqual([]);
      // What finishing seals again was there before, byte by byte: rule 1 of "The last chunk".
      expect(report.sealedAlike).toBeGreaterThan(0);
      const { pairs, keys: keyCount, sealedAlike } = report;
      process.stdout.write(
        `nonces: ${String(census.wholeChunks)} whole chunks, ${String(pairs)} pairs, ` +
          `${String(keyCount)} keys; 0 sealed two texts, ${String(sealedAlike)} sealed the same again\n`,
      );
    },
  );
});

describe('the census', () => {
  /** What it finds when `work` seals. */
  async function repeatedBy(work: () => void | Promise<void>): Promise<number> {
    await work();
    census.stop();
    return census.report().repeated.length;
  }

  it('finds a file that is begun again with the same key and nonce', async () => {
    const fixed = await keys.newHeader();
    const headers = { ...keys, newHeader: () => Promise.resolve(fixed) };
    const fileKey = Buffer.from(fixed.fileKey);
    const system = new MemoryFileSystem();
    const store = new FootageStore({
      ...{ footagePath: '/footage', tailsPath: '/tails', system },
      fileKeys: new FileKeys(headers),
    });
    const write = async (sequence: number): Promise<void> => {
      // The writer zeroes the key that it was given.
      fileKey.copy(fixed.fileKey);
      const writer = await store.create({ cameraId: CAMERA_ID, runId: 1, sequence });
      await writer.append([media(200_000)]);
      await writer.close(200_000);
    };
    // Three whole chunks, a last one, and a record of the tail.
    expect(
      await repeatedBy(async () => {
        await write(0);
        await write(1);
      }),
    ).toBe(5);
  });

  it('finds a tail whose records are counted from zero again', async () => {
    const binding = { fileKey: randomBytes(16), payloadNonce: randomBytes(16), name: 'x' };
    expect(
      await repeatedBy(() => {
        for (let time = 0; time < 2; time += 1) {
          const sealer = new TailSealer(binding);
          for (let record = 0; record < 3; record += 1) sealer.seal(0, record, media(1));
        }
      }),
    ).toBeGreaterThanOrEqual(2);
  });

  it('finds a last chunk over other bytes, and lets pass one over the same', async () => {
    const file = { key: randomBytes(16), nonce: randomBytes(16) };
    const last = (plaintext: Buffer): void => {
      ChunkSealer.forLast(file.key, file.nonce, 0).last(plaintext);
    };
    const text = media(1_000);
    last(text);
    last(text);
    expect(await repeatedBy(() => undefined)).toBe(0);
    census = NonceCensus.start();
    last(text);
    expect(
      await repeatedBy(() => {
        last(text.subarray(0, 999));
      }),
    ).toBe(1);
  });

  it('finds two texts under a key of another kind and one nonce', async () => {
    const { createCipheriv } = await import('node:crypto');
    const [key, nonce] = [randomBytes(32), randomBytes(12)];
    expect(
      await repeatedBy(() => {
        for (const text of ['one', 'two']) {
          createCipheriv('aes-256-gcm', key, nonce).update(Buffer.from(text));
        }
      }),
    ).toBe(1);
  });
});

describe('a data folder that is put back from a copy', () => {
  it('seals the beginning of one last chunk again, and no other text', async () => {
    const box = new Box();
    box.system.keepsBytes = true;
    const { writer, sizeBytes } = await box.begin();
    const copied = box.system.copy();
    const { sizeBytes: more } = await writer.append([media(20_000)]);
    await writer.close(sizeBytes + more);
    const { place } = box;
    const original = await bytesOf(box, place);
    box.system.restore(copied);
    box.restart();
    await box.store.finish(place, sizeBytes);
    const restored = await bytesOf(box, place);
    census.stop();
    // The one pair that seals two texts, where the copy was made while a segment was open.
    expect(census.report().repeated).toHaveLength(1);
    // The shorter text is the beginning of the longer one, and so is what it was sealed into.
    const sealed = restored.length - 16;
    expect(original.subarray(0, sealed).equals(restored.subarray(0, sealed))).toBe(true);
    expect(original.length).toBeGreaterThan(restored.length);
  });

  async function bytesOf(box: Box, { cameraId, runId, sequence }: SegmentPlace): Promise<Buffer> {
    const name = `/footage/${cameraId}/${String(runId)}/${String(sequence).padStart(6, '0')}.age`;
    const file = await box.system.open(name, 0);
    const bytes = Buffer.alloc((await file.stat()).size);
    await file.read(bytes, 0, bytes.length, 0);
    return bytes;
  }
});
