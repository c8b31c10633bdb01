/** The project's own files, as the rules of the tree look at them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../server/config.ts';

/** What .gitignore leaves out: made, downloaded or private. */
const NOT_OURS = new Set(['node_modules', 'dist', 'data', '.cache', '.git', 'output']);

/** All files below `folder` (from the root when empty), as sorted paths with forward slashes. */
export function filesBelow(folder = ''): string[] {
  return readdirSync(join(PACKAGE_ROOT, folder), { withFileTypes: true })
    .filter((entry) => !NOT_OURS.has(entry.name) && !entry.name.endsWith('.tsbuildinfo'))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

/** The files of ours below `folder` that hold code. */
export function codeBelow(folder: string): string[] {
  return filesBelow(folder).filter((path) => /\.(ts|tsx|mjs)$/.test(path));
}

/** The folders directly in server/. */
export function serverFolders(): string[] {
  return foldersIn('server');
}

/** The folders directly in web/. */
export function webFolders(): string[] {
  return foldersIn('web');
}

/** The text of a file of the project. */
export function textOf(path: string): string {
  return readFileSync(join(PACKAGE_ROOT, path), 'utf8');
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(PACKAGE_ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
