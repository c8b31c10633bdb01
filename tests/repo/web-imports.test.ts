/** The page's imports: one way through its folders, types only from the box, one door per vendor. */
import { describe, expect, it } from 'vitest';
import { type Import, importsOf, packageOf, pathOf } from './imports-of.ts';
import { codeBelow, textOf, webFolders } from './tree.ts';

interface WebRules {
  folders: Record<string, { may: string[]; why: string }>;
  doors: { modules: string[]; folders: string[]; why: string }[];
}

const { web: rules } = JSON.parse(textOf('tests/repo/import-rules.json')) as { web: WebRules };

/** Files of web/ itself, and who may import them. They may import everything. */
const ROOT_FILES: Record<string, string[]> = {
  'main.tsx': [],
  'app.tsx': ['web/main.tsx'],
  'vite.config.ts': [],
};

/** What the page is built with, which is no part of it. */
const BUILD_FILE = 'web/vite.config.ts';

const imports = codeBelow('web')
  .filter((file) => file !== BUILD_FILE)
  .flatMap(importsOf);

/** The folder or root file of web/ that an import leads to. */
function targetOf(found: Import): string | undefined {
  const path = pathOf(found);
  return path?.startsWith('web/') === true ? path.split('/')[1] : undefined;
}

const say = (found: Import, why: string): string =>
  `${found.file} imports ${found.specifier}: ${why}`;

describe('imports between the folders of web/', () => {
  it('finds the imports at all', () => {
    expect(imports.length).toBeGreaterThan(50);
    expect(imports.some((found) => targetOf(found) === 'base')).toBe(true);
  });

  it('has a rule for each folder, and no rule for a folder that is gone', () => {
    expect(Object.keys(rules.folders).sort()).toEqual(webFolders());
  });

  it('goes one way: no folder can reach itself through what it may import', () => {
    const reach = (folder: string, seen: Set<string>): Set<string> => {
      for (const next of rules.folders[folder]?.may ?? []) {
        if (!seen.has(next)) reach(next, seen.add(next));
      }
      return seen;
    };
    const loops = Object.keys(rules.folders).filter((folder) =>
      reach(folder, new Set()).has(folder),
    );
    expect(loops).toEqual([]);
  });

  it.each(Object.entries(rules.folders))('keeps to the rule of %s', (folder, rule) => {
    const wrong = imports
      .filter((found) => found.from === folder)
      .map((found) => ({ found, target: targetOf(found) }))
      .filter(({ target }) => target !== undefined && !(target in ROOT_FILES))
      .filter(({ target }) => target !== folder && !rule.may.includes(target ?? ''))
      .map(({ found }) => say(found, rule.why));
    expect(wrong).toEqual([]);
  });

  it('leaves the root files to those who may have them', () => {
    const wrong = imports
      .map((found) => ({ found, importers: ROOT_FILES[targetOf(found) ?? ''] }))
      .filter(({ found, importers }) => importers?.includes(found.file) === false)
      .map(({ found }) => found);
    expect(wrong.map((found) => say(found, 'It is the end of the chain.'))).toEqual([]);
  });

  it('knows the box through types of server/contract alone', () => {
    const why = 'Types of server/contract only: a schema would bring TypeBox into the page.';
    const wrong = imports
      .filter((found) => pathOf(found)?.startsWith('web/') === false)
      .filter((found) => !pathOf(found)!.startsWith('server/contract/') || !found.typeOnly);
    expect(wrong.map((found) => say(found, why))).toEqual([]);
  });
});

describe('packages in the page', () => {
  const packages = imports.filter(({ specifier }) => !specifier.startsWith('.'));
  const isOf = (modules: readonly string[], specifier: string): boolean =>
    modules.some((name) => specifier === name || specifier.startsWith(`${name}/`));

  it.each(rules.doors)('keeps $modules behind $folders', (door) => {
    const wrong = packages
      .filter(({ specifier }) => isOf(door.modules, specifier))
      .filter(({ from, typeOnly }) => from !== '' && !typeOnly && !door.folders.includes(from));
    expect(wrong.map((found) => say(found, door.why))).toEqual([]);
  });

  it('has a door for each of them', () => {
    const known = rules.doors.flatMap((door) => door.modules);
    const wrong = packages.filter(({ specifier }) => !isOf(known, specifier));
    expect(wrong.map((found) => say(found, 'no door'))).toEqual([]);
  });

  it('are all in package.json, for production', () => {
    const listed = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> };
    const wrong = packages.filter(
      ({ specifier }) => !Object.hasOwn(listed.dependencies, packageOf(specifier)),
    );
    expect(wrong.map((found) => say(found, 'not listed'))).toEqual([]);
  });
});
