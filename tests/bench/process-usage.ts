/** CPU time and memory of a process and all its descendants, as the kernel accounts for them. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Sums over a tree of processes. */
export interface Usage {
  /** CPU seconds, user and system, children that ended included. */
  readonly cpuSeconds: number;
  /** Proportional set size, in bytes: a page that n processes share counts 1/n for each, so that
   * the sum is what the machine has less of. */
  readonly pssBytes: number;
  readonly processes: number;
}

/** Unit of /proc's CPU times. */
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** The usage of `roots` and everything below them, now. */
export function usageOf(roots: readonly number[]): Usage {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined);
  const wanted = new Set(roots);
  // Children have higher process ids than their parents only until ids wrap; so until it is stable.
  for (let before = -1; before !== wanted.size;) {
    before = wanted.size;
    for (const stat of all) if (wanted.has(stat.parent)) wanted.add(stat.pid);
  }
  const chosen = all.filter((stat) => wanted.has(stat.pid));
  return {
    cpuSeconds: chosen.reduce((sum, stat) => sum + stat.ticks, 0) / TICKS_PER_SECOND,
    pssBytes: chosen.reduce((sum, stat) => sum + pssOf(stat.pid), 0),
    processes: chosen.length,
  };
}

/** /proc/PID/stat (proc(5)): fields after the last parenthesis, `state` is the first of them. */
function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const number = (index: number): number => Number(fields[index]);
    return {
      pid,
      parent: number(1),
      // utime, stime, cutime, cstime: fields 14 to 17 of the whole line.
      ticks: number(11) + number(12) + number(13) + number(14),
    };
  } catch {
    // It ended between the listing and the reading.
    return undefined;
  }
}

/** /proc/PID/smaps_rollup, in kB. 0 for a process that ended meanwhile. */
function pssOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${String(pid)}/smaps_rollup`, 'latin1');
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
