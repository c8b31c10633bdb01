/** The guard over what could do anything at all outside of it: other programs, threads (each has
 * modules of its own, unguarded), the inspector, and Node's bindings below its modules. */
import childProcess from 'node:child_process';
import inspector from 'node:inspector';
import { fileURLToPath } from 'node:url';
import workerThreads from 'node:worker_threads';
import { refuse, replaceFor, type Callable } from './guard-parts.ts';
import { namedPath, takePermit, type ProgramName } from './permits.ts';
import { isAllowedStart, type ProgramStart } from './program-rules.ts';

/** The bindings that open sockets, ask for names and start programs. */
const BINDINGS = new Set([
  ...['tcp_wrap', 'pipe_wrap', 'udp_wrap', 'cares_wrap', 'tls_wrap', 'js_stream', 'stream_wrap'],
  ...['process_wrap', 'spawn_sync', 'worker', 'inspector', 'http_parser'],
]);

/** Where programs are; ffmpeg's path is a setting, which `nameProgram` tells. */
const FIXED_PATHS: Readonly<Partial<Record<ProgramName, string>>> = {
  'key process': fileURLToPath(new URL('../keys/key-worker.js', import.meta.url)),
  systemctl: '/usr/bin/systemctl',
  useradd: '/usr/sbin/useradd',
};

/** Puts it in place. */
export function guardPrograms(): void {
  // What spawn, exec, execFile, fork and node:cluster all end at.
  replaceFor(childProcess.ChildProcess.prototype, 'spawn', guardedSpawn);
  for (const name of ['spawnSync', 'execSync', 'execFileSync']) {
    replaceFor(childProcess, name, () => (...args: unknown[]) => {
      throw refuse('program', programNameIn(args[0]));
    });
  }
  replaceFor(workerThreads, 'Worker', () => RefusedWorker);
  replaceFor(inspector, 'open', () => () => {
    throw refuse('inspector', 'inspector');
  });
  replaceFor(process, 'binding', guardedBinding);
  guardInspector();
}

function guardedSpawn(own: Callable): Callable {
  return function spawn(this: unknown, ...args: unknown[]): unknown {
    const start = startIn(args[0]);
    const isAnnounced = takePermit('program', ({ program, path }) => {
      const isKnown = (FIXED_PATHS[program] ?? namedPath(program)) === path;
      return isKnown && isAllowedStart({ program, path, node: process.execPath }, start);
    });
    if (!isAnnounced) throw refuse('program', programNameIn(start.file));
    return own.apply(this, args);
  };
}

function RefusedWorker(): never {
  throw refuse('thread', 'worker thread');
}

function guardedBinding(own: Callable): Callable {
  return function binding(this: unknown, ...args: unknown[]): unknown {
    const name = String(args[0]);
    if (BINDINGS.has(name)) throw refuse('internals', name);
    return own.apply(this, args);
  };
}

/** A signal opens the inspector, with which anybody on the box reads the memory; Node's own handler
 * gives way to ours. One that was asked for at the start is closed again. */
function guardInspector(): void {
  process.on('SIGUSR1', () => {
    refuse('inspector', 'SIGUSR1');
  });
  if (inspector.url() === undefined) return;
  refuse('inspector', '--inspect');
  inspector.close();
}

/** What `ChildProcess.spawn` is handed, by whichever of the functions above it. */
function startIn(options: unknown): ProgramStart {
  const { file, args, envPairs } = options as {
    file?: unknown;
    args?: unknown;
    envPairs?: unknown;
  };
  return {
    file: typeof file === 'string' ? file : '',
    args: textsIn(args).slice(1),
    env: textsIn(envPairs).map((pair) => pair.split('=')[0] ?? ''),
  };
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The program without its folder, and without what it was to do. */
function programNameIn(command: unknown): string {
  const first = typeof command === 'string' ? (command.trim().split(/\s/)[0] ?? '') : '';
  return first.split('/').at(-1) ?? '?';
}
