import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FootageStore, realFileSystem } from '../../../server/storage/footage.ts';
import { FaultyFileSystem } from '../../doubles/faulty-file-system.ts';
import { CAMERA_ID, openTestStorage, type TestStorage } from '../../fixtures/test-storage.ts';

const place = { cameraId: CAMERA_ID, runId: 3, sequence: 7 };

let storage: TestStorage;

afterEach(() => {
  storage.remove();
});

function pathOf(): string {
  return join(storage.folder.footagePath, CAMERA_ID, '3', '000007.mp4');
}

describe('a segment file', () => {
  it('is made, appended to, read and deleted', async () => {
    storage = await openTestStorage();
    const { footage } = storage;
    const writer = await footage.create(place);
    expect(await writer.append([Buffer.from('init'), Buffer.alloc(0), Buffer.from('one')])).toEqual(
      {
        offsetBytes: 0,
        sizeBytes: 7,
      },
    );
    expect(await writer.append([Buffer.from('two')])).toEqual({ offsetBytes: 7, sizeBytes: 3 });
    await writer.close();
    expect(readFileSync(pathOf(), 'utf8')).toBe('initonetwo');
    const reader = await footage.open(place);
    const target = Buffer.alloc(4);
    await reader.read(target, 6);
    expect(target.toString()).toBe('etwo');
    await expect(reader.read(target, 8)).rejects.toMatchObject({ kind: 'corrupt' });
    await reader.close();
    expect(await footage.sizeOf(place)).toBe(10);
    await footage.truncate(place, 4);
    expect(await footage.sizeOf(place)).toBe(4);
    await footage.removeRunFolder(CAMERA_ID, 3);
    expect(await footage.delete(place)).toBe(true);
    expect(await footage.delete(place)).toBe(false);
    await footage.deleteAll([place]);
    await footage.removeRunFolder(CAMERA_ID, 3);
    await footage.removeRunFolder(CAMERA_ID, 3);
    await footage.removeCameraFolder(CAMERA_ID);
    expect(existsSync(join(storage.folder.footagePath, CAMERA_ID))).toBe(false);
    expect(await footage.sizeOf(place)).toBeUndefined();
    await expect(footage.open(place)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('replaces what a create left that never got a row', async () => {
    storage = await openTestStorage();
    const left = await storage.footage.create(place);
    await left.append([Buffer.from('a longer file than the next one')]);
    await left.close();
    const writer = await storage.footage.create(place);
    await writer.append([Buffer.from('new')]);
    await writer.close();
    expect(readFileSync(pathOf(), 'utf8')).toBe('new');
  });

  it('goes on where the system wrote less than it was given', async () => {
    storage = await openTestStorage({
      ...realFileSystem,
      open: async (path, flags, mode) => {
        const file = await realFileSystem.open(path, flags, mode);
        return {
          close: () => file.close(),
          datasync: () => file.datasync(),
          truncate: (length) => file.truncate(length),
          read: (...args) => file.read(...args),
          stat: () => file.stat(),
          // Three bytes at a time, as a disk that is nearly full may.
          writev: (buffers, position) =>
            file.writev([Buffer.concat(buffers).subarray(0, 3)], position),
        };
      },
    });
    const writer = await storage.footage.create(place);
    await writer.append([Buffer.from('ab'), Buffer.from('cdef'), Buffer.from('g')]);
    await writer.close();
    expect(readFileSync(pathOf(), 'utf8')).toBe('abcdefg');
  });

  it('takes no more after a failed append, and is cut back to what is durable', async () => {
    storage = await openTestStorage();
    // makeFolder and syncFolder twice, removeFile, open, syncFolder, then writev and datasync twice.
    const system = new FaultyFileSystem(10, { kind: 'error', code: 'EIO', times: 1 });
    const footage = new FootageStore(storage.folder.footagePath, system);
    const writer = await footage.create(place);
    await writer.append([Buffer.from('durable')]);
    await expect(writer.append([Buffer.from('lost')])).rejects.toMatchObject({
      kind: 'io',
      reason: 'write-failed',
    });
    expect(readFileSync(pathOf(), 'utf8')).toBe('durablelost');
    await expect(writer.append([Buffer.from('more')])).rejects.toMatchObject({ kind: 'internal' });
    await writer.close();
    expect(readFileSync(pathOf(), 'utf8')).toBe('durable');
  });

  it('says that the disk is full', async () => {
    storage = await openTestStorage(
      new FaultyFileSystem(0, { kind: 'error', code: 'ENOSPC', times: 99 }),
    );
    await expect(storage.footage.create(place)).rejects.toMatchObject({
      kind: 'io',
      reason: 'disk-full',
    });
  });

  it('says so when a delete, a truncation or a folder does not work', async () => {
    storage = await openTestStorage(
      new FaultyFileSystem(0, { kind: 'error', code: 'EACCES', times: 99 }),
    );
    const { footage } = storage;
    for (const attempt of [
      footage.delete(place),
      footage.deleteAll([place]),
      footage.truncate(place, 1),
      footage.sizeOf(place),
      footage.removeRunFolder(CAMERA_ID, 1),
    ]) {
      await expect(attempt).rejects.toMatchObject({ kind: 'io' });
    }
  });
});
