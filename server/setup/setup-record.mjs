// @ts-check
/**
 * `dist/setup.json`: what set-up found on this machine, for the server and for the next set-up. It
 * lies in dist/ because it goes where the build goes; the server reads `ffmpeg` and nothing else.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * @typedef {object} SetupRecord
 * @property {string} ffmpeg Absolute path of the ffmpeg that was run as proof.
 * @property {string} ffmpegIdentity Size and modification time of that file.
 * @property {string} ffmpegVersion e.g. `5.1.9-0+deb12u1`; for the log and for bug reports.
 */

/**
 * @param {string} root
 * @returns {Partial<SetupRecord>} empty when there is none or it cannot be read
 */
export function readSetupRecord(root) {
  try {
    return JSON.parse(readFileSync(recordPath(root), 'utf8'));
  } catch {
    return {};
  }
}

/**
 * @param {string} root
 * @param {SetupRecord} record
 * @returns {void}
 */
export function writeSetupRecord(root, record) {
  const path = recordPath(root);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/**
 * @param {string} root
 * @returns {string}
 */
function recordPath(root) {
  return join(root, 'dist', 'setup.json');
}
