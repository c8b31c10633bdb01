/** The database: opened once per process, used synchronously, its vendor's types kept in here. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import SQLite from 'better-sqlite3';
import { AppError, errnoCode } from '../base/errors.ts';
import { fileError } from './file-error.ts';
import { MIGRATIONS, migrationsFrom, SCHEMA_VERSION, type Migration } from './migrations.ts';
import type { Query, SqlParams } from './row.ts';
import { Selects } from './selects.ts';
import { saysDamaged, sqlError } from './sql-error.ts';
import {
  copyBeforeUpgrade,
  realUpgradeFiles,
  removeOldCopies,
  type UpgradeFiles,
} from './upgrade-copy.ts';

/** "door" in ASCII, in the file's header: another program's database is refused, never migrated. */
const APPLICATION_ID = 0x646f6f72;

/** Writers are one process; only a reader beside it (fsck) can make one wait, and briefly. */
const BUSY_TIMEOUT_MS = 5_000;

/** The log is cut back to this after a checkpoint, so that one large deletion does not keep its
 * old pages on the disk for ever. */
const WAL_KEPT_BYTES = 4 * 1024 * 1024;

/** What a database may say of who made it: it is shown to people. */
const PROGRAM_VERSION = /^\d{1,4}\.\d{1,4}\.\d{1,4}(-[0-9A-Za-z.-]{1,32})?$/;
/** 512 KiB: a millisecond or a few, between which the recorders get their turn. */
const COPY_STEP_PAGES = 128;

const SELECT_META: Query<Meta> = {
  sql: 'SELECT schema_version, box_id, stopped_cleanly FROM meta WHERE id = 1',
  read: (row) => ({
    schemaVersion: row.integer('schema_version'),
    boxId: row.text('box_id'),
    stoppedCleanly: row.flag('stopped_cleanly'),
  }),
};
const INSERT_META = `
  INSERT INTO meta (id, schema_version, box_id, stopped_cleanly, program_version)
  VALUES (1, :schemaVersion, :boxId, 1, :program)`;
const SET_VERSION = `
  UPDATE meta SET schema_version = :schemaVersion, program_version = :program WHERE id = 1`;
const PROGRAM: Query<string> = {
  sql: 'SELECT program_version FROM meta WHERE id = 1',
  read: (row) => row.text('program_version'),
};
const MARKED: Query<boolean> = {
  sql: 'SELECT footage_marked FROM meta WHERE id = 1',
  read: (row) => row.flag('footage_marked'),
};
const SET_MARKED = 'UPDATE meta SET footage_marked = 1 WHERE id = 1';
const SET_STOPPED = 'UPDATE meta SET stopped_cleanly = :stoppedCleanly WHERE id = 1';
// A gap whose reason is "stopped" and that is still open when the server stops is the server's.
const NAME_SERVER_STOP = `
  UPDATE gap SET reason = 'server-stopped' WHERE to_ms IS NULL AND reason = 'stopped'`;

interface Meta {
  readonly schemaVersion: number;
  readonly boxId: string;
  readonly stoppedCleanly: boolean;
}

/** What tests replace: the schema of another time and the way from it. */
export interface SchemaOptions {
  readonly version: number;
  readonly schemaSql: string;
  readonly migrations: readonly Migration[];
  /** The version of the program. */
  readonly program: string;
}

/** What is done where there is no database yet, or an older one. */
export interface DatabaseBeginning {
  /** Who the box is, if it is known; otherwise a new box is made. */
  readonly boxId?: string;
  /** Writes the first rows of a new database, in the commit that makes it: it is there with them, or
   * not at all. */
  readonly fill?: (db: Database) => void;
  readonly files?: UpgradeFiles;
}

/** A handle on DATA/doorkeep.db. All methods throw AppErrors (sql-error.ts). */
export class Database {
  readonly #connection: SQLite.Database;
  /** Prepared statements by their text; bounded, because every SQL text is a constant. */
  readonly #statements = new Map<string, SQLite.Statement>();
  readonly #selects: Selects;
  #meta: Meta | undefined;

  /** Where a damaged page is noted; undefined for a handle that only reads. */
  readonly #suspectPath: string | undefined;

  private constructor(connection: SQLite.Database, suspectPath?: string) {
    this.#connection = connection;
    this.#selects = new Selects(connection);
    this.#suspectPath = suspectPath;
  }

