import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../server/base/atomic-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-atomic-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('writeFileAtomic', () => {
  it('writes a file that only this account may read', async () => {
    const path = join(folder, 'key');
    await writeFileAtomic(path, 'content');
    expect(await readFile(path, 'utf8')).toBe('content');
    expect(await modeOf(path)).toBe(0o600);
    expect(await readdir(folder)).toEqual(['key']);
  });

  it('replaces a file, and takes over neither its mode nor its end', async () => {
    const path = join(folder, 'key');
    await writeFile(path, 'a longer content than the new one');
    await chmod(path, 0o644);
    await writeFileAtomic(path, Buffer.from([1, 2, 3]));
    expect(await readFile(path)).toEqual(Buffer.from([1, 2, 3]));
    expect(await modeOf(path)).toBe(0o600);
  });

  it('takes a mode', async () => {
    const path = join(folder, 'open');
    await writeFileAtomic(path, 'x', 0o640);
    expect(await modeOf(path)).toBe(0o640);
  });

  it('leaves what was there, and nothing of its own, when the rename fails', async () => {
    // A folder with something in it cannot be replaced by a file.
    const path = join(folder, 'taken');
    await mkdir(join(path, 'child'), { recursive: true });
    await expect(writeFileAtomic(path, 'x')).rejects.toMatchObject({
      ...{ kind: 'io', message: 'could not write taken' },
      cause: expect.objectContaining({ code: 'EISDIR' }) as Error,
    });
    expect(await readdir(folder)).toEqual(['taken']);
    expect(await readdir(path)).toEqual(['child']);
  });

  it('says io when there is no such folder', async () => {
    await expect(writeFileAtomic(join(folder, 'no', 'file'), 'x')).rejects.toMatchObject({
      ...{ kind: 'io', hint: expect.stringContaining('data folder') as string },
    });
  });

  it('leaves one whole file when many write at once', async () => {
    const path = join(folder, 'busy');
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    expect(contents).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['busy']);
  });
});
