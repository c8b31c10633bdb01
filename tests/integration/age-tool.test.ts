/** Sealed files and Debian's age, which is written in Go by others: each opens what the other made. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../server/age/chunks.ts';
import { recipientOf } from '../../server/age/identity.ts';
import { randomFrom } from '../fixtures/random-from.ts';
import { type KeyPair, newKeyPair, openFile, sealFile } from '../fixtures/sealed-file.ts';

const ageAvailable = spawnSync('age', ['--version']).status === 0;

/** Room for the largest plaintext here. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

const LENGTHS = [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 300_000];

describe.skipIf(!ageAvailable)('a sealed file and the program age', () => {
  const random = randomFrom(11);
  let folder: string;
  let keyFile: string;
  let keys: KeyPair;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'doorkeep-age-'));
    keyFile = join(folder, 'key.txt');
    keys = await newKeyPair();
    writeFileSync(keyFile, `${keys.identity}\n`, { mode: 0o600 });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => random(256)));
  }

  function decrypt(file: Buffer): { status: number | null; stdout: Buffer } {
    const options = { input: file, maxBuffer: MAX_OUTPUT_BYTES };
    return spawnSync('age', ['--decrypt', '--identity', keyFile], options);
  }

  it.each(LENGTHS)('age opens ours of %i bytes with the recovery key', async (length) => {
    const plaintext = bytes(length);
    const { file } = await sealFile([keys.recipient], plaintext);
    const { status, stdout } = decrypt(file);
    expect(status).toBe(0);
    expect(stdout.equals(plaintext)).toBe(true);
  });

  it.each(LENGTHS)('we open that of age, of %i bytes, at any place', async (length) => {
    const plaintext = bytes(length);
    const file = execFileSync('age', ['--encrypt', '--recipient', keys.recipient], {
      input: plaintext,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    const { sizeBytes, read } = await openFile(file, keys.identity);
    expect(sizeBytes).toBe(length);
    expect((await read(0, length)).equals(plaintext)).toBe(true);
    const middle = Math.floor(length / 2);
    expect((await read(middle, length - middle)).equals(plaintext.subarray(middle))).toBe(true);
  });

  it('age prints every whole chunk of a torn one, and says that it is torn', async () => {
    const plaintext = bytes(3 * CHUNK_BYTES + 77);
    const { file } = await sealFile([keys.recipient], plaintext, { torn: true });
    const { status, stdout } = decrypt(file);
    expect(status).toBe(1);
    // It holds the last whole chunk back, because it cannot know that it is not the end.
    expect(stdout.length).toBeGreaterThanOrEqual(2 * CHUNK_BYTES);
    expect(stdout.length % CHUNK_BYTES).toBe(0);
    expect(stdout.equals(plaintext.subarray(0, stdout.length))).toBe(true);
    const { sizeBytes, read } = await openFile(file, keys.identity);
    expect(sizeBytes).toBe(3 * CHUNK_BYTES);
    expect((await read(0, sizeBytes)).equals(plaintext.subarray(0, sizeBytes))).toBe(true);
  });

  it('age-keygen and we agree on the public key of a secret one', async () => {
    const made = join(folder, 'made.txt');
    execFileSync('age-keygen', ['-o', made], { stdio: 'ignore' });
    const text = readFileSync(made, 'utf8');
    const identity = /AGE-SECRET-KEY-1[0-9A-Z]+/.exec(text)![0];
    const recipient = execFileSync('age-keygen', ['-y', made]).toString().trim();
    expect(await recipientOf(identity)).toBe(recipient);
    const ours = execFileSync('age-keygen', ['-y', keyFile]).toString().trim();
    expect(ours).toBe(keys.recipient);
  });
});
