/** The real file system, except for the call that a test chose. */
import {
  realFileSystem,
  type FootageFile,
  type FootageFileSystem,
} from '../../server/storage/footage-files.ts';

/** What happens to the chosen call, and to those after it. */
export type Fault =
  /** It fails with this code (`EIO`, `ENOSPC`), as do `times - 1` calls after it. */
  | { readonly kind: 'error'; readonly code: string; readonly times: number }
  /** It is carried out, but never answers, and nothing after it happens: the process is dead. */
  | { readonly kind: 'death' }
  /** It is not carried out and never answers; nor is anything after it. */
  | { readonly kind: 'death-before' };

/** Counts calls and breaks them from call number `at` on (0 is the first). */
export class FaultyFileSystem implements FootageFileSystem {
  readonly #at: number;
  readonly #fault: Fault;
  readonly #opened: FootageFile[] = [];
  #underWay = 0;
  /** Calls so far; of reading nothing is counted. */
  calls = 0;
  /** Resolves when the fault has happened. */
  readonly happened: Promise<void>;
  hasHappened = false;
  /** Which call was the first that failed: one of a file by its name, or another. */
  failed: string | undefined;
  #happen: () => void = () => undefined;

  constructor(at: number, fault: Fault) {
    this.#at = at;
    this.#fault = fault;
    this.happened = new Promise((resolve) => {
      this.#happen = () => {
        this.hasHappened = true;
        resolve();
      };
    });
  }

  async open(path: string, flags: number, mode: number): Promise<FootageFile> {
    const file = await this.#call(async () => {
      const opened = await realFileSystem.open(path, flags, mode);
      this.#opened.push(opened);
      return opened;
    });
    return this.#wrap(file);
  }

  /** Closes what a dead process would have had closed by the kernel. */
  async closeLeftOpen(): Promise<void> {
    for (const file of this.#opened) await file.close().catch(() => undefined);
  }

  makeFolder(path: string): Promise<boolean> {
    return this.#call(() => realFileSystem.makeFolder(path));
  }

  removeFile(path: string): Promise<void> {
    return this.#call(() => realFileSystem.removeFile(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call(() => realFileSystem.rename(from, to));
  }

  removeFolder(path: string): Promise<void> {
    return this.#call(() => realFileSystem.removeFolder(path));
  }

  syncFolder(path: string): Promise<void> {
    return this.#call(() => realFileSystem.syncFolder(path));
  }

  /** A question: not counted, as reading is not. */
  listFolder(path: string): Promise<string[]> {
    return realFileSystem.listFolder(path);
  }

  #wrap(file: FootageFile): FootageFile {
    return {
      close: () => this.#call(() => file.close(), 'close'),
      datasync: () => this.#call(() => file.datasync(), 'datasync'),
      truncate: (length) => this.#call(() => file.truncate(length), 'truncate'),
      writev: (buffers, position) => this.#call(() => file.writev(buffers, position), 'writev'),
      read: (...args) => file.read(...args),
      stat: () => file.stat(),
    };
  }

  /** Resolves when nothing has been under way for some turns of the event loop. */
  async idle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 5; quietTurns += 1) {
      if (this.#underWay > 0) quietTurns = 0;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  async #call<T>(work: () => Promise<T>, name = 'other'): Promise<T> {
    this.#underWay += 1;
    try {
      return await this.#count(work, name);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #count<T>(work: () => Promise<T>, name: string): Promise<T> {
    const number = this.calls;
    this.calls += 1;
    const fault = this.#fault;
    if (number < this.#at) return work();
    if (fault.kind === 'error') {
      if (number >= this.#at + fault.times) return work();
      this.failed ??= name;
      this.#happen();
      throw Object.assign(new Error(`${fault.code} by the test`), { code: fault.code });
    }
    if (fault.kind === 'death' && number === this.#at) await work();
    this.#happen();
    return new Promise<T>(() => undefined);
  }
}
