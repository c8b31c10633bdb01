/** Structured logs that cannot hold a secret: every line passes the redactor as finished text. */
import { pino, type DestinationStream, type Logger } from 'pino';
import { errorChain } from './errors.ts';
import { secrets } from './secret.ts';

/** The log as the rest of the server sees it. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A log whose lines all carry `fields`. */
  child(fields: LogFields): Log;
}

/** Plain values only: what cannot be an object cannot drag a secret along by reference. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Writes finished lines; the process's stdout in production, an array in tests. */
export type LineWriter = (line: string) => void;

/** A JSON log at `level`; each line is redacted after it was serialised, so no field escapes. */
export function createLog(write: LineWriter, level = 'info'): Log {
  const destination: DestinationStream = {
    write: (line: string) => {
      write(secrets.redact(line));
    },
  };
  // base: null drops pid and hostname: the host name may name a family.
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return wrap(logger);
}

/** A log that keeps nothing; for tools and tests. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

/** An error as log fields: kind and chain, no stack with arguments. */
export function errorFields(thrown: unknown): LogFields {
  return { error: errorChain(thrown) };
}

function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => {
      logger.debug(fields, message);
    },
    info: (fields, message) => {
      logger.info(fields, message);
    },
    warn: (fields, message) => {
      logger.warn(fields, message);
    },
    error: (fields, message) => {
      logger.error(fields, message);
    },
    child: (fields) => wrap(logger.child(fields)),
  };
}