  /** Whether a server found a page of the file damaged, and it still is: opening it looks at few pages.
   * Throws `io`. */
  static isDamaged(path: string): boolean {
    const suspectPath = suspectOf(path);
    if (!existsSync(suspectPath)) return false;
    let connection: SQLite.Database | undefined;
    try {
      connection = new SQLite(path, { timeout: BUSY_TIMEOUT_MS });
      if (connection.pragma('quick_check(1)', { simple: true }) !== 'ok') return true;
    } catch (thrown) {
      if (saysDamaged(thrown)) return true;
      throw sqlError(thrown);
    } finally {
      connection?.close();
    }
    rmSync(suspectPath);
    return false;
  }

  /** What was said of the file that had this name is not said of the next one. */
  static forgetDamage(path: string): void {
    rmSync(suspectOf(path), { force: true });
  }

  /** 32 hex digits, made with the database. */
  get boxId(): string {
    return this.#opened().boxId;
  }

  /** How the server before this one ended: false after a crash or a power cut. */
  get stoppedCleanly(): boolean {
    return this.#opened().stoppedCleanly;
  }

  /** The folders of footage carry the box id (footage-disk.ts). */
  get footageMarked(): boolean {
    return this.get(MARKED) === true;
  }

  /** mark 3. */
  markFootage(): void {
    this.run(SET_MARKED);
  }

  /**
   * Opens the file, creates it when it is not there, migrates it when it is older. Throws
   * `conflict` for a newer one or another program's, `corrupt` for a broken one, `io`. The caller
   * holds the data folder's lock.
   */
  static open(
    path: string,
    schema: SchemaOptions = currentSchema(),
    beginning: DatabaseBeginning = {},
  ): Database {
    let connection: SQLite.Database | undefined;
    try {
      // SQLite gives the log files the mode of the database, so this covers them too.
      closeSync(openSync(path, 'a', 0o600));
      connection = new SQLite(path, { timeout: BUSY_TIMEOUT_MS });
      connection.pragma('journal_mode = WAL');
      // FULL: a commit is on the disk when it returns; a row never promises what a power cut takes.
      connection.pragma('synchronous = FULL');
      connection.pragma('foreign_keys = ON');
      // What is deleted is overwritten: footage that was removed leaves no times behind either.
      connection.pragma('secure_delete = ON');
      connection.pragma(`journal_size_limit = ${String(WAL_KEPT_BYTES)}`);
      const database = new Database(connection, suspectOf(path));
      database.#meta = database.#prepareSchema(path, schema, beginning);
      database.run(SET_STOPPED, { stoppedCleanly: 0 });
      return database;
    } catch (thrown) {
      connection?.close();
      throw errnoCode(thrown)?.startsWith('E') === true ? fileError(thrown) : sqlError(thrown);
    }
  }

  /**
   * Opens the file for reading only, beside a running server or without one; writes, locks and
   * migrates nothing. Throws `not-found`, `conflict` for another version's or another program's,
   * `corrupt`, `io`.
   */
  static openReadOnly(path: string): Database {
    return Database.#openExisting(path, true);
  }

  static #openExisting(path: string, readonly: boolean): Database {
    let connection: SQLite.Database | undefined;
    try {
      if (!existsSync(path)) throw missingDatabase();
      connection = new SQLite(path, { readonly, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
      const database = new Database(connection);
      const meta = database.#readMeta(SCHEMA_VERSION);
      if (meta.schemaVersion < SCHEMA_VERSION) throw olderDatabase(meta.schemaVersion);
      database.#meta = meta;
      return database;
    } catch (thrown) {
      connection?.close();
      throw sqlError(thrown);
    }
  }

  /** Opens the file to add a row beside a running server; locks and migrates nothing. Throws like
   * `openReadOnly`. */
  static openBeside(path: string): Database {
    const database = Database.#openExisting(path, false);
    database.#guard(() => database.#connection.pragma('synchronous = FULL'));
    return database;
  }

  /** The SQL that was used so far, for the test that asks SQLite how it would carry it out. */
  get preparedSql(): Iterable<string> {
    return [...this.#statements.keys(), ...this.#selects.texts];
  }

  /** The first row of `query`, or undefined when there is none. */
  get<T>(query: Query<T>, params: SqlParams = {}): T | undefined {
    return this.#guard(() => this.#selects.first(query, params));
  }

  /** All rows of `query`; queries whose answer can be large say LIMIT. */
  all<T>(query: Query<T>, params: SqlParams = {}): T[] {
    return this.#guard(() => this.#selects.all(query, params));
  }

  /** Executes one statement that returns no rows. */
  run(sql: string, params: SqlParams = {}): { changes: number; lastId: number } {
    return this.#guard(() => {
      const { changes, lastInsertRowid } = this.#statement(sql).run(params);
      return { changes, lastId: Number(lastInsertRowid) };
    });
  }

