/** Which programs Doorkeep starts, with which arguments and in which environment. Pure. */
import type { ProgramName } from './permits.ts';

/** What is about to be started, as `ChildProcess.spawn` has it. */
export interface ProgramStart {
  readonly file: string;
  /** Without the name of the program, which Node puts first. */
  readonly args: readonly string[];
  /** Names of the variables that it gets. */
  readonly env: readonly string[];
}

/** What a program may be started with. */
interface ProgramRule {
  /** util-linux's, which becomes the program behind `--`; Doorkeep does without where it is missing. */
  readonly launcher?: string;
  readonly launcherArgs?: readonly string[];
  /** Variables that it may get: nothing of ours goes along. */
  readonly env: readonly string[];
  /** Whether these are arguments for it. */
  fits(args: readonly string[], path: string): boolean;
}

const RULES: Readonly<Record<ProgramName, ProgramRule>> = {
  ffmpeg: {
    launcher: '/usr/bin/setpriv',
    launcherArgs: ['--pdeathsig', 'KILL', '--'],
    env: ['LC_ALL', 'AV_LOG_FORCE_NOCOLOR'],
    fits: (args) => staysHere(args),
  },
  'key process': {
    launcher: '/usr/bin/prlimit',
    launcherArgs: ['--core=0:0', '--'],
    // What `fork` adds by itself: the pipe to us.
    env: ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'],
    fits: (args, path) => args.length === 1 && args[0] === path,
  },
  // Of `service install` alone, which a person starts as root.
  systemctl: {
    env: ['LC_ALL'],
    // `--host` would be another machine's.
    fits: ([verb = '', unit, ...more]) =>
      verb === 'daemon-reload'
        ? unit === undefined
        : /^(?:enable|restart)$/.test(verb) && unit === 'doorkeep.service' && more.length === 0,
  },
  useradd: { env: ['LC_ALL'], fits: () => true },
};

/** The relay's address, or a pipe to us. */
const RELAY = /^rtsp:\/\/127\.0\.0\.1:\d{1,5}\/[\w-]{1,64}$/;
const PIPE = /^pipe:\d$/;

/** What ffmpeg would take for a place: a protocol of its own, a path, a filter that opens one. */
const PLACE = /^[a-z][a-z0-9+.,_-]*:|\/|\b(?:filename|movie|amovie|subtitles|zmq|ladspa|lv2)\b/i;

/** Options whose values are no places, though some look like it. */
const PLAIN_VALUES = new Set(['-map', '-c:v', '-c:a', '-b:a']);

/** Whether `start` is the program at `path` as its rule says. `node`: what runs our own processes. */
export function isAllowedStart(
  { program, path, node }: { program: ProgramName; path: string; node: string },
  { file, args, env }: ProgramStart,
): boolean {
  const rule = RULES[program];
  const binary = program === 'key process' ? node : path;
  const { launcher, launcherArgs = [] } = rule;
  const [isLaunched, own] =
    launcher === file && startsWith(args, [...launcherArgs, binary])
      ? [true, args.slice(launcherArgs.length + 1)]
      : [false, args];
  if (!isLaunched && file !== binary) return false;
  return env.every((name) => rule.env.includes(name)) && rule.fits(own, path);
}

/** Every input and output of ffmpeg is the relay or a pipe, and no other argument names a place. */
function staysHere(args: readonly string[]): boolean {
  let hasInput = false;
  for (const [index, arg] of args.entries()) {
    const option = args[index - 1] ?? '';
    if (option === '-i') {
      if (!RELAY.test(arg) && !PIPE.test(arg)) return false;
      hasInput = true;
    } else if (option === '-vf') {
      if (!/^select=gte\(n\\,\d+\)$/.test(arg)) return false;
    } else if (!PLAIN_VALUES.has(option) && !PIPE.test(arg) && PLACE.test(arg)) {
      return false;
    }
  }
  return hasInput && PIPE.test(args.at(-1) ?? '');
}

function startsWith(args: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((arg, index) => args[index] === arg);
}
