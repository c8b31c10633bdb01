/**
 * Writes the file of an export, sealed like footage. Steps: 1 write `<id>.age.part`; 2 fsync; 3 rename
 * to `<id>.age`; 4 fsync the folder; the row says `done` after that. So a name without `.part` is a whole
 * file. A half one is never gone on with: its key went with the process.
 */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncDirectory } from '../base/atomic-file.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, cancelled } from '../base/errors.ts';
import type { ExportPlan } from '../fmp4/progressive.ts';
import { fileError } from '../storage/file-error.ts';
import type { FileKeys } from '../storage/file-keys.ts';
import type { FootageStore } from '../storage/footage.ts';
import type { SegmentReader } from '../storage/segment-reader.ts';
import { openSealedFile, sealedFileBytes, SealedFileWriter } from '../storage/sealed-file.ts';
import { type ByteSpan, segmentStream } from '../storage/segment-stream.ts';
import type { SegmentPlace } from '../storage/segments.ts';

/** Large enough that system calls do not count, small enough that recording gets its turn. */
const BUFFER_BYTES = 1024 * 1024;

/** Who waits for it looks about as often. */
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
  /** At most once a second. */
  onProgress(writtenBytes: number): void;
}

/** DATA/exports. */
export class ExportFiles {
  readonly #path: string;
  readonly #keys: FileKeys;

  constructor(path: string, keys: FileKeys) {
    this.#path = path;
    this.#keys = keys;
  }

  /** Writes the whole file. Throws `cancelled` (the part stays), `io`, `locked`, `corrupt`. */
  async write(options: WriteOptions): Promise<void> {
    const partPath = this.#partPath(options.id);
    const { plan } = options;
    try {
      const file = await SealedFileWriter.create(partPath, this.#keys);
      try {
        const output = new Output(file, options);
        await output.write(plan.header);
        await copyAll(options, output);
      } catch (thrown) {
        await file.abandon();
        throw thrown;
      }
      await file.finish();
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
      const match = /^([0-9a-f]{32})\.age(\.part)?$/.exec(name);
      const id = match?.[1];
      if (id === undefined || keep(id, match?.[2] !== undefined)) continue;
      await rm(join(this.#path, name), { force: true });
    }
  }

  /** The size of a finished file; `not-found` when it is gone. */
  async sizeOf(id: string): Promise<number> {
    try {
      return await sealedFileBytes(this.#donePath(id));
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  /** Streams a range of a finished file; destroying the stream releases everything. `locked` while
   * nobody has unlocked. */
  async read(id: string, span: ByteSpan): Promise<Readable> {
    try {
      return segmentStream(await openSealedFile(this.#donePath(id), this.#keys), span);
    } catch (thrown) {
      throw fileError(thrown);
    }
  }

  #partPath(id: string): string {
    return `${this.#donePath(id)}.part`;
  }

  #donePath(id: string): string {
    return join(this.#path, `${id}.age`);
  }
}

/** The file as it is written, and how far that is. */
class Output {
  readonly #file: SealedFileWriter;
  readonly #options: WriteOptions;
  #at = 0;
  #notedMs: number;

  constructor(file: SealedFileWriter, options: WriteOptions) {
    this.#file = file;
    this.#options = options;
    this.#notedMs = options.clock.monotonicMs();
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#file.write(bytes);
    this.#at += bytes.length;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#notedMs < PROGRESS_INTERVAL_MS) return;
    this.#notedMs = nowMs;
    this.#options.onProgress(this.#at);
  }
}

/** Copies everything of the plan. */
async function copyAll(options: WriteOptions, output: Output): Promise<void> {
  const { plan, files, footage, signal } = options;
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let filled = 0;
  let reader: { source: number; file: SegmentReader } | undefined;
  try {
    for (const copy of plan.copies) {
      let { offset } = copy;
      const end = offset + copy.length;
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
