/**
 * The one-time code that proves that who sets the box up can see its screen, log or disk
 * (DATA/setup-token). Without it, the first visitor on the network would own the home.
 */
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../base/atomic-file.ts';
import { AppError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { sameToken } from './random-token.ts';
import { createToken, loadOrCreateToken } from './token-file.ts';

/** The code while set-up is open; nothing afterwards. */
export class SetupCode {
  readonly #path: string;
  #code: Secret | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The code, to be shown to whoever started the box: written straight to the terminal, because
   * the log masks it. Undefined once set-up is done. */
  get code(): Secret | undefined {
    return this.#code;
  }

  /** At start, without an account: takes up the code of an earlier start, or makes one. One that
   * others may have read is replaced, not trusted. */
  async open(): Promise<void> {
    try {
      this.#code = await loadOrCreateToken(this.#path);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.reason !== 'unsafe-file') throw thrown;
      this.#code = await createToken(this.#path);
    }
  }

  /** Constant time; always false once set-up is done. */
  matches(text: string): boolean {
    return this.#code !== undefined && sameToken(text.trim(), this.#code.reveal());
  }

  /** Removes the file, for good. The code in memory stays valid until `forget`, so that an account
   * that could not be stored after this can be tried again. */
  async removeFile(): Promise<void> {
    try {
      await rm(this.#path, { force: true });
      await syncDirectory(dirname(this.#path));
    } catch (cause) {
      throw new AppError('io', 'could not remove the set-up code from the data folder', {
        cause,
        hint: 'Check that Doorkeep may write to its data folder.',
      });
    }
  }

  /** From here on no code matches. */
  forget(): void {
    this.#code = undefined;
  }
}
