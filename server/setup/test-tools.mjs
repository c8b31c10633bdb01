// @ts-check
/** What only the tests need: an RTSP server and an age that are not ours, a browser, whom it trusts. */
import { existsSync } from 'node:fs';
import { SetupProblem, say } from './report.mjs';
import { isExecutable, onPath, run } from './run-command.mjs';
import { packageManager } from './system-packages.mjs';

/** Chromium's names on the PATH, as the distributions have them. */
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable'];

/** GStreamer's RTSP server, its Python bindings, and the parsers and payloaders of the clips. */
const RTSP_SERVER_PACKAGES = [
  'gir1.2-gst-rtsp-server-1.0',
  'python3-gi',
  'gstreamer1.0-plugins-base',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-plugins-bad',
  'gstreamer1.0-plugins-ugly',
];

/** The elements of four of those packages stand for the rest. */
const PROBE = `import gi
gi.require_version('Gst', '1.0')
gi.require_version('GstRtspServer', '1.0')
from gi.repository import Gst, GstRtspServer
Gst.init(None)
names = ('decodebin', 'rtph264pay', 'h265parse', 'qtdemux')
raise SystemExit(0 if all(Gst.ElementFactory.find(name) for name in names) else 1)`;

/**
 * @typedef {object} TestTool
 * @property {string} name as a sentence begins with it
 * @property {string} needed what is skipped without it
 * @property {readonly string[]} packages Debian's
 * @property {() => boolean} isThere
 */

/** @type {TestTool} */
const RTSP_SERVER = {
  name: 'GStreamer’s RTSP server',
  needed: 'the tests that play clips to it',
  packages: RTSP_SERVER_PACKAGES,
  isThere: hasRtspServer,
};

/**
 * For the browser tests and for the bench of live view.
 * @type {TestTool}
 */
export const CHROMIUM = {
  name: 'Chromium',
  needed: 'the browser tests',
  packages: ['chromium'],
  isThere: hasChromium,
};

/**
 * NSS's own tool: Chromium on Linux keeps in NSS's database which authorities a person trusts.
 * @type {TestTool}
 */
export const CERTUTIL = {
  name: 'certutil',
  needed: 'the tests of a browser that trusts the box',
  packages: ['libnss3-tools'],
  isThere: () => onPath('certutil') !== undefined,
};

/**
 * Debian's age, which is not ours and not written in JavaScript.
 * @type {TestTool}
 */
export const AGE = {
  name: 'age',
  needed: 'the tests that open sealed files without Doorkeep',
  packages: ['age'],
  isThere: () => onPath('age') !== undefined && onPath('age-keygen') !== undefined,
};

/** @type {TestTool} */
const NFT = {
  name: 'nft',
  needed: 'the tests of what the kernel refuses',
  packages: ['nftables'],
  isThere: () => onPath('nft') !== undefined || existsSync('/usr/sbin/nft'),
};

/**
 * Reads units and judges them; nothing of systemd has to run.
 * @type {TestTool}
 */
const SYSTEMD = {
  name: 'systemd-analyze',
  needed: 'the tests of the unit for systemd',
  packages: ['systemd'],
  isThere: () => onPath('systemd-analyze') !== undefined,
};

/** @returns {boolean} true when it had to do something */
export function prepareTestTools() {
  return prepareTools([RTSP_SERVER, CHROMIUM, CERTUTIL, AGE, NFT, SYSTEMD]);
}

/**
 * Makes sure that the tools are there, with one call of apt-get for all that are missing: each call
 * reads the package lists and runs the same triggers. Where they cannot be installed, the tests that
 * need them are skipped, and this says so.
 * @param {readonly TestTool[]} tools
 * @returns {boolean} true when it had to do something
 */
export function prepareTools(tools) {
  const missing = tools.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return false;
  const manager = packageManager();
  if (manager?.name !== 'apt-get') {
    for (const { name, needed, packages } of missing) {
      say(`${name} is not installed: ${needed} are SKIPPED.`);
      say(`  on Debian, as root: ${aptCommand(packages)}`);
    }
    return true;
  }
  for (const { name, needed } of missing) say(`installing ${name} with apt-get, for ${needed}`);
  const result = manager.install(missing.flatMap(({ packages }) => packages));
  const failed = missing.filter(({ isThere }) => !result.ok || !isThere());
  if (failed.length === 0) return true;
  throw new SetupProblem(
    `${failed.map(({ name }) => name).join(' and ')} could not be installed.`,
    `Install by hand: ${aptCommand(failed.flatMap(({ packages }) => packages))}`,
    result.tail,
  );
}

/**
 * @param {readonly string[]} packages
 * @returns {string}
 */
function aptCommand(packages) {
  return `apt-get install ${packages.join(' ')}`;
}

/** @returns {boolean} */
function hasRtspServer() {
  // Debian's python3-gi belongs to Debian's Python, which need not be the first on the PATH.
  const python = isExecutable('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  return run(python, ['-c', PROBE]).ok;
}

/**
 * DOORKEEP_CHROMIUM names one; else the PATH has one. What does not run is found out by the tests.
 * @returns {boolean}
 */
function hasChromium() {
  const configured = process.env['DOORKEEP_CHROMIUM'] ?? '';
  if (configured === '') return CHROMIUM_NAMES.some((name) => onPath(name) !== undefined);
  if (isExecutable(configured)) return true;
  throw new SetupProblem(
    `DOORKEEP_CHROMIUM names ${configured}, which is no program.`,
    'Name the Chromium of this machine, or unset it to let set-up find one.',
  );
}
