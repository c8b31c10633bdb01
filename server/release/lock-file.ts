/** package-lock.json as bills of materials and the rules of the tree look at it. Pure. */

/** One package of the lock file (npm-package-lock.json(5), "packages"). */
export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The lock file: its form, and the packages by the folder that each is put into; '' is Doorkeep. */
export interface LockFile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** `node_modules/a/node_modules/@b/c` is the package `@b/c`. */
export function nameOfFolder(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** What is on a box: all that is not for building and testing alone. */
export function productionFolders({ packages }: LockFile): string[] {
  return Object.entries(packages)
    .filter(([folder, { dev, devOptional }]) => folder !== '' && !(dev ?? devOptional ?? false))
    .map(([folder]) => folder);
}

/** The folders that a package's own needs lead to; what is optional and not there leads nowhere. */
export function needsOf(lock: LockFile, folder: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = lock.packages[folder] ?? {};
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  const found = names.map((name) => folderSeenFrom(lock, folder, name));
  return [...new Set(found.filter((at) => at !== undefined))].sort();
}

/** As node looks for a package: inside the asker, then inside each folder above it. */
export function folderSeenFrom(lock: LockFile, folder: string, name: string): string | undefined {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (Object.hasOwn(lock.packages, path)) return path;
    if (at === '') return undefined;
  }
}
