/**
 * The checks need nothing that set-up compiles for the processor. Where it compiles SQLite, which keeps
 * one processor busy for a minute, it lets tests/early-checks.ts do them meanwhile; their tally waits in
 * a file for the run that set-up was for, and for no later one: set-up begins by removing it.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../../server/config.ts';
import type { Tally } from './tally.ts';

/** server/setup/early-checks.mjs knows it, too. */
const PATH = join(PACKAGE_ROOT, 'tests', 'output', 'early-checks.json');

/** Leaves the tally for the run. */
export async function leaveEarlyChecks(tally: Tally): Promise<void> {
  await mkdir(dirname(PATH), { recursive: true });
  await writeFile(PATH, JSON.stringify(tally));
}

/** What set-up's checks found, once; undefined when it did none. */
export function takeEarlyChecks(): Tally | undefined {
  if (!existsSync(PATH)) return undefined;
  const tally = JSON.parse(readFileSync(PATH, 'utf8')) as Tally;
  rmSync(PATH);
  return tally;
}
