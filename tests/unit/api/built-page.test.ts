/** The page is a closed list of files, read once. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { readBuiltPage } from '../../../server/api/built-page.ts';

let folder: string;

async function write(name: string, content: string | Buffer): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

describe('the built page', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorkeep-page-'));
    return () => rm(folder, { recursive: true });
  });

  it('is empty where nothing was built', async () => {
    expect((await readBuiltPage(join(folder, 'nothing'))).size).toBe(0);
  });

  it('has each file by the path of its address, with its type', async () => {
    await write('index.html', '<!doctype html>');
    await write('assets/main-1a2b.js', 'export {};');
    await write('assets/deep/sheet.css', 'a{}');
    await write('icon.svg', '<svg/>');
    const page = await readBuiltPage(folder);
    const types = [...page].map(([address, { contentType }]) => [address, contentType]).sort();
    expect(types).toEqual([
      ['/assets/deep/sheet.css', 'text/css; charset=utf-8'],
      ['/assets/main-1a2b.js', 'text/javascript; charset=utf-8'],
      ['/icon.svg', 'image/svg+xml'],
      ['/index.html', 'text/html; charset=utf-8'],
    ]);
  });

  it('leaves out what it knows no type for, and what is no file', async () => {
    await write('index.html', 'x');
    await write('notes.txt', 'x');
    await write('main.js.map', '{}');
    await writeFile(join(folder, 'outside'), 'secret');
    await symlink(join(folder, 'outside'), join(folder, 'link.html'));
    expect([...(await readBuiltPage(folder)).keys()]).toEqual(['/index.html']);
  });

  it('keeps a file for ever when its name changes with its content', async () => {
    await write('index.html', 'x');
    await write('assets/main-1a2b.js', 'x');
    const page = await readBuiltPage(folder);
    expect(page.get('/index.html')?.immutable).toBe(false);
    expect(page.get('/assets/main-1a2b.js')?.immutable).toBe(true);
  });

  it('compresses what gets smaller, and nothing else', async () => {
    const long = 'export const a = 1;\n'.repeat(100);
    await write('long.js', long);
    await write('short.js', '1');
    const page = await readBuiltPage(folder);
    expect(gunzipSync(page.get('/long.js')?.gzip ?? Buffer.alloc(0)).toString()).toBe(long);
    expect(page.get('/short.js')?.gzip).toBeUndefined();
  });

  it('gives the same content the same validator, and another content another', async () => {
    await write('a.js', 'one');
    await write('b.js', 'one');
    await write('c.js', 'two');
    const page = await readBuiltPage(folder);
    const [a, b, c] = ['/a.js', '/b.js', '/c.js'].map((name) => page.get(name)?.etag);
    expect(a).toMatch(/^"[\w-]{22}"$/);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  it('refuses a folder that cannot be the page', async () => {
    await write('large.js', Buffer.alloc(9 * 1024 * 1024));
    await expect(readBuiltPage(folder)).rejects.toMatchObject({ kind: 'internal' });
  });
});
