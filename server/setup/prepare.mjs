// @ts-check
/**
 * `node server/setup/prepare.mjs start|test|check|bench|demo|doorkeep`: everything between `npm ci` and
 * running. Each step is idempotent and answers quickly when there is nothing to do. Exit code 0: ready; 1:
 * something is missing, and the last lines say what to do; 2: called wrongly.
 */
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareBuild } from './build.mjs';
import { checkDependencies, checkNode } from './dependencies.mjs';
import { doEarlyChecks, forgetEarlyChecks } from './early-checks.mjs';
import { prepareFfmpeg } from './ffmpeg.mjs';
import { beginSqlite } from './native-module.mjs';
import { preparePage } from './page.mjs';
import { SetupProblem, say } from './report.mjs';
import { prepareTestTools } from './test-tools.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The compiler of SQLite and that of our sources at once: half a gigabyte each. */
const ROOM_FOR_BOTH_BYTES = 2 * 1024 ** 3;

const buildServer = () => prepareBuild(ROOT, ['server']);
const buildAll = () => prepareBuild(ROOT, ['server', 'web', 'tests']);
const page = () => preparePage(ROOT);
const ffmpeg = () => prepareFfmpeg(ROOT);

/** What each command needs besides SQLite, in order. A start does not wait for the tests to compile. */
const STEPS = {
  start: [ffmpeg, buildServer, page],
  check: [ffmpeg, buildAll, page],
  test: [ffmpeg, prepareTestTools, buildAll, page],
  bench: [ffmpeg, prepareTestTools, buildAll, page],
  // The simulated cameras are a double of the tests.
  demo: [ffmpeg, buildAll, page],
  // Reads files: without a camera there is nothing for ffmpeg to do.
  doorkeep: [buildServer],
};

/**
 * @param {string | undefined} command
 * @returns {Promise<number>} the exit code
 */
async function prepare(command) {
  if (command === undefined || !Object.hasOwn(STEPS, command)) {
    say(`usage: node server/setup/prepare.mjs ${Object.keys(STEPS).join('|')}`);
    return 2;
  }
  const startedMs = performance.now();
  try {
    checkNode(process.versions.node);
    checkDependencies(ROOT);
    const steps = STEPS[/** @type {keyof typeof STEPS} */ (command)];
    forgetEarlyChecks(ROOT);
    const finishSqlite = beginSqlite(ROOT);
    const isRoomy = totalmem() >= ROOM_FOR_BOTH_BYTES;
    if (!isRoomy) await finishSqlite?.();
    const worked = steps.map((step) => step()).includes(true) || finishSqlite !== undefined;
    if (isRoomy && finishSqlite !== undefined) {
      if (command === 'test') doEarlyChecks(ROOT);
      await finishSqlite();
    }
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    say(`${worked ? 'done' : 'nothing to do'} (${seconds} s)`);
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof SetupProblem)) throw thrown;
    if (thrown.detail !== undefined) process.stderr.write(`${thrown.detail}\n\n`);
    say(thrown.message);
    say(`→ ${thrown.hint}`);
    // The promise of `npm test` is a last line with counts, also when nothing could run.
    if (command === 'test') process.stdout.write('0 passed, 1 failed\n');
    return 1;
  }
}

process.exitCode = await prepare(process.argv[2]);
