import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../server/storage/data-folder.ts';

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'doorkeep-data-'));
});

afterEach(() => {
  rmSync(parent, { recursive: true });
});

describe('the data folder', () => {
  it('is made with its folders, for its owner only', async () => {
    const folder = await openDataFolder(join(parent, 'a', 'data'));
    for (const path of [folder.path, folder.footagePath, folder.exportsPath, folder.keysPath]) {
      expect(statSync(path).mode & 0o777).toBe(0o700);
    }
    folder.release();
    folder.release();
  });

  it('takes an empty folder over, with what a new disk has in it', async () => {
    const path = join(parent, 'disk');
    mkdirSync(join(path, 'lost+found'), { recursive: true });
    chmodSync(path, 0o755);
    (await openDataFolder(path)).release();
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('does not lock others out of a folder that holds their files', async () => {
    const path = join(parent, 'home');
    mkdirSync(path, { mode: 0o755 });
    writeFileSync(join(path, 'letter.txt'), 'dear');
    const folder = await openDataFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o755);
    expect(statSync(folder.footagePath).mode & 0o777).toBe(0o700);
    folder.release();
  });

  it('belongs to one server at a time, and says to which', async () => {
    const path = join(parent, 'data');
    const folder = await openDataFolder(path);
    await expect(openDataFolder(path)).rejects.toMatchObject({
      kind: 'conflict',
      reason: 'in-use',
      message: expect.stringContaining(`process ${process.pid}`) as string,
    });
    folder.release();
    (await openDataFolder(path)).release();
    expect(existsSync(join(path, 'server.pid'))).toBe(false);
  });

  it('is free again when the server that had it was killed', async () => {
    const path = join(parent, 'data');
    (await openDataFolder(path)).release();
    const holder = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import SQLite from 'better-sqlite3';
         globalThis.lock = new SQLite(process.argv[1]).exec('BEGIN EXCLUSIVE');
         process.stdout.write('held');
         process.stdin.resume();`,
        join(path, 'server.lock'),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    await once(holder.stdout, 'data');
    await expect(openDataFolder(path)).rejects.toMatchObject({ reason: 'in-use' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    (await openDataFolder(path)).release();
  });

  it('refuses the layout of another version, and names it', async () => {
    const path = join(parent, 'data');
    (await openDataFolder(path)).release();
    writeFileSync(join(path, 'layout-version'), '9\n');
    await expect(openDataFolder(path)).rejects.toMatchObject({
      kind: 'conflict',
      reason: 'other-version',
      hint: expect.stringContaining('version 9') as string,
    });
    writeFileSync(join(path, 'layout-version'), 'nonsense');
    await expect(openDataFolder(path)).rejects.toMatchObject({ reason: 'other-version' });
    // Footage in clear, which nothing here reads.
    writeFileSync(join(path, 'layout-version'), '1\n');
    await expect(openDataFolder(path)).rejects.toMatchObject({ reason: 'other-version' });
    writeFileSync(join(path, 'layout-version'), '2\n');
    (await openDataFolder(path)).release();
  });

  it('is given up although the file that names the process cannot be deleted', async () => {
    const path = join(parent, 'data');
    const folder = await openDataFolder(path);
    const pidPath = join(path, 'server.pid');
    rmSync(pidPath);
    mkdirSync(pidPath);
    folder.release();
    rmSync(pidPath, { recursive: true });
    const again = await openDataFolder(path);
    expect(again.path).toBe(path);
    again.release();
  });

  it('refuses a file, and a place where nothing can be written', async () => {
    const file = join(parent, 'file');
    writeFileSync(file, '');
    await expect(openDataFolder(file)).rejects.toMatchObject({ reason: 'not-a-folder' });
    await expect(openDataFolder(join(file, 'below'))).rejects.toMatchObject({
      reason: 'not-a-folder',
    });
    // Nobody may write here, not even root.
    await expect(openDataFolder('/proc')).rejects.toMatchObject({
      kind: 'io',
      reason: 'not-writable',
    });
    await expect(openDataFolder('/proc/doorkeep')).rejects.toMatchObject({
      reason: 'not-writable',
    });
  });
});
