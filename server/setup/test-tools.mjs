// @ts-check
/** What only the tests need: an RTSP server that is not ours. */
import { SetupProblem, say } from './report.mjs';
import { isExecutable, run } from './run-command.mjs';
import { packageManager } from './system-packages.mjs';

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
 * Makes sure that GStreamer's RTSP server is there; where it cannot be installed, the tests that
 * need it are skipped, and this says so. Browser tests will ask for Chromium here too.
 * @returns {boolean} true when it had to do something
 */
export function prepareTestTools() {
  if (hasRtspServer()) return false;
  const manager = packageManager();
  if (manager?.name !== 'apt-get') {
    say('GStreamer’s RTSP server is not installed: the tests that play clips to it are SKIPPED.');
    say(`  on Debian, as root: apt-get install ${RTSP_SERVER_PACKAGES.join(' ')}`);
    return true;
  }
  say('installing GStreamer’s RTSP server with apt-get, for the integration tests');
  const result = manager.install(RTSP_SERVER_PACKAGES);
  if (result.ok && hasRtspServer()) return true;
  throw new SetupProblem(
    'GStreamer’s RTSP server could not be installed.',
    `Install it by hand: apt-get install ${RTSP_SERVER_PACKAGES.join(' ')}`,
    result.tail,
  );
}

/** @returns {boolean} */
function hasRtspServer() {
  // Debian's python3-gi belongs to Debian's Python, which need not be the first on the PATH.
  const python = isExecutable('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  return run(python, ['-c', PROBE]).ok;
}
