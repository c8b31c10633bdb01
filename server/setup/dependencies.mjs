// @ts-check
/** Are Node and node_modules what package.json and package-lock.json ask for? */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupProblem } from './report.mjs';

/** The `engines` of package.json; vite 8 and eslint-plugin-jsdoc need `require(esm)` of 20.19. */
const NODE_MINIMUM = [20, 19];

/**
 * Throws a SetupProblem when this Node is too old.
 * @param {string} version e.g. `20.20.2`
 * @returns {void}
 */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minimumMajor = 0, minimumMinor = 0] = NODE_MINIMUM;
  if (major > minimumMajor || (major === minimumMajor && minor >= minimumMinor)) return;
  throw new SetupProblem(
    `This is Node ${version}; Doorkeep needs ${NODE_MINIMUM.join('.')} or newer.`,
    'Install a current Node (https://nodejs.org) and run the same command again.',
  );
}

/**
 * Throws a SetupProblem unless each package of the lock file lies in node_modules at its version.
 * Compares npm's own two records, which takes milliseconds; packages of other platforms are
 * optional and left out.
 * @param {string} root The project's folder.
 * @returns {void}
 */
export function checkDependencies(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(join(root, 'node_modules', '.package-lock.json'));
  const wrong = Object.entries(wanted ?? {}).filter(
    ([path, entry]) =>
      path !== '' &&
      entry.optional !== true &&
      entry.devOptional !== true &&
      present?.[path]?.version !== entry.version,
  );
  if (wanted !== undefined && wrong.length === 0) return;
  const names = wrong.slice(0, 3).map(([path]) => path.replace(/^.*node_modules\//, ''));
  throw new SetupProblem(
    wrong.length === 0
      ? 'package-lock.json cannot be read.'
      : `${wrong.length} packages are missing or of another version (${names.join(', ')} …).`,
    'Run: npm ci',
  );
}

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean }} LockEntry */

/**
 * @param {string} path
 * @returns {Record<string, LockEntry> | undefined} undefined when there is no such file
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
