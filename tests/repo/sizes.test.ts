/** Small files with names that say what is in them (habit 16). */
import { describe, expect, it } from 'vitest';
import { codeBelow, textOf } from './tree.ts';

/** A reader holds this much at once; tests are lists and may be longer. */
const SOURCE_MAX_LINES = 500;
const TEST_MAX_LINES = 800;

/** The aim is 200 lines a file: the median has to keep well below. */
const MEDIAN_MAX_LINES = 200;

const files = [...codeBelow('server'), ...codeBelow('web'), ...codeBelow('tests')];
const linesOf = (path: string): number => textOf(path).split('\n').length - 1;

describe('files of code', () => {
  it('are found', () => {
    expect(files.length).toBeGreaterThan(40);
  });

  it('are short', () => {
    const long = files.filter(
      (path) => linesOf(path) > (path.startsWith('tests/') ? TEST_MAX_LINES : SOURCE_MAX_LINES),
    );
    expect(long).toEqual([]);
  });

  it.each(['server', 'web'])('are short on the whole in %s/', (folder) => {
    const lengths = codeBelow(folder)
      .map(linesOf)
      .sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(MEDIAN_MAX_LINES);
  });

  it('have names in kebab case', () => {
    const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.(ts|tsx|mjs)$/;
    expect(files.filter((path) => !name.test(path.split('/').at(-1) ?? ''))).toEqual([]);
  });

  it('are no drawers for odds and ends, and no barrels', () => {
    const drawer = /(^|[/-])(utils?|helpers?|common|managers?|misc|shared|index)\.(ts|tsx|mjs)$/;
    expect(files.filter((path) => drawer.test(path))).toEqual([]);
  });
});
