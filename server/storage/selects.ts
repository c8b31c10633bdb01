/** SELECTs of one connection, each prepared once. Rows come as lists of values: as many objects with names cost
 * SQLite's binding twice the time. */
import type SQLite from 'better-sqlite3';
import { Row, type Places, type Query, type SqlParams } from './row.ts';

interface Prepared {
  readonly statement: SQLite.Statement<[SqlParams], unknown[]>;
  readonly places: Places;
}

/** See the head of this file. */
export class Selects {
  readonly #connection: SQLite.Database;
  /** By their text; bounded, because every SQL text is a constant. */
  readonly #prepared = new Map<string, Prepared>();

  constructor(connection: SQLite.Database) {
    this.#connection = connection;
  }

  /** The SQL that was used so far. */
  get texts(): Iterable<string> {
    return this.#prepared.keys();
  }

  first<T>({ sql, read }: Query<T>, params: SqlParams): T | undefined {
    const { statement, places } = this.#of(sql);
    const values = statement.get(params);
    return values === undefined ? undefined : read(new Row(places, values));
  }

  all<T>({ sql, read }: Query<T>, params: SqlParams): T[] {
    const { statement, places } = this.#of(sql);
    return statement.all(params).map((values) => read(new Row(places, values)));
  }

  clear(): void {
    this.#prepared.clear();
  }

  #of(sql: string): Prepared {
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      const statement = this.#connection.prepare<[SqlParams], unknown[]>(sql).raw();
      const places = new Map(statement.columns().map(({ name }, place) => [name, place]));
      prepared = { statement, places };
      this.#prepared.set(sql, prepared);
    }
    return prepared;
  }
}
