import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { realFileSystem } from '../../../server/storage/footage-files.ts';
import type { FootageStore } from '../../../server/storage/footage.ts';
import type { SegmentPlace } from '../../../server/storage/segments.ts';
import { FaultyFileSystem } from '../../doubles/faulty-file-system.ts';
import { labelledInit } from '../../fixtures/labelled-init.ts';
import { randomFrom } from '../../fixtures/random-from.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const CHUNK = 65_536;
const place = { cameraId: CAMERA_ID, runId: 3, sequence: 7 };
const init = labelledInit(place, 100);

let storage: TestStorage;

beforeEach(async () => {
  storage = await openTestStorage();
});

afterEach(() => {
  storage.remove();
});

function pathOf(sequence = 7): string {
  return join(storage.folder.footagePath, CAMERA_ID, '3', `00000${String(sequence)}.age`);
}

function tailPath(sequence = 7): string {
  return join(storage.folder.tailsPath, `${CAMERA_ID}-3-${String(sequence)}.tail`);
}

async function write(
  pieces: readonly Buffer[],
  { footage = storage.footage, at = place }: { footage?: FootageStore; at?: SegmentPlace } = {},
) {
  const writer = await footage.create(at);
  for (const piece of pieces) await writer.append([piece]);
  return writer;
}

async function readAll(sizeBytes: number, at: SegmentPlace = place): Promise<Buffer> {
  const reader = await storage.footage.open(at);
  try {
    const target = Buffer.alloc(sizeBytes);
    await reader.read(target, 0);
    return target;
  } finally {
    await reader.close();
  }
}

function noise(sizeBytes: number, seed = 1): Buffer {
  const below = randomFrom(seed);
  return Buffer.from(Array.from({ length: sizeBytes }, () => below(256)));
}

