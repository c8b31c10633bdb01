/** A file runs beside another one unless its name says that it must not. */
import { describe, expect, it } from 'vitest';
import config from '../vitest.config.ts';
import { filesBelow } from './tree.ts';

interface Project {
  readonly test: {
    readonly name: string;
    readonly include: readonly string[];
    readonly exclude?: readonly string[];
    readonly fileParallelism: boolean;
    readonly sequence: { readonly groupOrder: number };
  };
}

const projects = (config.test?.projects as unknown as Project[]).map(({ test }) => test);
const tests = filesBelow().filter((path) => /^tests\/.*\.test\.ts$/.test(path));

/** The two shapes of patterns that the configuration has. */
function matches(path: string, pattern: string): boolean {
  const [folder = '', ending = ''] = pattern.split('**/*');
  return path.startsWith(folder) && path.endsWith(ending);
}

function takers(path: string): string[] {
  return projects
    .filter(({ include }) => include.some((pattern) => matches(path, pattern)))
    .filter(({ exclude = [] }) => !exclude.some((pattern) => matches(path, pattern)))
    .map(({ name }) => name);
}

describe('every test file', () => {
  it('belongs to one project', () => {
    expect(tests.length).toBeGreaterThan(100);
    expect(tests.filter((path) => takers(path).length !== 1)).toEqual([]);
  });

  it('called alone runs alone, in a project that `npm test` asks for with its folder', () => {
    const alone = tests.filter((path) => path.endsWith('-alone.test.ts'));
    expect(alone.length).toBeGreaterThan(0);
    for (const path of alone) {
      const project = projects.find(({ name }) => name === takers(path)[0]);
      expect(project, path).toMatchObject({ fileParallelism: false, sequence: { groupOrder: 1 } });
      expect(project?.name).toBe(`${path.split('/')[1] ?? ''}-alone`);
    }
  });
});
