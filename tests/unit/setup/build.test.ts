/** Compiling only when there is something new, in a small project of its own. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../server/config.ts';

const url = pathToFileURL(join(PACKAGE_ROOT, 'server', 'setup', 'build.mjs')).href;
const { prepareBuild } = (await import(url)) as {
  prepareBuild: (root: string, projects: readonly string[]) => boolean;
};

let root: string;
const build = (): boolean => prepareBuild(root, ['server']);

/** Each case runs the real compiler up to three times, at a second each on a quiet machine. */
const COMPILING = { timeout: 60_000 };

describe('the build step', COMPILING, () => {
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'doorkeep-build-'));
    await mkdir(join(root, 'server'));
    await symlink(join(PACKAGE_ROOT, 'node_modules'), join(root, 'node_modules'));
    await writeFile(join(root, 'package-lock.json'), '{}');
    await writeFile(join(root, 'tsconfig.json'), '{ "files": [] }');
    // The smallest library: the compiler reads it anew each time.
    const library = { types: [], lib: ['es5'], skipLibCheck: true };
    const compilerOptions = { composite: true, rootDir: '.', outDir: '../dist/server', ...library };
    const settings = { compilerOptions, include: ['**/*.ts'] };
    await writeFile(join(root, 'server', 'tsconfig.json'), JSON.stringify(settings));
    await writeFile(join(root, 'server', 'one.ts'), 'export const one: number = 1;\n');
    return () => rm(root, { recursive: true });
  });

  it('compiles once, and then has nothing to do', () => {
    expect(build()).toBe(true);
    expect(existsSync(join(root, 'dist', 'server', 'one.js'))).toBe(true);
    expect(build()).toBe(false);
  });

  it('expects no output of a declaration', async () => {
    await writeFile(join(root, 'server', 'other.d.ts'), 'declare const other: number;\n');
    expect(build()).toBe(true);
    expect(build()).toBe(false);
  });

  it('compiles again when a source changed, or its output is gone', async () => {
    build();
    await writeFile(join(root, 'server', 'one.ts'), 'export const one: number = 11;\n');
    expect(build()).toBe(true);
    await rm(join(root, 'dist', 'server', 'one.js'));
    expect(build()).toBe(true);
    expect(existsSync(join(root, 'dist', 'server', 'one.js'))).toBe(true);
  });

  it('removes the output of a source that is gone', async () => {
    await writeFile(join(root, 'server', 'two.ts'), 'export const two: number = 2;\n');
    build();
    await rm(join(root, 'server', 'two.ts'));
    expect(build()).toBe(true);
    expect(existsSync(join(root, 'dist', 'server', 'two.js'))).toBe(false);
    expect(existsSync(join(root, 'dist', 'server', 'one.js'))).toBe(true);
  });

  it('fails on a type error, with the compiler’s words, and again the next time', async () => {
    await writeFile(join(root, 'server', 'one.ts'), 'export const one: number = "1";\n');
    for (let time = 0; time < 2; time += 1) {
      expect(build).toThrow(
        expect.objectContaining({ detail: expect.stringContaining('one.ts') as string }) as Error,
      );
    }
  });
});
