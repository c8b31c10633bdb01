/** The import statements of a file of ours, as the rules on imports look at them. */
import { textOf } from './tree.ts';

/** One `import` or `export … from`. */
export interface Import {
  file: string;
  /** The folder of server/ or web/ the file lies in; '' for files beside those folders. */
  from: string;
  specifier: string;
  /** Names in braces, without aliases; empty for default and namespace imports. */
  names: string[];
  typeOnly: boolean;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?((?:[^'"`;]*?)\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** All of them, in order. */
export function importsOf(file: string): Import[] {
  const from = /^(?:server|web)\/([^/]+)\//.exec(file)?.[1] ?? '';
  return [...textOf(file).matchAll(IMPORT)].map((match) => {
    const clause = match[2] ?? '';
    const inBraces = (/\{([^}]*)\}/.exec(clause)?.[1] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const onlyBraces = /^\s*\{[^}]*\}\s+from\s+$/.test(clause);
    return {
      file,
      from,
      specifier: match[3] ?? match[4] ?? '',
      names: onlyBraces ? inBraces.map((name) => name.replace(/\s+as\s+.*$/, '')) : [],
      typeOnly:
        match[1] !== undefined ||
        (onlyBraces && inBraces.length > 0 && inBraces.every((name) => name.startsWith('type '))),
    };
  });
}

/** Where a relative import leads, as a path in the project; undefined for a package. */
export function pathOf({ file, specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return new URL(specifier, `file:///${file}`).pathname.slice(1);
}

/** The package of a specifier: `preact` of `preact/hooks`, `@preact/signals` as it is. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
