/** What a core dump of this process would hold: nothing of its memory. */
import { writeFileSync } from 'node:fs';

/** Which kinds of mappings the kernel writes into a dump (core(5)). Children begin with ours, and keep it
 * over exec; it holds where cores are piped to a program too, which limits do not. */
const FILTER_PATH = '/proc/self/coredump_filter';

/** None of them. What is left is registers, the name of the program and its arguments. */
const NOTHING = '0';

/** False where it could not be done: another system than Linux, or a `/proc` that cannot be written. */
export function keepMemoryOutOfDumps(path = FILTER_PATH): boolean {
  try {
    // Not made where it is not there.
    writeFileSync(path, NOTHING, { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}
