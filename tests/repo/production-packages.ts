/** The packages that are on a box, and what each is there for, as package-lock.json has them. */
import {
  type LockFile,
  nameOfFolder,
  needsOf,
  productionFolders,
} from '../../server/release/lock-file.ts';
import { textOf } from './tree.ts';

/** One package, whatever its versions. */
export interface Brought {
  /** Its licences, as the lock file has them; `unstated` where it has none. */
  readonly licence: string;
  /** The packages of package.json that bring it; itself when it is one of them. */
  readonly for: readonly string[];
  /** Where it lies. */
  readonly folders: readonly string[];
}

/** The lock file of this tree. */
export function readLockFile(): LockFile {
  return JSON.parse(textOf('package-lock.json')) as LockFile;
}

/** By name, sorted. Pure. */
export function productionPackages(lock: LockFile): ReadonlyMap<string, Brought> {
  const present = productionFolders(lock);
  const wanted = Object.keys(lock.packages['']?.dependencies ?? {});
  const reached = wanted.map((name) => ({ name, folders: foldersFor(lock, name) }));
  const names = [...new Set(present.map(nameOfFolder))].sort();
  return new Map(
    names.map((name) => {
      const folders = present.filter((folder) => nameOfFolder(folder) === name);
      const licences = folders.map((folder) => lock.packages[folder]?.license ?? 'unstated');
      const bringers = reached.filter((bringer) =>
        folders.some((folder) => bringer.folders.has(folder)),
      );
      return [
        name,
        {
          licence: [...new Set(licences)].sort().join(', '),
          for: bringers.map((bringer) => bringer.name),
          folders,
        },
      ];
    }),
  );
}

/** All folders that a package of package.json needs, its own among them. */
function foldersFor(lock: LockFile, name: string): Set<string> {
  const seen = new Set<string>();
  const visit = (folder: string | undefined): void => {
    if (folder === undefined || seen.has(folder)) return;
    seen.add(folder);
    for (const need of needsOf(lock, folder)) visit(need);
  };
  visit(`node_modules/${name}`);
  return seen;
}
