/** Segments as they would be without sealing: what sealing costs is measured against them. */
import { open, mkdir, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SegmentMaker } from '../../server/recorder/recording-writer.ts';
import { writeAll } from '../../server/storage/footage-files.ts';
import { AppError } from '../../server/base/errors.ts';
import type { WritableSegment } from '../../server/storage/segment-writer.ts';
import type { SegmentPlace } from '../../server/storage/segments.ts';

/** See the head of this file. */
export class PlainSegments implements SegmentMaker {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async create({ cameraId, runId, sequence }: SegmentPlace): Promise<WritableSegment> {
    const path = join(this.#path, cameraId, String(runId), `${String(sequence)}.mp4`);
    await mkdir(dirname(path), { recursive: true });
    return new PlainSegment(await open(path, 'wx', 0o600));
  }
}

class PlainSegment implements WritableSegment {
  readonly #file: FileHandle;
  #sizeBytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async append(
    buffers: readonly Buffer[],
  ): Promise<{ readonly offsetBytes: number; readonly sizeBytes: number }> {
    const offsetBytes = this.#sizeBytes;
    const sizeBytes = await writeAll(this.#file, buffers, offsetBytes);
    await this.#file.datasync();
    this.#sizeBytes += sizeBytes;
    return { offsetBytes, sizeBytes };
  }

  /** Nothing is ever refused here. */
  readonly canAppendAgain = false;

  readonly isOutdated = false;

  appendAgain(): Promise<never> {
    return Promise.reject(new AppError('internal', 'nothing was refused'));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
