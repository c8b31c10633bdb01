/**
 * The tail: beside a segment that is being written, its open chunk, sealed append by append. An age
 * chunk is sealed once and whole; a quiet scene fills one in 40 s, and must not lose them. Pure.
 *
 * A record: its number, the chunk, where in the chunk's plaintext it begins, how long it is (32 bits
 * each, big-endian, in clear: start-up counts by them while the box is locked), then the plaintext
 * sealed with ChaCha20-Poly1305. The key is the tail's own, the nonce is the record's number, and
 * head and place are authenticated. docs/design/sealing.md, "The tail".
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { CHUNK_BYTES, CHUNKS_MAX, TAG_BYTES } from '../age/chunks.ts';
import { sealedCorrupt } from '../age/corrupt.ts';

/** What a tail is bound to: the key of its segment's file, and which file that is. */
export interface TailBinding {
  readonly fileKey: Buffer;
  readonly payloadNonce: Buffer;
  /** Camera, run and sequence, as in the segment's path. */
  readonly name: string;
}

/** What the clear part of a record says. */
export interface TailRecord {
  readonly number: number;
  readonly chunk: number;
  /** Of the chunk's plaintext. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** The sealed plaintext with its tag. */
  readonly sealed: Buffer;
  /** What was authenticated with it. */
  readonly head: Buffer;
}

const CIPHER = 'chacha20-poly1305';
const HEAD_BYTES = 16;
const NONCE_BYTES = 12;

/** HKDF's `info` (RFC 5869 3.2): no other key of a file key is made with it. */
const KEY_INFO = 'doorkeep tail v1';

/** Seals records in order, each number once: one sealer for the life of a tail. */
export class TailSealer {
  readonly #key: Buffer;
  readonly #name: string;
  #next = 0;

  constructor(binding: TailBinding) {
    this.#key = tailKey(binding);
    this.#name = binding.name;
  }

  /** The next record: `plaintext` of `chunk` from `offsetBytes` on. */
  seal(chunk: number, offsetBytes: number, plaintext: Buffer): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    [this.#next, chunk, offsetBytes, plaintext.length].forEach((value, index) => {
      head.writeUInt32BE(value, index * 4);
    });
    const cipher = createCipheriv(CIPHER, this.#key, nonceOf(this.#next), {
      authTagLength: TAG_BYTES,
    });
    this.#next += 1;
    cipher.setAAD(associated(head, this.#name), { plaintextLength: plaintext.length });
    const sealed = cipher.update(plaintext);
    cipher.final();
    return Buffer.concat([head, sealed, cipher.getAuthTag()]);
  }
}

/** The records that lie whole in `bytes`. What a crash left behind them is nothing. */
export function tailRecords(bytes: Buffer): TailRecord[] {
  const records: TailRecord[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
    const head = bytes.subarray(at, at + HEAD_BYTES);
    const [number, chunk, offsetBytes, sizeBytes] = [0, 4, 8, 12].map((field) =>
      head.readUInt32BE(field),
    ) as [number, number, number, number];
    const end = at + HEAD_BYTES + sizeBytes + TAG_BYTES;
    const fits = sizeBytes > 0 && offsetBytes + sizeBytes <= CHUNK_BYTES && chunk < CHUNKS_MAX;
    if (!fits || end > bytes.length) break;
    const sealed = bytes.subarray(at + HEAD_BYTES, end);
    records.push({ number, chunk, offsetBytes, sizeBytes, sealed, head });
    at = end;
  }
  return records;
}

/** Opens what one segment's sealer made. */
export class TailOpener {
  readonly #key: Buffer;
  readonly #name: string;

  constructor(binding: TailBinding) {
    this.#key = tailKey(binding);
    this.#name = binding.name;
  }

  /** What the records say of a chunk from its beginning on; undefined when they say nothing of it.
   * `corrupt` where a record was changed or belongs to another segment. */
  chunk(records: readonly TailRecord[], chunk: number): Buffer | undefined {
    const pieces: Buffer[] = [];
    let sizeBytes = 0;
    for (const record of records) {
      // A record that does not go on where the last one ended was left by a write that failed.
      if (record.chunk !== chunk || record.offsetBytes !== sizeBytes) continue;
      pieces.push(this.#open(record));
      sizeBytes += record.sizeBytes;
    }
    return pieces.length === 0 ? undefined : Buffer.concat(pieces, sizeBytes);
  }

  #open({ number, sealed, head }: TailRecord): Buffer {
    const decipher = createDecipheriv(CIPHER, this.#key, nonceOf(number), {
      authTagLength: TAG_BYTES,
    });
    const sizeBytes = sealed.length - TAG_BYTES;
    decipher.setAAD(associated(head, this.#name), { plaintextLength: sizeBytes });
    decipher.setAuthTag(sealed.subarray(sizeBytes));
    try {
      const plaintext = decipher.update(sealed.subarray(0, sizeBytes));
      decipher.final();
      return plaintext;
    } catch (thrown) {
      throw sealedCorrupt('chunk-changed', `record ${number} of a tail`, thrown);
    }
  }
}

function tailKey({ fileKey, payloadNonce }: TailBinding): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, payloadNonce, KEY_INFO, 32));
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(number, NONCE_BYTES - 4);
  return nonce;
}

function associated(head: Buffer, name: string): Buffer {
  return Buffer.concat([head, Buffer.from(name)]);
}
