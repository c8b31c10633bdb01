// @ts-check
/** Builds the page with Vite, unless its sources are those of the last build. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SetupProblem, say } from './report.mjs';
import { run } from './run-command.mjs';

/**
 * @param {string} root The project's folder.
 * @returns {boolean} true when it had to do something
 */
export function preparePage(root) {
  const stamp = join(root, 'dist', 'page.stamp');
  const before = fingerprint(root);
  const built = join(root, 'dist', 'page', 'index.html');
  if (existsSync(stamp) && existsSync(built) && readFileSync(stamp, 'utf8') === before)
    return false;
  say('building the page');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const config = join('web', 'vite.config.ts');
  const result = run(process.execPath, [vite, 'build', '--config', config], { cwd: root });
  if (!result.ok || !existsSync(built)) {
    throw new SetupProblem(
      'The page could not be built.',
      'If you changed it, the lines above say where; otherwise run `npm ci` and try again.',
      result.tail,
    );
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, before);
  return true;
}

/**
 * Names, sizes and times of what the page is made of.
 * @param {string} root
 * @returns {string}
 */
function fingerprint(root) {
  const hash = createHash('sha256');
  const sources = ['web', join('server', 'contract')].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const path of [...sources.sort(), join(root, 'package-lock.json')]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)} ${String(size)} ${String(mtimeMs)}\n`);
  }
  return hash.digest('hex');
}
