/**
 * Writes the file of an export. Steps: 1 write `<id>.mp4.part`, each second fdatasync and then note
 * how much; 2 fsync; 3 rename to `<id>.mp4`; 4 fsync the folder; the row says `done` after that. So
 * what a row counts is on the disk, and a name without `.part` is a whole file.
 */
import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncDirectory } from '../base/atomic-file.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, cancelled, errnoCode } from '../base/errors.ts';
import type { ExportPlan } from '../fmp4/progressive.ts';
import { fileError } from '../storage/file-error.ts';
import type { FootageStore } from '../storage/footage.ts';
import type { SegmentReader } from '../storage/segment-reader.ts';
import type { SegmentPlace } from '../storage/segments.ts';

/** Large enough that system calls do not count, small enough that recording gets its turn. */
const BUFFER_BYTES = 1024 * 1024;

/** A restart repeats at most this much of the work. */
const PROGRESS_INTERVAL_MS = 1_000;

/** What is copied, and whom to tell. */
export interface WriteOptions {
  readonly id: string;
  readonly plan: ExportPlan;
  /** `source` n of the plan. */
  readonly files: readonly SegmentPlace[];
  readonly footage: FootageStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Durable bytes that an earlier server counted for the same plan; 0 to begin. */
  readonly writtenBytes: number;
  /** At most once a second, after the bytes are durable. */
  onProgress(writtenBytes: number): void;
}

/** DATA/exports. */
export class ExportFiles {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes the whole file, or the rest of it. Throws `cancelled` (the part stays), `io`,
   * `corrupt`. */
  async write(options: WriteOptions): Promise<void> {
    const partPath = this.#partPath(options.id);
    const { plan } = options;
    try {
      const resumeAt = await this.#resumeAt(options);
      const file = await open(partPath, resumeAt === 0 ? 'w' : 'r+', 0o600);
      try {
        const output = new Output(file, resumeAt, options);
        if (resumeAt === 0) await output.write(plan.header);
        await copyAll(options, resumeAt === 0 ? plan.header.length : resumeAt, output);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partPath, this.#donePath(options.id));
      await syncDirectory(this.#path);
    } catch (thrown) {
      if (options.signal.aborted) throw cancelled(options.signal);
      throw fileError(thrown);
    }
  }

  /** Deletes whatever there is of an export. */
  async delete(id: string): Promise<void> {
    try {
      await rm(this.#partPath(id), { force: true });
      await rm(this.#donePath(id), { force: true });
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** Deletes files that no job will finish: `keep` is asked per id and kind. */
  async sweep(keep: (id: string, isPart: boolean) => boolean): Promise<void> {
    for (const name of await readdir(this.#path)) {
      const match = /^([0-9a-f]{32})\.mp4(\.part)?$/.exec(name);
      const id = match?.[1];
      if (id === undefined || keep(id, match?.[2] !== undefined)) continue;
      await rm(join(this.#path, name), { force: true });
    }
  }

  /** The size of a finished file; `not-found` when it is gone. */
  async sizeOf(id: string): Promise<number> {
    try {
      return (await stat(this.#donePath(id))).size;
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** Streams a finished file; `range` is inclusive. */
  read(id: string, range: { first: number; last: number } | undefined): Readable {
    const options = range === undefined ? {} : { start: range.first, end: range.last };
    return createReadStream(this.#donePath(id), { highWaterMark: BUFFER_BYTES / 4, ...options });
  }

  /** Where to go on: only behind a header that is byte for byte the one planned now, because it says
   * where every sample lies. */
  async #resumeAt({ id, plan, writtenBytes }: WriteOptions): Promise<number> {
    const { header } = plan;
    if (writtenBytes < header.length || writtenBytes > plan.totalBytes) return 0;
    let file: FileHandle | undefined;
    try {
      file = await open(this.#partPath(id), 'r');
      const { size } = await file.stat();
      if (size < writtenBytes) return 0;
      const found = Buffer.alloc(header.length);
      const { bytesRead } = await file.read(found, 0, found.length, 0);
      return bytesRead === found.length && found.equals(header) ? writtenBytes : 0;
    } catch (thrown) {
      if (errnoCode(thrown) === 'ENOENT') return 0;
      throw thrown;
    } finally {
      await file?.close();
    }
  }

  #partPath(id: string): string {
    return `${this.#donePath(id)}.part`;
  }

  #donePath(id: string): string {
    return join(this.#path, `${id}.mp4`);
  }
}

/** The file as it is written. */
class Output {
  readonly #file: FileHandle;
  readonly #options: WriteOptions;
  #at: number;
  #notedMs: number;

  constructor(file: FileHandle, at: number, options: WriteOptions) {
    this.#file = file;
    this.#at = at;
    this.#options = options;
    this.#notedMs = options.clock.monotonicMs();
  }

  async write(bytes: Buffer): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        done,
        bytes.length - done,
        this.#at + done,
      );
      done += bytesWritten;
    }
    this.#at += bytes.length;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#notedMs < PROGRESS_INTERVAL_MS) return;
    this.#notedMs = nowMs;
    await this.#file.datasync();
    this.#options.onProgress(this.#at);
  }
}

/** Copies everything of the plan that lies behind byte `fromByte` of the file. */
async function copyAll(options: WriteOptions, fromByte: number, output: Output): Promise<void> {
  const { plan, files, footage, signal } = options;
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let filled = 0;
  let skip = fromByte - plan.header.length;
  let reader: { source: number; file: SegmentReader } | undefined;
  try {
    for (const copy of plan.copies) {
      let offset = copy.offset + Math.min(skip, copy.length);
      const end = copy.offset + copy.length;
      skip = Math.max(0, skip - copy.length);
      if (offset < end && reader?.source !== copy.source) {
        await reader?.file.close();
        reader = undefined;
        reader = { source: copy.source, file: await footage.open(fileAt(files, copy.source)) };
      }
      while (offset < end && reader !== undefined) {
        signal.throwIfAborted();
        const length = Math.min(end - offset, buffer.length - filled);
        await reader.file.read(buffer.subarray(filled, filled + length), offset);
        filled += length;
        offset += length;
        if (filled === buffer.length) {
          await output.write(buffer);
          filled = 0;
        }
      }
    }
    if (filled > 0) await output.write(buffer.subarray(0, filled));
  } finally {
    await reader?.file.close();
  }
}

function fileAt(files: readonly SegmentPlace[], source: number): SegmentPlace {
  const file = files[source];
  if (file === undefined) throw new AppError('internal', 'a plan names a file that it has not');
  return file;
}
