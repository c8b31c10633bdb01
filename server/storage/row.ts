/** Rows of the database as typed values: each column is checked when it is read. */
import { AppError } from '../base/errors.ts';
import { epochMs, type EpochMs } from '../base/time.ts';

/** What a column or a parameter can be; every table is STRICT, so there is no guessing. */
export type SqlValue = string | number | Buffer | null;

/** Named parameters of a statement, without their `:`. */
export type SqlParams = Readonly<Record<string, SqlValue>>;

/** A SELECT and how its rows are read. Queries are constants, so each is prepared once. */
export interface Query<T> {
  readonly sql: string;
  readonly read: (row: Row) => T;
}

/** No row has a value there. */
const NOWHERE = -1;

/** At which place of a row each column stands. */
export type Places = ReadonlyMap<string, number>;

/** One row; a column that is missing or of another type is a defect (`internal`). */
export class Row {
  readonly #places: Places;
  readonly #values: readonly unknown[];

  /** `values`: in the order of `places`, which all rows of a statement share. */
  constructor(places: Places, values: readonly unknown[]) {
    this.#places = places;
    this.#values = values;
  }

  text(column: string): string {
    const value = this.#at(column);
    return typeof value === 'string' ? value : unexpected(column);
  }

  optionalText(column: string): string | undefined {
    return this.#at(column) === null ? undefined : this.text(column);
  }

  integer(column: string): number {
    const value = this.#at(column);
    return typeof value === 'number' ? value : unexpected(column);
  }

  optionalInteger(column: string): number | undefined {
    return this.#at(column) === null ? undefined : this.integer(column);
  }

  /** A column of 0 and 1. */
  flag(column: string): boolean {
    return this.integer(column) === 1;
  }

  instant(column: string): EpochMs {
    return epochMs(this.integer(column));
  }

  optionalInstant(column: string): EpochMs | undefined {
    return this.#at(column) === null ? undefined : this.instant(column);
  }

  blob(column: string): Buffer {
    const value = this.#at(column);
    return Buffer.isBuffer(value) ? value : unexpected(column);
  }

  optionalBlob(column: string): Buffer | undefined {
    return this.#at(column) === null ? undefined : this.blob(column);
  }

  #at(column: string): unknown {
    return this.#values[this.#places.get(column) ?? NOWHERE];
  }
}

function unexpected(column: string): never {
  throw new AppError('internal', `column ${column} is missing or has another type`);
}
