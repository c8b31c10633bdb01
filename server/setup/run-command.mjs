// @ts-check
/** Runs other programs to their end, with their output kept for the case that they fail. */
import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The longest step is compiling SQLite: about a minute on a server, ten on a Raspberry Pi 3. */
const COMMAND_TIMEOUT_MS = 30 * 60_000;

/** A compiler's warnings come to a few hundred kilobytes; more than this is a runaway. */
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** How much of a failed program's output is shown: its last lines say what went wrong. */
const TAIL_LINES = 25;

/**
 * @typedef {object} CommandResult
 * @property {boolean} ok Started, ended in time, exit code 0.
 * @property {string} stdout
 * @property {string} tail The last lines of stdout and stderr together, for a failure's message.
 */

/**
 * Runs a program without a shell and without stdin.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {CommandResult}
 */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: COMMAND_TIMEOUT_MS,
    maxBuffer: OUTPUT_MAX_BYTES,
  });
  // A program that could not be started has no output, whatever the types say.
  const said = [result.stdout, result.stderr, result.error?.message];
  const output = said.filter((text) => typeof text === 'string').join('');
  return {
    ok: result.status === 0 && result.error === undefined,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    tail: lastLines(output),
  };
}

/**
 * Starts a program without a shell and without stdin; what else is run meanwhile with `run` may hold
 * up this process for as long as it likes, because the output goes to a file.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string }} options
 * @returns {Promise<{ ok: boolean, tail: string }>} when it has ended; never rejects
 */
export function runMeanwhile(command, args, { cwd }) {
  const folder = mkdtempSync(join(tmpdir(), 'doorkeep-set-up-'));
  const path = join(folder, 'output');
  const output = openSync(path, 'w');
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', output, output],
    timeout: COMMAND_TIMEOUT_MS,
  });
  closeSync(output);
  return new Promise((resolve) => {
    const end = (/** @type {boolean} */ ok, /** @type {string} */ more) => {
      const tail = lastLines(readFileSync(path, 'utf8') + more);
      rmSync(folder, { recursive: true });
      resolve({ ok, tail });
    };
    child.once('error', (error) => {
      end(false, error.message);
    });
    child.once('exit', (code) => {
      end(code === 0, '');
    });
  });
}

/**
 * @param {string} output
 * @returns {string}
 */
function lastLines(output) {
  return output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}

/**
 * The first executable file called `name` on the PATH, as the shell would find it.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function onPath(name, env = process.env) {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/**
 * @param {string} path
 * @returns {boolean}
 */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
