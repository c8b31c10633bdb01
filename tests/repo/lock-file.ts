/** package-lock.json as the rules of the supply chain look at it. */
import { textOf } from './tree.ts';

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

/** Reads it. */
export function readLockFile(): LockFile {
  return JSON.parse(textOf('package-lock.json')) as LockFile;
}

/** `node_modules/a/node_modules/@b/c` is the package `@b/c`. */
export function nameOfFolder(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** What is on a box: all that is not for building and testing alone. */
export function productionFolders({ packages }: LockFile): string[] {
  return Object.entries(packages)
    .filter(([folder, { dev, devOptional }]) => folder !== '' && dev !== true && !devOptional)
    .map(([folder]) => folder);
}
