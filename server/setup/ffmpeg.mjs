// @ts-check
/** Finds ffmpeg, or installs it: DOORKEEP_FFMPEG, the PATH, the package manager, ffmpeg-static. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { SetupProblem, say } from './report.mjs';
import { onPath, run } from './run-command.mjs';
import { readSetupRecord, writeSetupRecord } from './setup-record.mjs';
import { installStaticFfmpeg } from './static-ffmpeg.mjs';
import { packageManager } from './system-packages.mjs';

/**
 * Makes sure that there is an ffmpeg that runs, and records its path for the server. The record is
 * trusted while the file it names has the same size and time.
 * @param {string} root The project's folder.
 * @returns {boolean} true when it had to do something
 */
export function prepareFfmpeg(root) {
  const record = readSetupRecord(root);
  const found = configured() ?? onPath('ffmpeg') ?? known(record.ffmpeg);
  if (found !== undefined && found === record.ffmpeg && identity(found) === record.ffmpegIdentity) {
    return false;
  }
  const path = found ?? install(root);
  const ffmpegVersion = versionOf(path);
  const ffmpegIdentity = identity(path);
  if (ffmpegVersion === undefined || ffmpegIdentity === undefined) {
    throw new SetupProblem(
      `${path} is not an ffmpeg that runs here.`,
      'Set DOORKEEP_FFMPEG to one that does, or unset it to let set-up find one.',
    );
  }
  say(`using ffmpeg ${ffmpegVersion} (${path})`);
  writeSetupRecord(root, { ffmpeg: path, ffmpegIdentity, ffmpegVersion });
  return true;
}

/** @returns {string | undefined} */
function configured() {
  const path = process.env['DOORKEEP_FFMPEG'];
  return path === undefined || path === '' ? undefined : path;
}

/**
 * @param {string | undefined} path
 * @returns {string | undefined} `path` while the file is there
 */
function known(path) {
  return path !== undefined && identity(path) !== undefined ? path : undefined;
}

/**
 * @param {string} path
 * @returns {string | undefined} undefined when there is no such file
 */
function identity(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? `${String(stat.size)} ${String(stat.mtimeMs)}` : undefined;
}

/**
 * @param {string} path
 * @returns {string | undefined} undefined when it does not run or is something else
 */
function versionOf(path) {
  return /^ffmpeg version (\S+)/.exec(run(path, ['-version']).stdout)?.[1];
}

/**
 * @param {string} root
 * @returns {string} the path of what was installed
 */
function install(root) {
  const manager = packageManager();
  if (manager !== undefined) {
    say(`installing ffmpeg with ${manager.name}`);
    const result = manager.install(['ffmpeg']);
    const path = onPath('ffmpeg');
    if (result.ok && path !== undefined) return path;
    say(`${manager.name} could not install ffmpeg`);
  }
  return installStaticFfmpeg({ folder: join(root, 'node_modules', 'ffmpeg-static') });
}