  /** Runs `work` so that all of it happens or nothing; inside another one it is a savepoint. */
  transaction<T>(work: () => T): T {
    return this.#guard(() => this.#connection.transaction(work).immediate());
  }

  /** Runs reads that all see the database as it is now, whatever another process writes meanwhile.
   * Until it resolves, nothing else may use this handle. */
  async snapshot<T>(work: () => Promise<T>): Promise<T> {
    this.#guard(() => this.#connection.exec('BEGIN'));
    try {
      // The moment is that of the first read.
      this.get(SELECT_META);
      return await work();
    } catch (thrown) {
      throw sqlError(thrown);
    } finally {
      this.#guard(() => this.#connection.exec('ROLLBACK'));
    }
  }

  /** Copies the database into a new file, step by step. Inside a `snapshot` the copy is of one moment, and
   * what others write meanwhile does not make it begin again. `between` is called after each step, on the
   * event loop, and says whether to go on now; else it is called again a turn later. */
  async copyInto(path: string, between: () => boolean): Promise<void> {
    const progress = (): number => (between() ? COPY_STEP_PAGES : 0);
    try {
      await this.#connection.backup(path, { progress });
    } catch (thrown) {
      throw sqlError(thrown);
    }
  }

  /** The last write of an orderly stop, after every recorder ended. */
  markStoppedCleanly(): void {
    this.transaction(() => {
      this.run(NAME_SERVER_STOP);
      this.run(SET_STOPPED, { stoppedCleanly: 1 });
    });
  }

  /** Merges the log into the file now, e.g. before its size is looked at. */
  checkpoint(): void {
    this.#guard(() => this.#connection.pragma('wal_checkpoint(TRUNCATE)'));
  }

