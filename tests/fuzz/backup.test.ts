/**
 * 10,000 headers of tar and as many manifests that were changed: each is read as what it was or refused in
 * words, and no name leads out of the folder. Fixed seed; FUZZ_SEED and FUZZ_ROUNDS for longer runs by hand.
 */
import { isAbsolute, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mayHold, NEEDED, readManifest } from '../../server/backup/manifest.ts';
import {
  readTarHeader,
  TAR_BLOCK_BYTES,
  TAR_FILE_MAX_BYTES,
  type TarEntry,
  tarHeader,
} from '../../server/backup/tar.ts';
import { AppError } from '../../server/base/errors.ts';
import { randomFrom } from '../fixtures/random-from.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 10_000);

/** What hostile tars are made of. */
const NAMES = [
  '../x',
  '/etc/x',
  'a/../../x',
  'keys/box.key',
  '..',
  '.',
  'C:\\x',
  'a\u0000b',
  '\u00e9',
];

/** Undefined when it was refused in words. */
function refusing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    expect(['unprocessable', 'conflict']).toContain(thrown.kind);
    expect(thrown.hint).toMatch(/\w/);
    return undefined;
  }
}

/** With the checksum that belongs to it: whoever makes a hostile tar can add up. */
function summed(block: Buffer): Buffer {
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1');
  return block;
}

function staysInside({ name, sizeBytes }: TarEntry): boolean {
  const isName = !isAbsolute(name) && normalize(name) === name && !name.startsWith('..');
  const isInside = join('/folder', name).startsWith('/folder/');
  return isName && isInside && sizeBytes >= 0 && sizeBytes <= TAR_FILE_MAX_BYTES;
}

describe('a header of tar', () => {
  it('that was changed, or is made to lead elsewhere, never does', () => {
    const random = randomFrom(SEED);
    let taken = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const block = tarHeader({ name: 'keys/household.json', sizeBytes: random(9_000) }, 0);
      for (let changes = 1 + random(4); changes > 0; changes -= 1) {
        block[random(TAR_BLOCK_BYTES)] = random(256);
      }
      if (random(3) === 0) block.write(NAMES[random(NAMES.length)]!, random(2) * 345, 'latin1');
      const entry = refusing(() => readTarHeader(random(4) === 0 ? block : summed(block)));
      if (entry === undefined) continue;
      taken += 1;
      expect(staysInside(entry), JSON.stringify(entry)).toBe(true);
    }
    // Some changes are in fields that say nothing, such as the owner: those are read.
    expect(taken).toBeGreaterThan(ROUNDS / 100);
  });
});

describe('a manifest', () => {
  const whole = {
    ...{ format: 1, id: 'a'.repeat(32), program: '1.2.3', schemaVersion: 2 },
    ...{ boxId: 'b'.repeat(32), takenMs: 1_000, takenBy: null, keyGeneration: 1 },
    entries: NEEDED.map((name) => ({ name, sizeBytes: 10, sha256: '0'.repeat(64) })),
  };
  const text = Buffer.from(JSON.stringify(whole));

  it('that was changed names nothing that a backup does not hold', () => {
    const random = randomFrom(SEED);
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = Buffer.from(text);
      for (let changes = 1 + random(3); changes > 0; changes -= 1) {
        bytes[random(bytes.length)] = random(256);
      }
      const cut = random(8) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
      const manifest = refusing(() => readManifest(cut, 2));
      if (manifest === undefined) continue;
      expect(manifest.entries.every(({ name }) => mayHold(name) && !name.includes('..'))).toBe(
        true,
      );
    }
  });
});
