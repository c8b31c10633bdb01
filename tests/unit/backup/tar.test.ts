import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  readTarHeader,
  TAR_BLOCK_BYTES,
  TAR_END,
  TAR_FILE_MAX_BYTES,
  tarBytesOf,
  tarHeader,
  tarPadding,
} from '../../../server/backup/tar.ts';

const WHEN = Date.UTC(2026, 0, 1);

/** A header with some of its bytes changed, and the checksum right again. */
function changed(change: (block: Buffer) => void): Buffer {
  const block = tarHeader({ name: 'manifest.json', sizeBytes: 7 }, WHEN);
  change(block);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1');
  return block;
}

describe('a header', () => {
  it.each([
    ['manifest.json', 0],
    ['doorkeep.db', 512],
    ['keys/tls/authority.pem', 1],
    ['keys/household-0a1b2c3d4e5f.json', 8 ** 11 - 1],
  ])('says what it was given: %s of %i bytes', (name, sizeBytes) => {
    const block = tarHeader({ name, sizeBytes }, WHEN);
    expect(block.length).toBe(TAR_BLOCK_BYTES);
    expect(readTarHeader(block)).toEqual({ name, sizeBytes });
  });

  it('of zeros is the end', () => {
    expect(readTarHeader(Buffer.alloc(TAR_BLOCK_BYTES))).toBeUndefined();
  });

  it.each(['../x', '/x', 'a/../b', 'a//b', 'keys/', '.x', 'a\\b', 'C:x', 'A', 'a'.repeat(65), ''])(
    'is neither written nor read for the name %j',
    (name) => {
      expect(() => tarHeader({ name, sizeBytes: 1 }, WHEN)).toThrow();
      const block = changed((bytes) => {
        bytes.fill(0, 0, 100);
        bytes.write(name, 0, 'latin1');
      });
      expect(() => readTarHeader(block)).toThrow(/no backup/);
    },
  );

  it.each([-1, 1.5, TAR_FILE_MAX_BYTES + 1, Number.NaN])('is not written for %d bytes', (size) => {
    expect(() => tarHeader({ name: 'x', sizeBytes: size }, WHEN)).toThrow();
  });

  it.each([
    ['a hard link', (block: Buffer) => block.write('1', 156)],
    ['a symbolic link', (block: Buffer) => block.write('2', 156)],
    ['a device', (block: Buffer) => block.write('3', 156)],
    ['a folder', (block: Buffer) => block.write('5', 156)],
    ['an extended header', (block: Buffer) => block.write('x', 156)],
    ['a long name of GNU', (block: Buffer) => block.write('L', 156)],
    ['a plain file that names a link', (block: Buffer) => block.write('/etc/passwd', 157)],
    ['a name with a prefix', (block: Buffer) => block.write('..', 345)],
    ['a size in base 256', (block: Buffer) => (block[124] = 0x80)],
    ['a negative size', (block: Buffer) => block.write('-0000000001', 124)],
    ['a size of no digits', (block: Buffer) => block.fill(0x20, 124, 136)],
    ['another kind of tar', (block: Buffer) => block.write('ustar  \u0000', 257, 'latin1')],
  ])('is refused for %s', (_what, change) => {
    expect(() => readTarHeader(changed(change))).toThrow(/no backup/);
  });

  it('is refused with any bit changed', () => {
    const block = tarHeader({ name: 'doorkeep.db', sizeBytes: 4096 }, WHEN);
    for (let bit = 0; bit < block.length * 8; bit += 1) {
      const other = Buffer.from(block);
      other[bit >> 3]! ^= 1 << (bit & 7);
      let read: unknown;
      try {
        read = readTarHeader(other);
      } catch {
        continue;
      }
      // The checksum can be written with spaces in two ways more; it is the same number.
      expect([bit >> 3 >= 148 && bit >> 3 < 156, read]).toEqual([
        true,
        { name: 'doorkeep.db', sizeBytes: 4096 },
      ]);
    }
  });
});

describe('sizes', () => {
  it.each([
    [0, 0, 512],
    [1, 511, 1024],
    [512, 0, 1024],
    [513, 511, 1536],
  ])('of %i bytes', (size, padding, all) => {
    expect([tarPadding(size), tarBytesOf(size)]).toEqual([padding, all]);
  });
});

describe.skipIf(spawnSync('tar', ['--version']).status !== 0)('the program tar', () => {
  it('takes out what went in', () => {
    const folder = mkdtempSync(join(tmpdir(), 'doorkeep-tar-'));
    const content = Buffer.alloc(700, 'x');
    const path = join(folder, 'backup.tar');
    const pieces = [tarHeader({ name: 'keys/box.key', sizeBytes: 700 }, WHEN), content];
    writeFileSync(path, Buffer.concat([...pieces, Buffer.alloc(tarPadding(700)), TAR_END]));
    const listed = spawnSync('tar', ['-tvf', path], { env: { ...process.env, TZ: 'UTC' } });
    expect([listed.status, String(listed.stderr)]).toEqual([0, '']);
    expect(String(listed.stdout)).toMatch(/^-rw------- .* 700 2026-01-01 00:00 keys\/box\.key\n$/);
    expect(spawnSync('tar', ['-xf', path, '-C', folder]).status).toBe(0);
    expect(readFileSync(join(folder, 'keys', 'box.key')).equals(content)).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
