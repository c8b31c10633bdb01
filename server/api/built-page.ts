/**
 * The page as `vite build` left it: every file read once, at the start, into a closed list. What is
 * not in the list does not exist, so no path in a request ever reaches the disk.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AppError, errnoCode } from '../base/errors.ts';

/** One file of the page. */
export interface PageFile {
  readonly bytes: Buffer;
  /** The same, compressed; undefined where that saves nothing. */
  readonly gzip: Buffer | undefined;
  readonly contentType: string;
  /** Strong validator (RFC 9110 8.8.3). */
  readonly etag: string;
  /** Its name changes with its content, so that a browser may keep it for ever. */
  readonly immutable: boolean;
}

/** The files by the path of their address, e.g. `/assets/index-1a2b3c.js`. */
export type BuiltPage = ReadonlyMap<string, PageFile>;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
};

/** The whole page is under 1 MB; more is not the page. */
const PAGE_MAX_BYTES = 8 * 1024 * 1024;

/** Reads the build output; empty when there is none. Throws `internal` for what is no page. */
export async function readBuiltPage(folder: string): Promise<BuiltPage> {
  const files = new Map<string, PageFile>();
  let total = 0;
  for (const path of await filesBelow(folder)) {
    const contentType = CONTENT_TYPES[extname(path)];
    if (contentType === undefined) continue;
    const bytes = await readFile(path);
    total += bytes.length;
    if (total > PAGE_MAX_BYTES) throw new AppError('internal', 'the built page is too large');
    const packed = gzipSync(bytes, { level: 9 });
    const address = `/${relative(folder, path).split(sep).join('/')}`;
    files.set(address, {
      ...{ bytes, contentType },
      gzip: packed.length < bytes.length ? packed : undefined,
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
      immutable: address.startsWith('/assets/'),
    });
  }
  return files;
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
  } catch (thrown) {
    if (errnoCode(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}
