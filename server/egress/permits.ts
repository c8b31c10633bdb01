/**
 * What the doors announce to the guard, in the moment before they do it. A permit holds for the
 * synchronous call that it is given for, once, and for exactly what it names; the variable below is
 * reachable through this module alone, and tests/repo says which files may import it.
 */

/** One connection to one literal address. */
export interface ConnectPermit {
  readonly kind: 'connection';
  readonly address: string;
  readonly port: number;
}

/** One look-up of one name. */
export interface LookUpPermit {
  readonly kind: 'look-up';
  readonly name: string;
}

/** The programs that Doorkeep starts; guard-programs.ts says with which arguments. */
export type ProgramName = 'ffmpeg' | 'key process' | 'systemctl' | 'useradd';

/** One start of one program. */
export interface ProgramPermit {
  readonly kind: 'program';
  readonly program: ProgramName;
  /** Where it is: ffmpeg's binary, or the compiled entry of a process of ours. */
  readonly path: string;
}

/** See the head of this file. */
export type Permit = ConnectPermit | LookUpPermit | ProgramPermit;

/** Where programs are that a setting names. */
const named = new Map<ProgramName, string>();

let current: Permit | undefined;

/** From now on this is where the program is; another place is another program. For the composition
 * root, which has read the settings. */
export function nameProgram(program: ProgramName, path: string): void {
  named.set(program, path);
}

/** See `nameProgram`. */
export function namedPath(program: ProgramName): string | undefined {
  return named.get(program);
}

/** Does `work`, which may do once what `permit` says. Works alike where no guard is installed. */
export function withPermit<T>(permit: Permit, work: () => T): T {
  const before = current;
  current = permit;
  try {
    return work();
  } finally {
    current = before;
  }
}

/** Takes the permit that is in force, if it is of this kind and `fits`; it is used up then. */
export function takePermit<K extends Permit['kind']>(
  kind: K,
  fits: (permit: Extract<Permit, { kind: K }>) => boolean,
): boolean {
  const permit = current;
  if (permit?.kind !== kind) return false;
  if (!fits(permit as Extract<Permit, { kind: K }>)) return false;
  current = undefined;
  return true;
}

/** Sockets of the probe of the kernel, which sends one datagram to an address that nobody has. */
const probes = new WeakSet<object>();

/** `socket` may be used for that from now on; kernel-probe.ts has the addresses. */
export function permitProbe(socket: object): void {
  probes.add(socket);
}

/** See `permitProbe`. */
export function isProbe(socket: unknown): boolean {
  return typeof socket === 'object' && socket !== null && probes.has(socket);
}
