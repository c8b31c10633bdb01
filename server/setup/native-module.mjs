// @ts-check
/**
 * Compiles better-sqlite3. npm does not (`ignore-scripts=true`), and `npm rebuild` under that
 * setting says "rebuilt" and builds nothing, so node-gyp is called directly and the result is
 * loaded in a fresh process as proof.
 */
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { SetupProblem, say } from './report.mjs';
import { onPath, run, runMeanwhile } from './run-command.mjs';
import { packageManager } from './system-packages.mjs';

/** What node-gyp needs besides Node, with the command that stands for each package. */
const BUILD_TOOLS = [
  { package: 'python3', commands: ['python3'] },
  { package: 'make', commands: ['make', 'gmake'] },
  { package: 'g++', commands: ['g++', 'c++', 'clang++'] },
];

/** Opens a database in memory and asks it something: proves ABI, libc and the build in one go. */
const PROOF = `const Database = require('better-sqlite3');
const answer = new Database(':memory:').prepare('SELECT 6 * 7').pluck().get();
process.exit(answer === 42 ? 0 : 1);`;

/**
 * Makes sure that better-sqlite3 loads in this Node. Skipped when the stamp beside the built file
 * names this Node and this version; `npm ci` removes stamp and file together. One file of SQLite is
 * most of the compiler's work, so that it leaves all processors but one to what is done meanwhile.
 * @param {string} root The project's folder.
 * @returns {(() => Promise<void>) | undefined} waits for the compiler, and throws a SetupProblem when
 * it failed; undefined when there is nothing to do
 */
export function beginSqlite(root) {
  const folder = join(root, 'node_modules', 'better-sqlite3');
  const stampPath = join(folder, 'build', 'doorkeep-stamp');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const stamp = [version, process.versions.modules, process.platform, process.arch].join(' ');
  const built = existsSync(join(folder, 'build', 'Release', 'better_sqlite3.node'));
  if (built && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return undefined;
  const compiling = built && loads(root).ok ? undefined : beginCompiling(folder);
  return async () => {
    const result = await compiling;
    if (result?.ok === false) {
      throw new SetupProblem(
        'better-sqlite3 could not be compiled.',
        'The lines above are the compiler’s. A full disk and too little memory are the usual causes.',
        result.tail,
      );
    }
    const proof = loads(root);
    if (!proof.ok) {
      throw new SetupProblem(
        'better-sqlite3 was compiled but does not load in this Node.',
        'Remove node_modules, run `npm ci`, and try again with the same Node.',
        proof.tail,
      );
    }
    writeFileSync(stampPath, stamp);
  };
}

/**
 * @param {string} root
 * @returns {{ ok: boolean, tail: string }}
 */
function loads(root) {
  return run(process.execPath, ['-e', PROOF], { cwd: root });
}

/**
 * @param {string} folder better-sqlite3's own
 * @returns {Promise<{ ok: boolean, tail: string }>}
 */
function beginCompiling(folder) {
  requireBuildTools();
  const gyp = findNodeGyp(process.env);
  const headers = findNodeHeaders(process.env);
  const source = headers ?? `headers that node-gyp downloads for Node ${process.versions.node}`;
  say(`compiling better-sqlite3 against ${source} (about a minute)`);
  const args = [gyp, 'rebuild', '--release', `--jobs=${String(availableParallelism())}`];
  if (headers !== undefined) args.push(`--nodedir=${headers}`);
  return runMeanwhile(process.execPath, args, { cwd: folder });
}

/** @returns {void} */
function requireBuildTools() {
  const missing = missingBuildTools();
  if (missing.length === 0) return;
  const manager = packageManager();
  if (manager !== undefined) {
    say(`installing ${missing.join(', ')} with ${manager.name}, to compile better-sqlite3`);
    const result = manager.install(missing);
    if (result.ok && missingBuildTools().length === 0) return;
    throw new SetupProblem(
      `${missing.join(', ')} could not be installed.`,
      `Install ${missing.join(', ')} by hand and run the same command again.`,
      result.tail,
    );
  }
  throw new SetupProblem(
    `Compiling better-sqlite3 needs ${missing.join(', ')}.`,
    `On Debian, as root: apt-get install ${missing.join(' ')}. Then run the same command again.`,
  );
}

/** @returns {string[]} */
function missingBuildTools() {
  return BUILD_TOOLS.filter(
    (tool) => !tool.commands.some((command) => onPath(command) !== undefined),
  ).map((tool) => tool.package);
}

/**
 * node-gyp of npm's own tree: of the npm that runs us, of this Node's installation, or of the npm
 * on the PATH. Ours would be 50 packages more for something that every npm brings.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function findNodeGyp(env) {
  const besideNpm = (/** @type {string} */ cli) =>
    join(dirname(cli), '..', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const npmOnPath = onPath('npm', env);
  const candidates = [
    env['npm_config_node_gyp'],
    env['npm_execpath'] === undefined ? undefined : besideNpm(env['npm_execpath']),
    besideNpm(join(nodePrefix(), 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')),
    npmOnPath === undefined ? undefined : besideNpm(realpathSync(npmOnPath)),
  ];
  const found = candidates.find((path) => path !== undefined && existsSync(path));
  if (found !== undefined) return found;
  throw new SetupProblem(
    'node-gyp, which comes with npm, is not there.',
    'Install npm (it brings node-gyp) and run the same command again.',
  );
}

/**
 * The folder whose `include/node` holds the headers of exactly this Node: beside the executable
 * that runs, or npm's `nodedir` setting. undefined: node-gyp has to download them.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} [prefix] where Node is installed; tests pass their own
 * @returns {string | undefined}
 */
export function findNodeHeaders(env, prefix = nodePrefix()) {
  return [prefix, env['npm_config_nodedir']].find(
    (folder) => folder !== undefined && headersMatch(folder),
  );
}

/** @returns {string} */
function nodePrefix() {
  return dirname(dirname(realpathSync(process.execPath)));
}

/**
 * Headers of another Node would compile and then crash, so the ABI number has to be the same.
 * @param {string} folder
 * @returns {boolean}
 */
function headersMatch(folder) {
  const path = join(folder, 'include', 'node', 'node_version.h');
  if (!existsSync(path)) return false;
  const abi = /^#define NODE_MODULE_VERSION (\d+)/m.exec(readFileSync(path, 'utf8'))?.[1];
  return abi === process.versions.modules;
}