  /** Merges the log into the file and empties it, so that what was deleted lies in neither. False when
   * another process reads from the log: nothing waits for it here, because SQLite would wait on the
   * event loop. */
  emptyLog(): boolean {
    return this.#guard(() => {
      this.#connection.pragma('busy_timeout = 0');
      try {
        const [result] = this.#connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
        return result?.busy === 0;
      } finally {
        this.#connection.pragma(`busy_timeout = ${String(BUSY_TIMEOUT_MS)}`);
      }
    });
  }

  /** Closes the file; the log is merged into it. Idempotent. */
  close(): void {
    this.#statements.clear();
    this.#selects.clear();
    this.#connection.close();
  }

  #prepareSchema(path: string, schema: SchemaOptions, beginning: DatabaseBeginning): Meta {
    const isEmpty = this.#pragma('schema_version') === 0;
    if (isEmpty) this.#create(schema, beginning);
    const meta = this.#readMeta(schema.version);
    if (meta.schemaVersion < schema.version) {
      const steps = stepsFrom(meta.schemaVersion, schema);
      const { files = realUpgradeFiles } = beginning;
      const copyInto = (target: string): void => {
        this.run('VACUUM INTO :target', { target });
      };
      copyBeforeUpgrade(path, schema.version, { files, copyInto });
      this.#migrate(steps, schema);
      removeOldCopies(path, files);
    }
    return meta;
  }

  #readMeta(version: number): Meta {
    if (this.#pragma('application_id') !== APPLICATION_ID) {
      throw new AppError('conflict', 'doorkeep.db was made by another program', {
        hint: 'Point DOORKEEP_DATA at an empty folder, or at one that Doorkeep made.',
      });
    }
    const meta = this.get(SELECT_META);
    if (meta === undefined) {
      throw new AppError('corrupt', 'doorkeep.db does not say which version it is');
    }
    if (meta.schemaVersion > version) {
      throw new AppError(
        'conflict',
        `doorkeep.db has version ${String(meta.schemaVersion)}; ` +
          `this Doorkeep knows version ${String(version)} and older`,
        { hint: newerHint(this.#programOf()) },
      );
    }
    return meta;
  }

  /** Of a newer database; undefined where it does not say. */
  #programOf(): string | undefined {
    try {
      const program = this.get(PROGRAM);
      return program !== undefined && PROGRAM_VERSION.test(program) ? program : undefined;
    } catch {
      // A schema that has it elsewhere: its number is all that is known.
      return undefined;
    }
  }

  #create(schema: SchemaOptions, { boxId, fill }: DatabaseBeginning): void {
    this.transaction(() => {
      this.#connection.exec(schema.schemaSql);
      this.#connection.pragma(`application_id = ${String(APPLICATION_ID)}`);
      this.run(INSERT_META, {
        schemaVersion: schema.version,
        boxId: boxId ?? randomBytes(16).toString('hex'),
        program: schema.program,
      });
      fill?.(this);
    });
  }

  /** upgrade 4. */
  #migrate(steps: readonly Migration[], schema: SchemaOptions): void {
    // The pragma does nothing inside a transaction, so it brackets it.
    this.#connection.pragma('foreign_keys = OFF');
    this.transaction(() => {
      for (const step of steps) this.#connection.exec(step.sql);
      const broken = this.#connection.pragma('foreign_key_check');
      if (Array.isArray(broken) && broken.length > 0) {
        throw new AppError('internal', 'the migration left rows that refer to nothing');
      }
      this.run(SET_VERSION, { schemaVersion: schema.version, program: schema.program });
    });
    this.#connection.pragma('foreign_keys = ON');
  }

  /** The next start looks at every page. A disk that refuses this refuses the rest, too. */
  #noteDamage(): void {
    if (this.#suspectPath === undefined) return;
    try {
      closeSync(openSync(this.#suspectPath, 'a', 0o600));
    } catch {
      // The error that is being told says more.
    }
  }

  #opened(): Meta {
    if (this.#meta === undefined) throw new AppError('internal', 'the database is not open');
    return this.#meta;
  }

  #pragma(name: string): unknown {
    return this.#connection.pragma(name, { simple: true });
  }

  #statement(sql: string): SQLite.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      if (saysDamaged(thrown)) this.#noteDamage();
      throw sqlError(thrown);
    }
  }
}

/** A file beside it: the database itself is the last place to write this to. */
function suspectOf(path: string): string {
  return `${path}-suspect`;
}

function isColumns(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function stepsFrom(from: number, schema: SchemaOptions): readonly Migration[] {
  const steps = migrationsFrom(from, schema.version, schema.migrations);
  if (steps !== undefined) return steps;
  throw new AppError('conflict', `doorkeep.db has version ${String(from)}, which is too old`, {
    hint: 'Start an intermediate version of Doorkeep once, then this one.',
  });
}

function newerHint(program: string | undefined): string {
  return program === undefined
    ? 'Start the newer Doorkeep again that used this folder last.'
    : `It needs Doorkeep ${program} or newer: start that one again.`;
}

function missingDatabase(): AppError {
  return new AppError('not-found', 'doorkeep.db is missing in the data folder', {
    hint: 'Put a copy of it from a backup in its place.',
  });
}

function olderDatabase(version: number): AppError {
  return new AppError('conflict', `doorkeep.db has version ${String(version)}, an older one`, {
    hint: 'Start this Doorkeep once: it brings the database up to date.',
  });
}

function currentSchema(): SchemaOptions {
  const root = programFolder();
  return {
    ...{ version: SCHEMA_VERSION, migrations: MIGRATIONS, program: programVersion(root) },
    schemaSql: readFileSync(join(root, 'server', 'storage', 'schema.sql'), 'utf8'),
  };
}

function programVersion(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const version = isColumns(manifest) ? manifest['version'] : undefined;
  return typeof version === 'string' && PROGRAM_VERSION.test(version) ? version : '';
}

/** The build copies nothing, so source and dist/ both read the files of the source: upwards from here
 * to the folder that has a package.json. */
function programFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new AppError('internal', 'the folder of the program was not found');
    folder = parent;
  }
  return folder;
}
