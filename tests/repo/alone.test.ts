/** A file runs beside another one unless its name says that it must not. */
import { describe, expect, it } from 'vitest';
import { LATER_RUNS, QUICK_RUN } from '../runner/runs.ts';
import config from '../vitest.config.ts';
import { filesBelow } from './tree.ts';

interface Project {
  readonly test: {
    readonly name: string;
    readonly include: readonly string[];
    readonly exclude?: readonly string[];
    readonly maxWorkers: number;
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

  it('runs in `npm test`, once', () => {
    const asked = [QUICK_RUN, ...LATER_RUNS].flatMap((run) => run.projects);
    const taking = new Set(tests.flatMap(takers));
    expect([...asked].sort()).toEqual([...taking].sort());
  });

  it('called alone runs alone, in a project of its folder', () => {
    const alone = tests.filter((path) => path.endsWith('-alone.test.ts'));
    expect(alone.length).toBeGreaterThan(0);
    const last = Math.max(...projects.map(({ sequence }) => sequence.groupOrder));
    for (const path of alone) {
      const project = projects.find(({ name }) => name === takers(path)[0]);
      expect(project, path).toMatchObject({
        ...{ maxWorkers: 1, fileParallelism: false, sequence: { groupOrder: last } },
      });
      expect(project?.name).toBe(`${path.split('/')[1] ?? ''}-alone`);
    }
    // Nor does anything else run in their group.
    const beside = projects.filter(({ sequence }) => sequence.groupOrder === last);
    expect(beside.filter(({ name }) => !name.endsWith('-alone'))).toEqual([]);
  });
});
