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
const EARLY_CHECKS_PATH = join(PACKAGE_ROOT, 'tests', 'output', 'early-checks.json');

/** Leaves the tally for the run. */
export async function leaveEarlyChecks(tally: Tally, path = EARLY_CHECKS_PATH): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(tally));
}

/** What set-up's checks found, once; undefined when it did none. */
export function takeEarlyChecks(path = EARLY_CHECKS_PATH): Tally | undefined {
  if (!existsSync(path)) return undefined;
  const tally = JSON.parse(readFileSync(path, 'utf8')) as Tally;
  rmSync(path);
  return tally;
}