describe('a segment file', () => {
  it('is made, appended to, read and deleted; nothing of it lies there in clear', async () => {
    const { footage } = storage;
    const secret = Buffer.from('somebody is at the door');
    const writer = await footage.create(place);
    expect(await writer.append([init, Buffer.alloc(0), secret])).toEqual({
      offsetBytes: 0,
      sizeBytes: 123,
    });
    expect(await writer.append([Buffer.from('two')])).toEqual({ offsetBytes: 123, sizeBytes: 3 });
    for (const path of [pathOf(), tailPath()]) {
      expect(readFileSync(path).includes(secret.subarray(0, 8))).toBe(false);
    }
    await writer.close(126);
    expect(existsSync(tailPath())).toBe(false);
    expect(readFileSync(pathOf()).includes(secret.subarray(0, 8))).toBe(false);
    const reader = await footage.open(place);
    const target = Buffer.alloc(7);
    await reader.read(target, 119);
    expect(target.toString()).toBe('doortwo');
    await expect(reader.read(target, 120)).rejects.toMatchObject({ kind: 'corrupt' });
    await reader.close();
    expect(await footage.durableBytes(place)).toBe(126);
    await footage.removeRunFolder(CAMERA_ID, 3);
    expect(await footage.delete(place)).toBe(true);
    expect(await footage.delete(place)).toBe(false);
    await footage.deleteAll([place]);
    await footage.removeRunFolder(CAMERA_ID, 3);
    await footage.removeRunFolder(CAMERA_ID, 3);
    await footage.removeCameraFolder(CAMERA_ID);
    expect(existsSync(join(storage.folder.footagePath, CAMERA_ID))).toBe(false);
    expect(await footage.durableBytes(place)).toBeUndefined();
    await expect(footage.open(place)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it.each([
    ['in one append', [3 * CHUNK + 5]],
    ['a chunk at a time', [CHUNK, CHUNK, CHUNK]],
    ['a chunk and a byte', [CHUNK, 1]],
    ['byte by byte around the end of a chunk', [CHUNK - 2, 1, 1, 1, 1]],
    ['in uneven pieces', [10, 70_000, 65_000, 1, 200_000, 4_464]],
  ])('reads as it was written while it grows and when it is closed: %s', async (_how, sizes) => {
    const media = noise(sizes.reduce((sum, size) => sum + size, 0));
    const writer = await write([init]);
    let at = 0;
    for (const size of sizes) {
      await writer.append([media.subarray(at, (at += size))]);
      expect((await readAll(100 + at)).equals(Buffer.concat([init, media.subarray(0, at)]))).toBe(
        true,
      );
      expect(await storage.footage.durableBytes(place)).toBe(100 + at);
    }
    await writer.close(100 + at);
    expect((await readAll(100 + at)).subarray(100).equals(media)).toBe(true);
    expect(await storage.footage.durableBytes(place)).toBe(100 + at);
    const chunks = Math.ceil((100 + at) / CHUNK);
    expect(statSync(pathOf()).size).toBeLessThanOrEqual(100 + at + 16 * chunks + 300);
  });

  it('replaces what a create left that never got a row', async () => {
    const left = await write([init, Buffer.from('a longer file than the next one')]);
    await left.close(0);
    const writer = await write([init, Buffer.from('new')]);
    await writer.close(103);
    expect((await readAll(103)).toString('latin1', 100)).toBe('new');
  });

  it('goes on where the system wrote less than it was given', async () => {
    const footage = storage.footageOn({
      ...realFileSystem,
      open: async (path, flags, mode) => {
        const file = await realFileSystem.open(path, flags, mode);
        return {
          close: () => file.close(),
          datasync: () => file.datasync(),
          truncate: (length) => file.truncate(length),
          read: (...args) => file.read(...args),
          stat: () => file.stat(),
          // Thirty bytes at a time, as a disk that is nearly full may.
          writev: (buffers, position) =>
            file.writev([Buffer.concat(buffers).subarray(0, 30)], position),
        };
      },
    });
    const writer = await write([init, Buffer.from('abcdefg')], { footage });
    await writer.close(107);
    expect((await readAll(107)).toString('latin1', 100)).toBe('abcdefg');
  });

  it('syncs its file only when there is a chunk in it: a quiet camera spares the disk', async () => {
    const system = new FaultyFileSystem(Infinity, { kind: 'death' });
    const writer = await write([init], { footage: storage.footageOn(system) });
    const before = system.calls;
    await writer.append([Buffer.alloc(500)]);
    expect(system.calls - before).toBe(2);
    await writer.append([Buffer.alloc(CHUNK)]);
    expect(system.calls - before).toBe(6);
    await writer.close(100 + 500 + CHUNK);
  });

  it('has a tail that does not grow for ever', async () => {
    const writer = await write([init]);
    const piece = noise(CHUNK + 1_000);
    for (let index = 0; index < 150; index += 1) await writer.append([piece]);
    expect(statSync(tailPath()).size).toBeLessThan(61 * CHUNK);
    const sizeBytes = 100 + 150 * piece.length;
    expect((await readAll(sizeBytes)).subarray(sizeBytes - piece.length).equals(piece)).toBe(true);
    await writer.close(sizeBytes);
    expect((await readAll(sizeBytes)).subarray(sizeBytes - piece.length).equals(piece)).toBe(true);
  });
});

describe('a failed append', () => {
  it('ends the segment; what was durable before still is', async () => {
    // Folders of camera and run with their syncs, two removals, two files with a sync each, then two
    // times writev and datasync for the first append.
    const system = new FaultyFileSystem(15, { kind: 'error', code: 'EIO', times: 1 });
    const writer = await write([init], { footage: storage.footageOn(system) });
    await expect(writer.append([Buffer.from('lost')])).rejects.toMatchObject({
      ...{ kind: 'io', reason: 'write-failed' },
    });
    expect(system.hasHappened).toBe(true);
    await expect(writer.append([Buffer.from('more')])).rejects.toMatchObject({ kind: 'internal' });
    await writer.close(100);
    expect(existsSync(tailPath())).toBe(true);
    expect((await readAll(100)).equals(init)).toBe(true);
    await storage.footage.finish(place, 100);
    expect(existsSync(tailPath())).toBe(false);
    expect(await storage.footage.durableBytes(place)).toBe(100);
    expect((await readAll(100)).equals(init)).toBe(true);
  });

  it('of a whole chunk is cut back to what counted', async () => {
    const media = noise(CHUNK);
    const writer = await write([init, media]);
    // Durable, but the row that would count it could not be written.
    await writer.append([noise(3 * CHUNK)]);
    await writer.close(100 + CHUNK);
    await storage.footage.finish(place, 100 + CHUNK);
    expect(await storage.footage.durableBytes(place)).toBe(100 + CHUNK);
    expect((await readAll(100 + CHUNK)).subarray(100).equals(media)).toBe(true);
  });

  it('says that the disk is full', async () => {
    const footage = storage.footageOn(
      new FaultyFileSystem(0, { kind: 'error', code: 'ENOSPC', times: 99 }),
    );
    await expect(footage.create(place)).rejects.toMatchObject({ kind: 'io', reason: 'disk-full' });
  });

  it('says so when a delete, a look or a folder does not work', async () => {
    const footage = storage.footageOn(
      new FaultyFileSystem(0, { kind: 'error', code: 'EACCES', times: 99 }),
    );
    for (const attempt of [
      footage.delete(place),
      footage.deleteAll([place]),
      footage.durableBytes(place),
      footage.removeRunFolder(CAMERA_ID, 1),
    ]) {
      await expect(attempt).rejects.toMatchObject({ kind: 'io' });
    }
  });
});

describe('locked', () => {
  it('goes on being written and counted, and is not read', async () => {
    storage.keys.isOpen = false;
    const writer = await write([init, Buffer.from('more')]);
    expect(await storage.footage.durableBytes(place)).toBe(104);
    await writer.close(104);
    expect(await storage.footage.durableBytes(place)).toBe(104);
    await expect(storage.footage.open(place)).rejects.toMatchObject({ kind: 'locked' });
  });

  it('after it was open: nothing is remembered', async () => {
    const writer = await write([init]);
    await writer.close(100);
    await readAll(100);
    await readAll(100);
    expect(storage.keys.opened).toBe(1);
    storage.keys.isOpen = false;
    await expect(storage.footage.open(place)).rejects.toMatchObject({ kind: 'locked' });
  });
});

describe('finishing', () => {
  it('ends each file that was left at any moment of its close, always with the same bytes', async () => {
    const media = noise(CHUNK + 777);
    const whole = await write([init, media]);
    await whole.close(100 + media.length);
    const sealed = readFileSync(pathOf());
    await storage.footage.delete(place);
    const writer = await write([init, media]);
    const [torn, tail] = [readFileSync(pathOf()), readFileSync(tailPath())];
    await writer.close(100 + media.length);
    const complete = readFileSync(pathOf());
    // Sealed with another file key each time, so only the lengths are the same.
    expect(complete.length).toBe(sealed.length);
    for (let kept = torn.length; kept <= complete.length; kept += 97) {
      writeFileSync(pathOf(), complete.subarray(0, Math.min(kept, complete.length)));
      writeFileSync(tailPath(), tail);
      await storage.footage.finish(place, 100 + media.length);
      expect(readFileSync(pathOf()).equals(complete)).toBe(true);
      expect(readdirSync(storage.folder.tailsPath)).toEqual([]);
    }
  });

  it('changes nothing where the bytes that count are not there', async () => {
    const writer = await write([init, noise(500)]);
    await writer.close(0);
    const before = [readFileSync(pathOf()), readFileSync(tailPath())];
    await expect(storage.footage.finish(place, 601)).rejects.toMatchObject({ kind: 'corrupt' });
    expect([readFileSync(pathOf()), readFileSync(tailPath())]).toEqual(before);
  });

  it('knows what is unfinished, and what is only being written', async () => {
    const writer = await write([init]);
    expect(await storage.footage.unfinished()).toEqual([]);
    await writer.close(0);
    expect(await storage.footage.unfinished()).toEqual([place]);
  });
});

describe('a file that is not the one', () => {
  const other = { ...place, sequence: 8 };

  it('is noticed in the place of another one', async () => {
    for (const at of [place, other]) {
      const writer = await write([labelledInit(at, 100)], { at });
      await writer.close(100);
    }
    renameSync(pathOf(8), pathOf(7));
    await expect(storage.footage.open(place)).rejects.toMatchObject({
      ...{ kind: 'corrupt', reason: 'segment-exchanged' },
    });
    writeFileSync(pathOf(7), 'no age file at all');
    await expect(storage.footage.open(place)).rejects.toMatchObject({ kind: 'corrupt' });
    expect(await storage.footage.durableBytes(place)).toBe(0);
  });

  it('a tail of another segment opens nothing', async () => {
    for (const at of [place, other]) {
      const writer = await write([labelledInit(at, 100), noise(300)], { at });
      await writer.close(0);
    }
    renameSync(tailPath(8), tailPath(7));
    await expect(readAll(400)).rejects.toThrow(AppError);
  });
});
