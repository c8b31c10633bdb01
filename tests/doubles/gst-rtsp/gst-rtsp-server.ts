/** Starts and stops server.py: a real RTSP server, GStreamer's, on a free port of this machine. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SystemClock } from '../../../server/base/clock.ts';
import { PACKAGE_ROOT } from '../../../server/config.ts';

/** One clip served under one path. mp4, mov, mkv and ts files; what is inside is copied as it is. */
export interface GstMount {
  /** Path with the leading slash. */
  path: string;
  file: string;
  /** Starts again at the end, with RTP time rising on (default); false: the stream ends. */
  loop?: boolean;
  /** AAC in RFC 3016 framing (MP4A-LATM) in place of RFC 3640 (mpeg4-generic). */
  latm?: boolean;
}

/** The one account that every mount asks for. */
export interface GstAuth {
  scheme: 'basic' | 'digest';
  username: string;
  password: string;
}

/** A running server. Each first viewer of a mount gets the clip from its first frame. */
export interface GstRtspServer {
  readonly port: number;
  /** `rtsp://127.0.0.1:port/path`, without credentials. */
  url(path: string): string;
  /** Ends the process; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Debian's python3-gi belongs to Debian's Python, which need not be the first on the PATH. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

// From the package's root, because the build output has no copy of it.
const SCRIPT = join(PACKAGE_ROOT, 'tests', 'doubles', 'gst-rtsp', 'server.py');

/** Clips are read into memory first: a second each on a busy machine. */
const START_TIMEOUT_MS = 60_000;

/** GStreamer joins its threads on the way out, which takes far less; then it is killed. */
const STOP_TIMEOUT_MS = 5_000;

/** stderr kept for the message when it does not start. */
const STDERR_MAX_CHARS = 4_000;

const clock = new SystemClock();

/** False where GStreamer's RTSP server is not installed; tests that need it skip visibly. */
export const gstAvailable: boolean =
  spawnSync(PYTHON, [
    '-c',
    'import gi; gi.require_version("GstRtspServer", "1.0"); gi.require_version("GstApp", "1.0")',
  ]).status === 0;

/** Starts a server and waits until it answers an OPTIONS request. */
export async function startGstRtspServer(options: {
  mounts: readonly GstMount[];
  auth?: GstAuth;
}): Promise<GstRtspServer> {
  const child = spawn(PYTHON, [SCRIPT, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, GST_DEBUG_NO_COLOR: '1' },
  });
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  const guard = clock.setTimer(START_TIMEOUT_MS, () => child.kill('SIGKILL'));
  try {
    const port = await readPort(child, exited);
    await answersOptions(port);
    return {
      port,
      url: (path) => `rtsp://127.0.0.1:${String(port)}${path}`,
      stop: () => stop(child, exited),
    };
  } catch (thrown) {
    child.kill('SIGKILL');
    throw thrown;
  } finally {
    guard.cancel();
  }
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.stdin?.end();
  const guard = clock.setTimer(STOP_TIMEOUT_MS, () => child.kill('SIGKILL'));
  await exited;
  guard.cancel();
}

async function readPort(child: ChildProcess, exited: Promise<void>): Promise<number> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-STDERR_MAX_CHARS);
  });
  if (child.stdout === null) throw new Error('the RTSP server has no stdout');
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    exited.then(() => {
      throw new Error(`the RTSP server did not start:\n${stderr}`);
    }),
  ]);
  return (JSON.parse(line) as { port: number }).port;
}

/** Listening is not yet serving: GLib's main loop has to run before anything is answered. */
function answersOptions(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
    socket.write(`OPTIONS rtsp://127.0.0.1:${String(port)}/ RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
  });
}
