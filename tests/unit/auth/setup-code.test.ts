import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SetupCode } from '../../../server/auth/setup-code.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-setup-'));
  path = join(folder, 'setup-token');
});
afterEach(() => rm(folder, { recursive: true }));

async function opened(): Promise<SetupCode> {
  const code = new SetupCode(path);
  await code.open();
  return code;
}

it('lies in a file for this account only, and matches with a line end around it', async () => {
  const code = await opened();
  const text = await readFile(path, 'utf8');
  expect(text.trim()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(code.matches(text)).toBe(true);
  expect(code.matches(text.trim())).toBe(true);
  expect(code.matches(`x${text.trim().slice(1)}x`)).toBe(false);
  expect(code.matches('')).toBe(false);
});

it('does not print', async () => {
  const code = await opened();
  expect(String(code.code)).toBe('[secret]');
});

it('survives a restart before set-up', async () => {
  const before = (await opened()).code?.reveal();
  expect((await opened()).code?.reveal()).toBe(before);
});

it.each([
  ['others may have read it', async () => chmod(path, 0o644)],
  ['it holds something else', async () => writeFile(path, 'hello', { mode: 0o600 })],
  ['it is empty', async () => writeFile(path, '', { mode: 0o600 })],
])('is a new one when %s', async (_why, spoil) => {
  const before = (await opened()).code?.reveal();
  await spoil();
  const after = (await opened()).code?.reveal();
  expect(after).not.toBe(before);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await readFile(path, 'utf8')).trim()).toBe(after);
});

it('is gone for good', async () => {
  const code = await opened();
  const text = code.code?.reveal() ?? '';
  await code.removeFile();
  expect(await readdir(folder)).toEqual([]);
  expect(code.matches(text)).toBe(true);
  code.forget();
  expect(code.matches(text)).toBe(false);
  expect(code.matches('')).toBe(false);
  await code.removeFile();
});
