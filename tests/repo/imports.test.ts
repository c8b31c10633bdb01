/** One way in, one door per vendor: import-rules.json says which and why; this says whether. */
import { describe, expect, it } from 'vitest';
import { type Import, importsOf, packageOf, pathOf } from './imports-of.ts';
import { codeBelow, serverFolders, textOf } from './tree.ts';

interface Rules {
  folders: Record<string, { may: string[]; why: string }>;
  doors: { modules: string[]; folders: string[]; why: string }[];
}

const rules = JSON.parse(textOf('tests/repo/import-rules.json')) as Rules & { web: Rules };

/** Functions of node:net that open no socket. */
const PURE_NET = new Set(['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress']);

/** Files of server/ itself, and who may import them. */
const ROOT_FILES: Record<string, { importers: string[]; why: string }> = {
  'main.ts': { importers: [], why: 'It is the process.' },
  'open-egress.ts': { importers: ['server/app.ts'], why: 'A part of the composition root.' },
  'open-record.ts': { importers: ['server/app.ts'], why: 'A part of the composition root.' },
  'open-storage.ts': {
    importers: ['server/app.ts', 'server/open-record.ts'],
    why: 'A part of the composition root.',
  },
  'background.ts': { importers: ['server/app.ts'], why: 'A part of the composition root.' },
  'app.ts': {
    importers: ['server/restarting-app.ts', 'server/main.ts'],
    why: 'The composition root is the end of the chain.',
  },
  'restarting-app.ts': { importers: ['server/main.ts'], why: 'Only the process starts it anew.' },
  'config.ts': {
    importers: [
      ...['server/main.ts', 'server/app.ts', 'server/open-storage.ts'],
      ...['server/cli/doorkeep.ts', 'server/release/release.ts'],
    ],
    why: 'Parts are handed their settings; none reads the environment.',
  },
};

const imports = codeBelow('server').flatMap(importsOf);

/** The folder or root file of server/ that a relative import leads to. */
function targetOf(found: Import): string | undefined {
  const path = pathOf(found);
  return path?.startsWith('server/') === true ? path.split('/')[1] : undefined;
}

function opensNoSocket({ specifier, names }: Import): boolean {
  return specifier === 'node:net' && names.length > 0 && names.every((name) => PURE_NET.has(name));
}

describe('imports between the folders of server/', () => {
  it('finds the imports at all', () => {
    expect(imports.length).toBeGreaterThan(50);
    expect(imports.some((found) => targetOf(found) === 'base')).toBe(true);
  });

  it('has a rule for each folder, and no rule for a folder that is gone', () => {
    expect(Object.keys(rules.folders).sort()).toEqual(serverFolders());
  });

  it('names only folders that exist', () => {
    const named = Object.values(rules.folders).flatMap((rule) => rule.may);
    expect(named.filter((folder) => !serverFolders().includes(folder))).toEqual([]);
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
      .map(({ found, target }) => `${found.file} imports ${target ?? ''}: ${rule.why}`);
    expect(wrong).toEqual([]);
  });

  it.each(Object.entries(ROOT_FILES))('leaves %s to those who may have it', (name, rule) => {
    const wrong = imports
      .filter((found) => targetOf(found) === name && !rule.importers.includes(found.file))
      .map((found) => `${found.file} imports ${name}: ${rule.why}`);
    expect(wrong).toEqual([]);
  });

  it('never reaches out of server/', () => {
    const outside = imports.filter(
      (found) => found.specifier.startsWith('.') && targetOf(found) === undefined,
    );
    expect(outside.map((found) => `${found.file} imports ${found.specifier}`)).toEqual([]);
  });
});

describe('doors of vendors and of built-ins that reach outside', () => {
  it.each(rules.doors)('keeps $modules behind $folders', (door) => {
    const wrong = imports
      .filter((found) => door.modules.includes(found.specifier))
      .filter((found) => !found.typeOnly && !opensNoSocket(found))
      .filter((found) => !door.folders.includes(found.from))
      .map((found) => `${found.file} imports ${found.specifier}: ${door.why}`);
    expect(wrong).toEqual([]);
  });

  it('names only folders that exist', () => {
    const named = rules.doors.flatMap((door) => door.folders);
    expect(named.filter((folder) => !serverFolders().includes(folder))).toEqual([]);
  });

  it('has a door for each package that package.json lists, or none on purpose', () => {
    // Schemas are the language between folders; ffmpeg-static is a file that set-up runs.
    const everywhere = ['@sinclair/typebox', 'ffmpeg-static'];
    const listed = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> };
    const doors = [...rules.doors, ...rules.web.doors].flatMap((door) => door.modules);
    const packages = doors.filter((name) => !name.startsWith('node:')).map(packageOf);
    // One package may have a door in the server and another in the page.
    const known = [...new Set([...packages, ...everywhere])];
    expect(known.sort()).toEqual(Object.keys(listed.dependencies).sort());
  });

  it('imports only what package.json lists for production', () => {
    const listed = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> };
    const wrong = imports
      .filter(({ specifier }) => !/^(\.|node:)/.test(specifier))
      .filter(({ specifier }) => !Object.hasOwn(listed.dependencies, packageOf(specifier)));
    expect(wrong.map((found) => `${found.file} imports ${found.specifier}`)).toEqual([]);
  });
});
