/** Makes the file of docs/design/updates.md. The same files on the same day give the same bytes. Pure. */
import { createHash, type KeyObject } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { USTAR_BLOCK_BYTES, ustarPadding } from '../base/ustar.ts';
import { programFileBlock } from '../update/program-tar.ts';
import { writeHead } from '../update/update-head.ts';

/** What goes into it. */
export interface UpdateParts {
  readonly version: string;
  /** `2027-02-01` */
  readonly releasedOn: string;
  readonly schemaVersion: number;
  /** By name; `release.json` is added. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly privateKey: KeyObject;
}

/** The whole file. */
export function makeUpdate(parts: UpdateParts): Buffer {
  const { version, releasedOn, schemaVersion, privateKey } = parts;
  const release = Buffer.from(`${JSON.stringify({ version, releasedOn })}\n`);
  const files = [...parts.files, ['release.json', release] as const].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const modifiedMs = Date.parse(releasedOn);
  const tar = Buffer.concat([
    ...files.flatMap(([name, bytes]) => [
      programFileBlock({ name, sizeBytes: bytes.length }, modifiedMs),
      bytes,
      Buffer.alloc(ustarPadding(bytes.length)),
    ]),
    Buffer.alloc(2 * USTAR_BLOCK_BYTES),
  ]);
  return signedUpdate(gzipSync(tar, { level: 9 }), {
    ...{ version, releasedOn, schemaVersion, privateKey },
    unpackedBytes: files.reduce((sum, [, bytes]) => sum + bytes.length, 0),
    files: files.length,
  });
}

/** A head for this tar, and the tar. */
export function signedUpdate(
  packed: Buffer,
  { privateKey, ...said }: Omit<UpdateParts, 'files'> & { unpackedBytes: number; files: number },
): Buffer {
  const sha512 = createHash('sha512').update(packed).digest('hex');
  return Buffer.concat([
    writeHead({ ...said, sizeBytes: packed.length, sha512 }, privateKey),
    packed,
  ]);
}
