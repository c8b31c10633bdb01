// @ts-check
/**
 * The last source of ffmpeg: the binary that the package ffmpeg-static downloads from its GitHub
 * release. npm did not run its install script; we do, and then believe the file only if its
 * SHA-256 is one of those written down here.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupProblem, say } from './report.mjs';
import { run } from './run-command.mjs';

/** The release the hashes belong to; ffmpeg-static 5.3.0 downloads it. */
const RELEASE = 'b6.1.1';

/**
 * SHA-256 of the uncompressed binaries of release b6.1.1 (which call themselves 7.0.2-static: John
 * Van Sickle's builds). linux-x64: compared with the same file inside the PyPI wheel
 * imageio_ffmpeg-0.6.0-py3-none-manylinux2014_x86_64.whl, a publisher of its own, and with public
 * manifests. linux-arm64: several independent public manifests that agree on it and on the
 * compressed file. Other platforms have no second source and are refused.
 * @type {Readonly<Record<string, string>>}
 */
const KNOWN_SHA256 = {
  'linux-x64': 'e7e7fb30477f717e6f55f9180a70386c62677ef8a4d4d1a5d948f4098aa3eb99',
  'linux-arm64': '6bb182d0d75d23028db82e9e4f723ca69b853d055698486e6984ddb2c06fb8ce',
};

/** Read in pieces, because the binary is 80 MB and a Raspberry Pi may have 512 MB. */
const HASH_CHUNK_BYTES = 1024 * 1024;

/**
 * @typedef {object} StaticFfmpegOptions
 * @property {string} folder node_modules/ffmpeg-static
 * @property {Readonly<Record<string, string>>} [sha256] by `platform-arch`; tests pass their own
 * @property {string} [platform] `platform-arch` of this machine
 */

/**
 * Downloads and checks; throws a SetupProblem, with nothing left behind, unless the hash is known
 * and right. `FFMPEG_BINARIES_URL` (ffmpeg-static's own setting) may name a mirror: the hash holds
 * whatever the source.
 * @param {StaticFfmpegOptions} options
 * @returns {string} the path of the binary
 */
export function installStaticFfmpeg(options) {
  const platform = options.platform ?? `${process.platform}-${process.arch}`;
  const expected = (options.sha256 ?? KNOWN_SHA256)[platform];
  requireKnown(options.folder, platform, expected);
  const path = join(options.folder, 'ffmpeg');
  // A file from an earlier, interrupted set-up was never checked; the install script would keep it.
  rmSync(path, { force: true });
  say(`downloading ffmpeg for ${platform} from the ffmpeg-static release (30 MB)`);
  const result = run(process.execPath, [join(options.folder, 'install.js')], {
    cwd: options.folder,
    env: downloadEnvironment(),
  });
  const actual = result.ok ? sha256Of(path) : undefined;
  if (actual !== undefined && actual === expected) return path;
  rmSync(path, { force: true });
  throw actual === undefined
    ? new SetupProblem('ffmpeg could not be downloaded.', INSTALL_BY_HAND, result.tail)
    : new SetupProblem(
        `The downloaded ffmpeg is not the one we know (SHA-256 ${actual}); it was deleted.`,
        INSTALL_BY_HAND,
      );
}

/** Settings of ffmpeg-static that move the binary or choose another one than the hash is for. */
const OVERRIDES = ['FFMPEG_BIN', 'FFMPEG_BINARY_RELEASE', 'npm_config_arch', 'npm_config_platform'];

const INSTALL_BY_HAND =
  'Install ffmpeg with your system’s package manager (Debian: apt-get install ffmpeg), ' +
  'or set DOORKEEP_FFMPEG to one, and run the same command again.';

/**
 * @param {string} folder
 * @param {string} platform
 * @param {string | undefined} expected
 * @returns {void}
 */
function requireKnown(folder, platform, expected) {
  const { 'ffmpeg-static': own } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (expected !== undefined && own['binary-release-tag'] === RELEASE) return;
  throw new SetupProblem(
    `There is no ffmpeg on this machine, and none for ${platform} that we could check.`,
    INSTALL_BY_HAND,
  );
}

/**
 * The install script's environment; with CI set it draws no progress bar.
 * @returns {NodeJS.ProcessEnv}
 */
function downloadEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !OVERRIDES.includes(name));
  return { ...Object.fromEntries(kept), CI: '1' };
}

/**
 * @param {string} path
 * @returns {string} lower-case hexadecimal
 */
function sha256Of(path) {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(HASH_CHUNK_BYTES);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const bytes = readSync(file, chunk);
      if (bytes === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytes));
    }
  } finally {
    closeSync(file);
  }
}
