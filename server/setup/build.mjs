// @ts-check
/** Compiles with `tsc -b`, unless the sources are those of the last build. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SetupProblem, say } from './report.mjs';
import { run } from './run-command.mjs';

/** @typedef {'server' | 'web' | 'tests'} Project A folder with a tsconfig.json, for `tsc -b`. */

/**
 * Builds the projects in this order. A stamp of names, sizes and times answers in milliseconds what
 * `tsc -b` needs a second for.
 * @param {string} root The project's folder.
 * @param {readonly Project[]} projects
 * @returns {boolean} true when it had to do something
 */
export function prepareBuild(root, projects) {
  const stale = projects.filter((project) => !isUpToDate(root, project));
  if (stale.length === 0) return false;
  say(`compiling ${stale.join(' and ')}`);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // Taken before the build: a file saved meanwhile then counts as new next time.
  const stamps = projects.map((project) => fingerprint(root, project));
  let result = run(process.execPath, [tsc, '-b', ...projects], { cwd: root });
  if (result.ok && !projects.every((project) => hasOutput(root, project))) {
    // tsc believes its own record of what it wrote; somebody removed some of it.
    result = run(process.execPath, [tsc, '-b', '--force', ...projects], { cwd: root });
  }
  if (!result.ok) {
    throw new SetupProblem(
      'The sources do not compile.',
      'If you changed them, the lines above say where; otherwise run `npm ci` and try again.',
      result.tail,
    );
  }
  for (const [index, project] of projects.entries()) {
    removeOrphans(root, project);
    writeFileSync(stampPath(root, project), stamps[index] ?? '');
  }
  return true;
}

/**
 * @param {string} root
 * @param {Project} project
 * @returns {boolean}
 */
function isUpToDate(root, project) {
  const path = stampPath(root, project);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== fingerprint(root, project)) return false;
  return hasOutput(root, project);
}

/**
 * @param {string} root
 * @param {Project} project
 * @returns {boolean}
 */
function hasOutput(root, project) {
  // A declaration is read, and nothing is written for it.
  const compiled = sources(root, project).filter((source) => !source.endsWith('.d.ts'));
  return compiled.every((source) => existsSync(outputOf(root, source)));
}

/**
 * @param {string} root
 * @param {Project} project
 * @returns {string}
 */
function fingerprint(root, project) {
  const hash = createHash('sha256');
  const settings = ['tsconfig.json', 'package-lock.json', `${project}/tsconfig.json`];
  for (const path of [...settings.map((name) => join(root, name)), ...sources(root, project)]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)} ${String(size)} ${String(mtimeMs)}\n`);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {Project} project
 * @returns {string[]} absolute paths of its TypeScript files, sorted
 */
function sources(root, project) {
  const all = [
    ...filesBelow(join(root, project), '.ts'),
    ...filesBelow(join(root, project), '.tsx'),
  ];
  return all.filter((path) => !path.endsWith('vite.config.ts') || project !== 'web').sort();
}

/**
 * @param {string} folder
 * @param {string} ending
 * @returns {string[]}
 */
function filesBelow(folder, ending) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * @param {string} root
 * @param {string} source
 * @returns {string}
 */
function outputOf(root, source) {
  const web = join(root, 'web');
  // The page is checked by tsc and built by Vite: only its declarations are written.
  if (source.startsWith(web)) {
    return join(root, 'dist', 'web', relative(web, source)).replace(/\.tsx?$/, '.d.ts');
  }
  return join(root, 'dist', relative(root, source)).replace(/\.ts$/, '.js');
}

/**
 * Output whose source is gone would still be found by whoever lists a folder of dist/.
 * @param {string} root
 * @param {Project} project
 * @returns {void}
 */
function removeOrphans(root, project) {
  const wanted = new Set(sources(root, project).map((source) => outputOf(root, source)));
  for (const output of filesBelow(join(root, 'dist', project), '.js')) {
    if (wanted.has(output)) continue;
    const stem = output.replace(/\.js$/, '');
    for (const ending of ['.js', '.js.map', '.d.ts']) rmSync(stem + ending, { force: true });
  }
}

/**
 * @param {string} root
 * @param {Project} project
 * @returns {string}
 */
function stampPath(root, project) {
  const path = join(root, 'dist', `${project}.stamp`);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}
