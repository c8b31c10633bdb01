import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BoxKey } from '../../../server/keys/box-key.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-keys-'));
  path = join(folder, 'box.key');
});
afterEach(() => rm(folder, { recursive: true }));

describe('the file', () => {
  it('is made once: 32 bytes, for this account only', async () => {
    await BoxKey.load(path);
    const bytes = await readFile(path);
    expect(bytes).toHaveLength(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await BoxKey.load(path);
    expect(await readFile(path)).toEqual(bytes);
  });

  it.each([0, 31, 33])('is refused at %i bytes, and stays as it is', async (size) => {
    const bytes = Buffer.alloc(size, 7);
    await writeFile(path, bytes, { mode: 0o600 });
    await expect(BoxKey.load(path)).rejects.toMatchObject({
      kind: 'conflict',
      reason: 'unsafe-file',
    });
    expect(await readFile(path)).toEqual(bytes);
  });

  it('is refused when others may read it', async () => {
    await BoxKey.load(path);
    await chmod(path, 0o644);
    await expect(BoxKey.load(path)).rejects.toMatchObject({
      kind: 'conflict',
      hint: expect.stringContaining('chmod 600') as string,
    });
  });
});

describe('sealing', () => {
  const plain = Buffer.from('{"username":"admin","password":"hunter2"}');

  it('opens with the same key and the same associated data, after a restart too', async () => {
    const sealed = (await BoxKey.load(path)).seal(plain, 'camera:1');
    expect((await BoxKey.load(path)).open(sealed, 'camera:1')).toEqual(plain);
    expect(sealed.includes('hunter2')).toBe(false);
  });

  it('seals nothing, too', async () => {
    const key = await BoxKey.load(path);
    expect(key.open(key.seal(Buffer.alloc(0), ''), '')).toHaveLength(0);
  });

  it('never looks the same twice', async () => {
    const key = await BoxKey.load(path);
    expect(key.seal(plain, 'a')).not.toEqual(key.seal(plain, 'a'));
  });

  it('does not open for another camera or with another key', async () => {
    const key = await BoxKey.load(path);
    const sealed = key.seal(plain, 'camera:1');
    expect(() => key.open(sealed, 'camera:2')).toThrow(
      expect.objectContaining({ kind: 'corrupt' }),
    );
    const other = await BoxKey.load(join(folder, 'other.key'));
    expect(() => other.open(sealed, 'camera:1')).toThrow(
      expect.objectContaining({ kind: 'corrupt' }),
    );
  });

  it('does not open with any bit changed, or cut anywhere', async () => {
    const key = await BoxKey.load(path);
    const sealed = key.seal(plain, 'camera:1');
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      for (const bytes of [changed, sealed.subarray(0, index)]) {
        expect(() => key.open(bytes, 'camera:1')).toThrow(
          expect.objectContaining({ kind: 'corrupt' }),
        );
      }
    }
  });

  it('does not show its key when it is printed', async () => {
    const key = await BoxKey.load(path);
    const bytes = await readFile(path);
    const printed = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key);
    expect(printed).not.toContain(bytes.toString('hex'));
    expect(printed).not.toContain(bytes.toString('base64'));
  });
});
