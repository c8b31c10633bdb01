/**
 * 10,000 changes to sealed files: each is detected, and chunks that it did not touch still open.
 * Fixed seed; FUZZ_SEED and FUZZ_ROUNDS for longer runs by hand.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { CHUNK_BYTES, SEALED_CHUNK_BYTES } from '../../server/age/chunks.ts';
import { headerExtent, type OpenedHeader, openHeader } from '../../server/age/header.ts';
import { AppError } from '../../server/base/errors.ts';
import { randomFrom } from '../fixtures/random-from.ts';
import { type KeyPair, newKeyPair, openPayload, sealFile } from '../fixtures/sealed-file.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 10_000);

/** Whole chunks, and one that is not. */
const CHUNKS = 4;
const PLAINTEXT_BYTES = 3 * CHUNK_BYTES + 1_234;

/** A changed file, and the chunks of the original that it still has at their places. */
interface Change {
  readonly file: Buffer;
  readonly untouched: ReadonlySet<number>;
}

/** Reads each chunk of the original by itself: its plaintext, or undefined when it is refused. */
async function readChunks(
  file: Buffer,
  openHead: (file: Buffer) => Promise<OpenedHeader>,
): Promise<(Buffer | undefined)[]> {
  const refused = (thrown: unknown): undefined => {
    if (!(thrown instanceof AppError) || thrown.kind !== 'corrupt') throw thrown;
    return undefined;
  };
  const chunks = [0, 1, 2, 3];
  try {
    const { read } = openPayload(file, await openHead(file));
    return await Promise.all(
      chunks.map((chunk) => {
        const at = chunk * CHUNK_BYTES;
        return read(at, Math.min(CHUNK_BYTES, PLAINTEXT_BYTES - at)).catch(refused);
      }),
    );
  } catch (thrown) {
    refused(thrown);
    return chunks.map(() => undefined);
  }
}

describe('a sealed file that was changed', () => {
  const random = randomFrom(SEED);
  const plaintext = Buffer.from(Array.from({ length: PLAINTEXT_BYTES }, () => random(256)));
  let keys: KeyPair;
  let file: Buffer;
  let other: Buffer;
  let headerBytes: number;
  let opened: OpenedHeader;

  beforeAll(async () => {
    keys = await newKeyPair();
    ({ file, headerBytes } = await sealFile([keys.recipient], plaintext));
    ({ file: other } = await sealFile([keys.recipient], plaintext));
    opened = await openHeader(file, keys.identity);
  });

  /** A header that is the original's byte for byte is opened once for all rounds: 3 ms each. */
  async function openHead(changed: Buffer): Promise<OpenedHeader> {
    const same = changed.subarray(0, headerBytes).equals(file.subarray(0, headerBytes));
    return same ? opened : openHeader(changed, keys.identity);
  }

  /** All chunks but those. */
  function allBut(...touched: readonly number[]): Set<number> {
    return new Set([0, 1, 2, 3].filter((chunk) => !touched.includes(chunk)));
  }

  function startOf(chunk: number): number {
    return headerBytes + chunk * SEALED_CHUNK_BYTES;
  }

  function flipAt(at: number): Buffer {
    const changed = Buffer.from(file);
    changed[at]! ^= 1 << random(8);
    return changed;
  }

  const CHANGES: Readonly<Record<string, () => Change>> = {
    'a bit of the header or the nonce': () => ({
      file: flipAt(random(headerBytes)),
      untouched: new Set(),
    }),
    'a bit of a chunk': () => {
      const at = headerBytes + random(file.length - headerBytes);
      const chunk = Math.floor((at - headerBytes) / SEALED_CHUNK_BYTES);
      return { file: flipAt(at), untouched: allBut(chunk) };
    },
    'two chunks swapped': () => {
      const first = random(3);
      const second = (first + 1 + random(2)) % 3;
      const changed = Buffer.from(file);
      file.copy(changed, startOf(first), startOf(second), startOf(second) + SEALED_CHUNK_BYTES);
      file.copy(changed, startOf(second), startOf(first), startOf(first) + SEALED_CHUNK_BYTES);
      return { file: changed, untouched: allBut(first, second) };
    },
    'a chunk of another file': () => {
      const chunk = random(CHUNKS);
      const changed = Buffer.from(file);
      other.copy(changed, startOf(chunk), startOf(chunk), startOf(chunk) + SEALED_CHUNK_BYTES);
      return { file: changed, untouched: allBut(chunk) };
    },
    truncated: () => {
      const length = random(file.length);
      // What is left behind the last whole chunk is none.
      const whole = Math.floor((length - headerBytes) / SEALED_CHUNK_BYTES);
      const kept = length < headerBytes ? 0 : Math.max(0, whole);
      return {
        file: file.subarray(0, length),
        untouched: new Set(Array.from({ length: kept }, (_, chunk) => chunk)),
      };
    },
    'bytes behind it': () => ({
      file: Buffer.concat([file, Buffer.alloc(1 + random(100_000), random(256))]),
      untouched: allBut(3),
    }),
    'a chunk taken out': () => {
      const chunk = random(3);
      return {
        file: Buffer.concat([file.subarray(0, startOf(chunk)), file.subarray(startOf(chunk + 1))]),
        untouched: new Set(Array.from({ length: chunk }, (_, index) => index)),
      };
    },
  };

  it('is detected every time, and what was not touched still opens', async () => {
    const kinds = Object.entries(CHANGES);
    const wrong: string[] = [];
    const done = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const [name, change] = kinds[round % kinds.length]!;
      const { file: changed, untouched } = change();
      const chunks = await readChunks(changed, openHead);
      for (const [chunk, found] of chunks.entries()) {
        const original = plaintext.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
        const right = untouched.has(chunk) ? found?.equals(original) === true : found === undefined;
        if (!right) wrong.push(`round ${round}: ${name}: chunk ${chunk}`);
      }
      done.set(name, (done.get(name) ?? 0) + 1);
    }
    expect(wrong).toEqual([]);
    expect([...done.values()].reduce((sum, count) => sum + count, 0)).toBe(ROUNDS);
  });

  it('and any header ends within its limits', () => {
    const text = file.subarray(0, headerBytes);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const changed = Buffer.from(text);
      for (let flips = 1 + random(8); flips > 0; flips -= 1)
        changed[random(changed.length)] = random(256);
      try {
        const { textBytes, totalBytes } = headerExtent(
          changed.subarray(0, random(headerBytes + 1)),
        );
        expect(totalBytes).toBe(textBytes + 16);
        expect(totalBytes).toBeLessThanOrEqual(headerBytes);
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.kind !== 'corrupt') throw thrown;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});
