/** `npm run -s doorkeep -- COMMAND`: arguments in, exit status out. */
import '../egress/guard.ts';
import { SystemClock } from '../base/clock.ts';
import { keepMemoryOutOfDumps } from '../base/core-dump.ts';
import { AppError, errorChain, toAppError } from '../base/errors.ts';
import { secrets } from '../base/secret.ts';
import { dataPathOf, PACKAGE_ROOT, programVersion } from '../config.ts';
import { type Command, EXIT_COULD_NOT, EXIT_FINE, type Surroundings } from './command.ts';
import { askSecret } from './secret-question.ts';

/** By name. Each is loaded only when asked for: `unseal` works where SQLite's driver is not compiled. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  'accept-disk': async () => (await import('./accept-disk.ts')).acceptDisk,
  audit: async () => (await import('./audit.ts')).audit,
  backup: async () => (await import('./backup.ts')).backup,
  fsck: async () => (await import('./fsck.ts')).fsck,
  privacy: async () => (await import('./privacy.ts')).privacy,
  restore: async () => (await import('./restore.ts')).restore,
  service: async () => (await import('./service.ts')).service,
  unseal: async () => (await import('./unseal.ts')).unseal,
  update: async () => (await import('./update.ts')).update,
};

const USAGE = `Use: npm run -s doorkeep -- COMMAND
  accept-disk                                     the disk for footage is a new one
  audit verify [--identity FILE | --without-key]  whether the record of what was done is whole
  backup --out FILE                               index, people, settings, keys; sealed
  fsck [--json] [--repair]                        whether index and footage agree
  privacy report [--json]                         whom the box spoke to, what it refused, what holds
  restore FILE [--identity FILE]                  a backup, into an empty data folder
  service install|unit|rules                      Doorkeep as a service of systemd, confined
  unseal FILE... [--out DIR] [--identity FILE]    footage as MP4, with the recovery key
  update FILE                                     a signed update, beside this installation
Exit status: 0 all is well, 1 something was found, 2 it could not be done.`;

async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args;
  if (name === '--help' || name === 'help' || rest.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return EXIT_FINE;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return EXIT_COULD_NOT;
  }
  try {
    return await (
      await load()
    )(rest, surroundings());
  } catch (thrown) {
    return failed(toAppError(thrown), rest.includes('--json'));
  }
}

function surroundings(): Surroundings {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      stop.abort(new AppError('cancelled', 'Stopped.'));
    });
  }
  const { stdin, stderr, env } = process;
  // npm goes to the folder of package.json; files are named from where the person is.
  const isOfNpm = env['npm_lifecycle_event'] === 'doorkeep';
  // Node's types say `true`; where there is no terminal, it is undefined.
  const { isTTY }: { isTTY?: boolean } = stdin;
  return {
    dataPath: dataPathOf(env, process.cwd()),
    workingPath: (isOfNpm ? env['INIT_CWD'] : undefined) ?? process.cwd(),
    version: programVersion(),
    programPath: PACKAGE_ROOT,
    clock: new SystemClock({ keepsAlive: true }),
    signal: stop.signal,
    print: (line) => process.stdout.write(`${line}\n`),
    remark: (line) => stderr.write(`${line}\n`),
    askSecret: async (question) =>
      isTTY
        ? askSecret(question, { input: stdin, output: stderr, signal: stop.signal })
        : undefined,
  };
}

function failed(error: AppError, asJson: boolean): number {
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ error: error.message, hint: error.hint ?? null })}\n`);
  }
  const lines = [error.message, error.hint, error.kind === 'internal' ? errorChain(error) : ''];
  const words = lines.filter((line) => (line ?? '') !== '').join('\n');
  process.stderr.write(`${secrets.redact(words)}\n`);
  return EXIT_COULD_NOT;
}

// What is typed here opens everything.
keepMemoryOutOfDumps();
process.exitCode = await main(process.argv.slice(2));
