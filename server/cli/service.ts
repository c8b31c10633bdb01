/**
 * `service install`: Doorkeep as a service of systemd, as confined as it can be. `service unit` and `service rules`
 * print what it would write, and what a container loads into its own network namespace.
 */
import { existsSync } from 'node:fs';
import { lstat, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { AppError, errnoCode, toAppError } from '../base/errors.ts';
import { networksThatMayComeIn } from '../confine/home-networks.ts';
import type { NetworkRange } from '../egress/network-ranges.ts';
import { nftRuleset } from '../confine/nft-ruleset.ts';
import { type RunSystemProgram, runSystemProgram } from '../confine/system-programs.ts';
import { SERVICE_DATA_PATH, systemdUnit } from '../confine/systemd-unit.ts';
import { Database } from '../storage/database.ts';
import { fileError } from '../storage/file-error.ts';
import { networksIn } from '../storage/networks-in.ts';
import { type Command, EXIT_FINE, parseStrictly, type Surroundings } from './command.ts';

/** How it is called. */
export const SERVICE_USAGE =
  'Use: service install|unit|rules [--user NAME] [--port N] [--data FOLDER]';

/** Who it runs as unless said: a user of its own, who owns nothing else. */
const USER = 'doorkeep';
const PORT = 8080;

/** useradd's own rule for names. */
const USER_NAME = /^[a-z_][a-z0-9_-]{0,31}$/;

/** Below it a program needs a privilege that this one does not get. */
const FREE_PORT_MIN = 1024;

/** Where things are on the machine. */
export interface Machine {
  /** `/`, but for tests. */
  readonly rootPath: string;
  readonly programPath: string;
  readonly nodePath: string;
  readonly isRoot: boolean;
  readonly run: RunSystemProgram;
}

/** What was asked for, checked. */
interface Wish {
  readonly action: 'install' | 'unit' | 'rules';
  readonly user: string;
  readonly port: number;
  readonly dataPath: string;
}

/** The command on this machine. */
export function serviceOn(machine: Machine): Command {
  return async (args, around) => {
    const wish = readWish(args);
    const networks = networksThatMayComeIn(addedNetworks(machine, wish, around));
    if (wish.action === 'rules') {
      around.print(nftRuleset(networks).trimEnd());
      return EXIT_FINE;
    }
    const unit = unitOf(wish, machine, networks);
    if (wish.action === 'unit') around.print(unit.trimEnd());
    else await install(unit, wish, machine, around);
    return EXIT_FINE;
  };
}

/** See the head of this file. */
export const service: Command = (args, around) =>
  serviceOn({
    rootPath: '/',
    programPath: around.programPath,
    nodePath: process.execPath,
    isRoot: process.getuid?.() === 0,
    run: runSystemProgram,
  })(args, around);

function readWish(args: readonly string[]): Wish {
  const { values, positionals } = parseStrictly(
    args,
    { user: { type: 'string' }, port: { type: 'string' }, data: { type: 'string' } },
    SERVICE_USAGE,
  );
  const [action, ...others] = positionals;
  if ((action !== 'install' && action !== 'unit' && action !== 'rules') || others.length > 0) {
    throw new AppError('invalid', 'Say what to do with the service.', { hint: SERVICE_USAGE });
  }
  const { user = USER, data: dataPath = SERVICE_DATA_PATH } = values;
  const port = Number(values.port ?? PORT);
  if (!USER_NAME.test(user) || user === 'root') {
    throw new AppError('invalid', `“${user}” is not a user for a service.`, {
      hint: `Leave --user out for a user of its own: ${USER}.`,
    });
  }
  if (!Number.isInteger(port) || port < FREE_PORT_MIN || port > 65_535) {
    throw new AppError('invalid', `The service cannot listen on port ${values.port ?? ''}.`, {
      hint: `Choose one from ${FREE_PORT_MIN} to 65535: lower ones need a privilege that it does not get.`,
    });
  }
  if (!dataPath.startsWith('/')) {
    throw new AppError('invalid', 'Name the data folder by its full path.', {
      hint: SERVICE_USAGE,
    });
  }
  return { action, user, port, dataPath };
}

/** Those that the owner typed in the page (a VPN's), from the data folder that the service has; none before it
 * has run. In a container that is the folder of the settings. */
function addedNetworks({ rootPath }: Machine, wish: Wish, around: Surroundings): string[] {
  const dataPath = wish.action === 'rules' ? around.dataPath : join(rootPath, wish.dataPath);
  const path = join(dataPath, 'doorkeep.db');
  if (!existsSync(path)) return [];
  try {
    const db = Database.openReadOnly(path);
    try {
      return networksIn(db);
    } finally {
      db.close();
    }
  } catch (thrown) {
    // An index that the server will migrate or set aside must not keep it from starting; fewer may come in until then.
    around.remark(`Networks that were added by hand are left out: ${toAppError(thrown).message}`);
    around.remark('Once Doorkeep has started, run this again, or start the container anew.');
    return [];
  }
}

function unitOf(wish: Wish, machine: Machine, networks: readonly NetworkRange[]): string {
  const { nodePath, programPath } = machine;
  return systemdUnit({ ...wish, nodePath, programPath, networks, environment: {} });
}

async function install(
  unit: string,
  wish: Wish,
  machine: Machine,
  { print }: Surroundings,
): Promise<void> {
  if (!machine.isRoot) {
    throw new AppError('forbidden', 'Only root may install a service.', {
      hint: 'Put sudo in front. To look at it first: service unit.',
    });
  }
  await assertBuilt(machine.programPath);
  for (const path of [machine.programPath, machine.nodePath]) await assertReadable(path);
  const { user, dataPath, port } = wish;
  if (!(await hasUser(machine.rootPath, user))) {
    print(`Making the user ${user}, who may do nothing but run Doorkeep.`);
    await machine.run('useradd', [
      ...['--system', '--home-dir', dataPath, '--shell', '/usr/sbin/nologin'],
      user,
    ]);
  }
  const path = join(machine.rootPath, 'etc/systemd/system/doorkeep.service');
  await writeFileAtomic(path, unit, 0o644);
  print(`Written: ${path}`);
  await machine.run('systemctl', ['daemon-reload']);
  await machine.run('systemctl', ['enable', 'doorkeep.service']);
  // Not "start": one that runs already takes up what is new.
  await machine.run('systemctl', ['restart', 'doorkeep.service']);
  print(`Doorkeep runs as a service, on port ${port}, with its data in ${dataPath}.`);
  print('What it says, the set-up code among it: journalctl -u doorkeep');
}

async function assertBuilt(programPath: string): Promise<void> {
  try {
    await stat(join(programPath, 'dist/server/main.js'));
  } catch (thrown) {
    if (errnoCode(thrown) !== 'ENOENT') throw fileError(thrown);
    throw new AppError(
      'unavailable',
      'Doorkeep is not compiled yet, and a service never compiles.',
      {
        hint: 'Run this once, then install again: npm ci && node server/setup/prepare.mjs start',
      },
    );
  }
}

/** A program in somebody's private folder cannot be started by another user; systemd would say only
 * "Permission denied", again every five seconds. */
async function assertReadable(path: string): Promise<void> {
  for (let folder = path; folder !== '/'; folder = dirname(folder)) {
    const { mode } = await lstat(folder).catch((thrown: unknown) => {
      throw fileError(thrown);
    });
    if ((mode & 0o005) === 0o005 || (mode & 0o170_000) === 0o120_000) continue;
    throw new AppError('unavailable', `Other users may not read ${folder}, where the program is.`, {
      hint: 'Copy Doorkeep to /opt/doorkeep, and install Node.js for all users.',
    });
  }
}

async function hasUser(rootPath: string, user: string): Promise<boolean> {
  try {
    const text = await readFile(join(rootPath, 'etc/passwd'), 'utf8');
    return text.split('\n').some((line) => line.startsWith(`${user}:`));
  } catch (thrown) {
    throw fileError(thrown);
  }
}
