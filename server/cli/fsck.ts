/**
 * `fsck [--json] [--repair]`: whether index and footage agree, invariant by invariant. It reads beside
 * a running server, locked or not, without its lock; `--repair` takes the lock.
 */
import { AppError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { checkStorage, type Finding } from '../storage/check.ts';
import { type DataPaths, findDataFolder, openDataFolder } from '../storage/data-folder.ts';
import { Database } from '../storage/database.ts';
import { FileKeys, type FootageKeys } from '../storage/file-keys.ts';
import { FootageDisk } from '../storage/footage-disk.ts';
import { FootageStore } from '../storage/footage.ts';
import {
  EXIT_FINE,
  EXIT_FOUND,
  type ExitStatus,
  parseStrictly,
  type Surroundings,
} from './command.ts';
import { findingJson, findingLines } from './fsck-words.ts';
import { repairStorage, type Repairs } from './repair.ts';

/** How it is called. */
export const FSCK_USAGE = 'Use: fsck [--json] [--repair]';

/** A server beside it deletes files before rows, and writes the last chunk of a file while it is looked
 * at: what is still so after this long is a finding. */
const LOOK_AGAIN_MS = 1_000;

/** Counts bytes without opening anything. */
const NO_KEYS: FootageKeys = {
  isOpen: false,
  newHeader: () => Promise.reject(new AppError('locked', 'fsck seals nothing')),
  unwrapFileKey: () => Promise.reject(new AppError('locked', 'fsck opens nothing')),
};

/** See the head of this file. */
export async function fsck(args: readonly string[], around: Surroundings): Promise<ExitStatus> {
  const { values, positionals } = parseStrictly(
    args,
    { json: { type: 'boolean' }, repair: { type: 'boolean' } },
    FSCK_USAGE,
  );
  if (positionals.length > 0) {
    throw new AppError('invalid', 'fsck takes no file: it checks the whole data folder', {
      hint: `${FSCK_USAGE}. The folder is that of DOORKEEP_DATA.`,
    });
  }
  const paths = await findDataFolder(around.dataPath);
  let findings = await look(paths, around);
  let repairs: Repairs | undefined;
  if (values.repair === true) {
    repairs = await repair(paths, findings);
    findings = await look(paths, around);
  }
  if (values.json === true) printJson(around, findings, repairs);
  else printLines(around, findings, repairs);
  return findings.length === 0 ? EXIT_FINE : EXIT_FOUND;
}

async function look(
  paths: DataPaths,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Finding[]> {
  const db = Database.openReadOnly(paths.databasePath);
  try {
    // On another disk every row would be a finding, and a repair would delete them.
    const { footagePath, tailsPath } = paths;
    if (db.footageMarked) {
      await new FootageDisk({ footagePath, tailsPath, boxId: db.boxId }).verify();
    }
    const check = (): Promise<Finding[]> =>
      db.snapshot(() => checkStorage({ db, footage: footageOf(paths) }));
    const first = await check();
    if (first.length === 0) return first;
    await clock.sleep(LOOK_AGAIN_MS, signal);
    const before = new Set(first.map((finding) => JSON.stringify(finding)));
    return (await check()).filter((finding) => before.has(JSON.stringify(finding)));
  } finally {
    db.close();
  }
}

async function repair(paths: DataPaths, findings: readonly Finding[]): Promise<Repairs> {
  const folder = await openDataFolder(paths.path);
  try {
    const db = Database.open(folder.databasePath);
    try {
      const repairs = await repairStorage({ db, footage: footageOf(folder) }, findings);
      // Why the server ended is written down by now; the next start shall not say that this one crashed.
      db.markStoppedCleanly();
      return repairs;
    } finally {
      db.close();
    }
  } finally {
    folder.release();
  }
}

function footageOf({ footagePath, tailsPath }: DataPaths): FootageStore {
  return new FootageStore({ footagePath, tailsPath, fileKeys: new FileKeys(NO_KEYS) });
}

function printJson(
  { print }: Surroundings,
  findings: readonly Finding[],
  repairs: Repairs | undefined,
): void {
  const clean = findings.length === 0;
  print(JSON.stringify({ clean, findings: findings.map(findingJson), repairs: repairs ?? null }));
}

function printLines(
  { print }: Surroundings,
  findings: readonly Finding[],
  repairs: Repairs | undefined,
): void {
  if (repairs !== undefined) {
    const { closedSegments, deletedFiles } = repairs;
    print(`Repaired: ${closedSegments} segments closed, ${deletedFiles} stray files deleted.`);
  }
  for (const line of findings.flatMap(findingLines)) print(line);
  if (findings.length === 0) print('Clean: index and footage agree, every invariant holds.');
  else print(`${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}.`);
}
