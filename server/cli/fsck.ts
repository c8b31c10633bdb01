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
import { FootageListing } from '../storage/footage-listing.ts';
import { FootageStore } from '../storage/footage.ts';
import { isIndexPending } from '../storage/index-state.ts';
import { Quarantine } from '../storage/quarantine.ts';
import type { SegmentPlace } from '../storage/segments.ts';
import {
  EXIT_FINE,
  EXIT_FOUND,
  type ExitStatus,
  parseStrictly,
  type Surroundings,
} from './command.ts';
import { findingJson, findingLines, noteLines } from './fsck-words.ts';
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
  let seen = await look(paths, around);
  let repairs: Repairs | undefined;
  if (values.repair === true) {
    repairs = await repair(paths, seen.findings);
    seen = await look(paths, around);
  }
  if (values.json === true) printJson(around, seen, repairs);
  else printLines(around, seen, repairs);
  return isClean(seen) ? EXIT_FINE : EXIT_FOUND;
}

/** What there is to say. */
interface Seen {
  readonly findings: readonly Finding[];
  readonly indexPending: boolean;
  readonly quarantined: readonly SegmentPlace[];
}

/** What lies in the quarantine was taken care of; what the index does not know yet was not. */
function isClean({ findings, indexPending }: Seen): boolean {
  return findings.length === 0 && !indexPending;
}

async function look(
  paths: DataPaths,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Seen> {
  const db = Database.openReadOnly(paths.databasePath);
  try {
    // On another disk every row would be a finding, and a repair would delete them.
    const { footagePath, tailsPath } = paths;
    if (db.footageMarked) {
      await new FootageDisk({ footagePath, tailsPath, boxId: db.boxId }).verify();
    }
    const listing = new FootageListing(paths);
    const check = (): Promise<Finding[]> =>
      db.snapshot(() => checkStorage({ db, footage: footageOf(paths), listing }));
    const quarantined = await new Quarantine(paths).list();
    const first = await check();
    const notes = { indexPending: isIndexPending(db), quarantined };
    if (first.length === 0) return { findings: first, ...notes };
    await clock.sleep(LOOK_AGAIN_MS, signal);
    const before = new Set(first.map((finding) => JSON.stringify(finding)));
    const still = (await check()).filter((finding) => before.has(JSON.stringify(finding)));
    return { findings: still, ...notes };
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

function printJson({ print }: Surroundings, seen: Seen, repairs: Repairs | undefined): void {
  const { indexPending, quarantined } = seen;
  const answer = { clean: isClean(seen), findings: seen.findings.map(findingJson) };
  print(JSON.stringify({ ...answer, indexPending, quarantined, repairs: repairs ?? null }));
}

function printLines({ print }: Surroundings, seen: Seen, repairs: Repairs | undefined): void {
  const { findings } = seen;
  if (repairs !== undefined) {
    const { closedSegments, deletedFiles } = repairs;
    print(`Repaired: ${closedSegments} segments closed, ${deletedFiles} stray files deleted.`);
  }
  for (const line of findings.flatMap(findingLines)) print(line);
  for (const line of noteLines(seen)) print(line);
  if (isClean(seen)) print('Clean: index and footage agree, every invariant holds.');
  else print(`${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}.`);
}
