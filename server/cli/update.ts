/**
 * `update FILE`: a signed update, unpacked beside the installation that runs, which it leaves as it is.
 * Steps: docs/design/updates.md.
 */
import { join, resolve } from 'node:path';
import { AppError } from '../base/errors.ts';
import { databaseVersion } from '../storage/database-version.ts';
import { readReleaseKeys, type ReleaseKeys } from '../update/release-keys.ts';
import { takeUpdate, type TakenUpdate } from '../update/take-update.ts';
import { EXIT_FINE, type ExitStatus, parseStrictly, type Surroundings } from './command.ts';

/** How it is called. */
export const UPDATE_USAGE = 'Use: update FILE';

/** See the head of this file. `keys`: those of this installation. */
export async function update(
  args: readonly string[],
  around: Surroundings,
  keys: ReleaseKeys = readReleaseKeys(around.programPath),
): Promise<ExitStatus> {
  const { positionals } = parseStrictly(args, {}, UPDATE_USAGE);
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) {
    throw new AppError('invalid', 'Name the one update to take.', { hint: UPDATE_USAGE });
  }
  const { programPath, version, signal } = around;
  const taken = await takeUpdate(resolve(around.workingPath, name), {
    ...{ programPath, version, keys, signal },
    databaseVersion: databaseVersion(join(around.dataPath, 'doorkeep.db')),
  });
  sayWhatIsNext(taken, around);
  return EXIT_FINE;
}

function sayWhatIsNext({ head, path, leftOver }: TakenUpdate, around: Surroundings): void {
  around.print(`Unpacked: Doorkeep ${head.version} of ${head.releasedOn}, in ${path}.`);
  around.remark('Nothing runs differently yet. To change over:');
  around.remark(`  1. cd ${path} && npm ci      (fetches its packages, each held to its SHA-512)`);
  around.remark('  2. Stop the Doorkeep that runs.');
  around.remark(`  3. DOORKEEP_DATA=${around.dataPath} npm start`);
  around.remark('If the database has to change, the first start copies it (doorkeep.db.before-…).');
  around.remark(`The way back is the old folder, ${around.programPath}: docs/guide/updates.md.`);
  for (const left of leftOver) around.remark(`Left by an interrupted update, to delete: ${left}`);
}
