/**
 * Where the demo's footage lies while it runs: `.cache/demo/<process>` in the project's folder, on the
 * disk and not in a memory file system, and gone at the end. A demo that was killed leaves its folder
 * to the next one, which takes it away.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes this process's folder, empty; takes away those of processes that are gone. */
export async function makeDemoFolder(root: string, pid: number): Promise<string> {
  const all = join(root, '.cache', 'demo');
  await mkdir(all, { recursive: true });
  for (const name of await readdir(all)) {
    if (/^\d+$/.test(name) && !isRunning(Number(name))) await removeDemoFolder(join(all, name));
  }
  const own = join(all, String(pid));
  await removeDemoFolder(own);
  await mkdir(own, { mode: 0o700 });
  return own;
}

/** Takes a folder away with all that is in it. */
export async function removeDemoFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it runs, and belongs to somebody else.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
