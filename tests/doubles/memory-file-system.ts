/** Footage files in memory, or only their lengths: for writers that are asked for more than a disk has. */
import { constants } from 'node:fs';
import type { FootageFile, FootageFileSystem } from '../../server/storage/footage-files.ts';

interface Content {
  size: number;
  /** Undefined where only the length is kept. */
  bytes: Buffer | undefined;
}

/** See the head of this file. */
export class MemoryFileSystem implements FootageFileSystem {
  readonly #files = new Map<string, Content>();
  /** Whether files that are made from now on keep what is written to them. */
  keepsBytes = false;
  /** This call from now fails; 0 is the next. `after`: its work is done all the same. */
  fault: { calls: number; after: boolean } | undefined;

  open(path: string, flags: number): Promise<FootageFile> {
    return this.#call(() => {
      let content = this.#files.get(path);
      if ((flags & constants.O_CREAT) !== 0) {
        content = { size: 0, bytes: this.keepsBytes ? Buffer.alloc(0) : undefined };
        this.#files.set(path, content);
      }
      if (content === undefined) throw missing();
      return this.#file(content);
    });
  }

  makeFolder(): Promise<boolean> {
    return this.#call(() => false);
  }

  removeFile(path: string): Promise<void> {
    return this.#call(() => {
      if (!this.#files.delete(path)) throw missing();
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call(() => {
      const content = this.#files.get(from);
      if (content === undefined) throw missing();
      this.#files.delete(from);
      this.#files.set(to, content);
    });
  }

  removeFolder(): Promise<void> {
    return this.#call(() => undefined);
  }

  syncFolder(): Promise<void> {
    return this.#call(() => undefined);
  }

  listFolder(folder: string): Promise<string[]> {
    const paths = [...this.#files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return Promise.resolve(paths.map((path) => path.slice(folder.length + 1)));
  }

  /** All files as they are now. */
  copy(): Map<string, Content> {
    return new Map([...this.#files].map(([path, content]) => [path, { ...content }]));
  }

  /** Puts a copy back. */
  restore(files: ReadonlyMap<string, Content>): void {
    this.#files.clear();
    for (const [path, content] of files) this.#files.set(path, { ...content });
  }

  forgetFiles(): void {
    this.#files.clear();
  }

  #file(content: Content): FootageFile {
    return {
      writev: (buffers, position) =>
        this.#call(() => {
          const bytesWritten = buffers.reduce((sum, { length }) => sum + length, 0);
          if (content.bytes !== undefined) {
            const head = content.bytes.subarray(0, position);
            content.bytes = Buffer.concat([head, ...buffers]);
          }
          content.size = Math.max(content.size, position + bytesWritten);
          return { bytesWritten };
        }),
      read: (target, at, length, position) => {
        const bytes = content.bytes ?? Buffer.alloc(0);
        const bytesRead = bytes.copy(target, at, position, position + length);
        return Promise.resolve({ bytesRead });
      },
      datasync: () => this.#call(() => undefined),
      truncate: (sizeBytes) =>
        this.#call(() => {
          content.size = sizeBytes;
          content.bytes = content.bytes?.subarray(0, sizeBytes);
        }),
      stat: () => Promise.resolve({ size: content.size, dev: 0, mtimeMs: 0 }),
      close: () => Promise.resolve(),
    };
  }

  async #call<T>(work: () => T): Promise<T> {
    await Promise.resolve();
    if (this.fault === undefined) return work();
    const isNow = this.fault.calls === 0;
    this.fault.calls -= 1;
    if (!isNow) return work();
    const { after } = this.fault;
    this.fault = undefined;
    if (after) work();
    throw Object.assign(new Error('EIO by the test'), { code: 'EIO' });
  }
}

function missing(): Error {
  return Object.assign(new Error('ENOENT by the test'), { code: 'ENOENT' });
}
