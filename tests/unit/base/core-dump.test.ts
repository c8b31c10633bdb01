import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keepMemoryOutOfDumps } from '../../../server/base/core-dump.ts';

describe('a core dump', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorkeep-dump-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is to hold no kind of memory', () => {
    const path = join(folder, 'coredump_filter');
    writeFileSync(path, '3\n');
    expect(keepMemoryOutOfDumps(path)).toBe(true);
    expect(Number.parseInt(readFileSync(path, 'utf8'), 16)).toBe(0);
  });

  it('is as the system has it where nothing can be said about it', () => {
    const path = join(folder, 'missing');
    expect(keepMemoryOutOfDumps(path)).toBe(false);
    expect(existsSync(path)).toBe(false);
  });
});
