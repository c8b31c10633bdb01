import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPrivateFile } from '../../../server/base/private-file.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-private-'));
  path = join(folder, 'secret');
});
afterEach(() => rm(folder, { recursive: true }));

it('reads what only we may read', async () => {
  await writeFile(path, 'x', { mode: 0o600 });
  expect(await readPrivateFile(path, 1)).toEqual(Buffer.from('x'));
});

it('says undefined when there is nothing', async () => {
  expect(await readPrivateFile(path, 1)).toBeUndefined();
});

it.each([0o640, 0o604, 0o620, 0o602])('refuses mode %o and says how to mend it', async (mode) => {
  await writeFile(path, 'x');
  await chmod(path, mode);
  await expect(readPrivateFile(path, 1)).rejects.toMatchObject({
    kind: 'conflict',
    reason: 'unsafe-file',
    hint: expect.stringContaining('chmod 600') as string,
  });
});

it('refuses a link, whatever it points at', async () => {
  await writeFile(join(folder, 'other'), 'x', { mode: 0o600 });
  await symlink(join(folder, 'other'), path);
  await expect(readPrivateFile(path, 1)).rejects.toMatchObject({ reason: 'unsafe-file' });
});

it('refuses a folder and a file that is too long', async () => {
  await expect(readPrivateFile(folder, 1_000_000)).rejects.toMatchObject({ kind: 'conflict' });
  await writeFile(path, 'xy', { mode: 0o600 });
  await expect(readPrivateFile(path, 1)).rejects.toMatchObject({ kind: 'conflict' });
});
