/** Which part of the program is at work: the name of a module, never a path of the machine. Pure. */

/** Deep enough to come out below Node's own frames and the guard's. */
const FRAMES_MAX = 40;

/** The guard's own files, which are on top of every stack it looks at. */
const GUARD = /\/egress\/(?:guard[a-z-]*|who-asked|refusals)\.[jt]s$/;

/** As `nameFrame` of the topmost frame that is neither Node's nor the guard's. */
export function whoAsked(): string {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES_MAX;
  const { stack } = new Error();
  Error.stackTraceLimit = before;
  return whoIn(stack ?? '');
}

/** The same of a stack's text. */
export function whoIn(stack: string): string {
  for (const line of stack.split('\n').slice(1)) {
    const place = /(?:\(|at (?:async )?)(?:file:\/\/)?(\/[^()]*?)(?::\d+){1,2}\)?$/.exec(line)?.[1];
    if (place !== undefined && !GUARD.test(place)) return nameOfPlace(place);
  }
  return 'unknown';
}

/** A package by its name, a file of ours by its place in the project, another one by its own name. */
function nameOfPlace(place: string): string {
  const parts = place.split('/');
  const at = parts.lastIndexOf('node_modules');
  if (at >= 0) {
    const [first = '', second = ''] = parts.slice(at + 1);
    return first.startsWith('@') ? `${first}/${second}` : first;
  }
  const file = parts.at(-1) ?? '';
  const own = /\/(server\/(?:[a-z-]+\/)?[a-z-]+)\.[jt]s$/.exec(place)?.[1];
  return own ?? file;
}
