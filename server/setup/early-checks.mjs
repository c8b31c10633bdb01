// @ts-check
/** The checks of `npm test`, done while SQLite is being compiled; tests/runner/early-checks.ts. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './report.mjs';
import { run } from './run-command.mjs';

/**
 * What an earlier set-up left behind for a run that did not follow says nothing about these sources.
 * @param {string} root The project's folder.
 * @returns {void}
 */
export function forgetEarlyChecks(root) {
  rmSync(join(root, 'tests', 'output', 'early-checks.json'), { force: true });
}

/**
 * What they find is printed and counted by the run, failures too; without a tally it does them itself.
 * @param {string} root
 * @returns {void}
 */
export function doEarlyChecks(root) {
  say('checking format, lint and types meanwhile');
  const entry = join(root, 'dist', 'tests', 'early-checks.js');
  process.stdout.write(run(process.execPath, [entry], { cwd: root }).stdout);
}
