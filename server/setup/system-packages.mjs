// @ts-check
/** The system's package manager, used only when we are root already: never sudo, never a question. */
import { onPath, run } from './run-command.mjs';
import { say } from './report.mjs';

/**
 * @typedef {object} PackageManager
 * @property {'apt-get' | 'apk'} name
 * @property {(packages: readonly string[]) => { ok: boolean, tail: string }} install
 */

/**
 * The package manager of this machine, or undefined when there is none we know or we are not root.
 * @param {number | undefined} [userId] of this process; tests pass their own
 * @returns {PackageManager | undefined}
 */
export function packageManager(userId = process.getuid?.()) {
  if (userId !== 0) return undefined;
  if (onPath('apt-get') !== undefined) return { name: 'apt-get', install: aptInstall };
  if (onPath('apk') !== undefined) {
    return { name: 'apk', install: (packages) => run('apk', ['add', '--no-cache', ...packages]) };
  }
  return undefined;
}

/**
 * Installs from the package lists at hand; a fresh container has none and an old one names files
 * that are gone, so a failure is followed by one `apt-get update` and one more try.
 * @param {readonly string[]} packages
 * @returns {{ ok: boolean, tail: string }}
 */
function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another apt may hold dpkg's lock (unattended upgrades on boot): wait for it, but not for ever.
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  const install = ['install', '-y', '--no-install-recommends', ...wait, ...packages];
  const first = run('apt-get', install, { env });
  if (first.ok) return first;
  say('the package lists are missing or old: apt-get update');
  const update = run('apt-get', ['update', ...wait], { env });
  return update.ok ? run('apt-get', install, { env }) : update;
}
