/** The glossary is law: a synonym it bans appears in no identifier and no file name (habit 15). */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { codeBelow, textOf } from './tree.ts';

interface BannedWord {
  word: string;
  say: string;
  /** Folders and files of server/ and web/ where it has a meaning of its own. */
  allowedIn: string[];
}

/** Rows of the table "Words we do not use": | word | say | except in |. */
function bannedWords(): BannedWord[] {
  const table = textOf('docs/glossary.md').split('## Words we do not use')[1] ?? '';
  return table
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => /^`\w+`$/.test(cells[1] ?? ''))
    .map((cells) => ({
      word: (cells[1] ?? '').replaceAll('`', ''),
      say: cells[2] ?? '',
      allowedIn: [...(cells[3] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
    }));
}

/** Names that browsers have given. */
const NOT_OURS = new Set(['devicePixelRatio', 'sessionStorage']);

/** Identifiers only: comments, strings and what stands between tags may name what others call it. */
function identifiersOf(path: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !NOT_OURS.has(node.text)) names.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, textOf(path), ts.ScriptTarget.ESNext));
  return names;
}

/** `runEndReason` and `RUN_END_REASON` as run, end, reason. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

const files = [...codeBelow('server'), ...codeBelow('web')].map((path) => ({
  path,
  words: new Set([...identifiersOf(path), path].flatMap(wordsOf)),
}));

describe('the glossary', () => {
  it('has its table', () => {
    expect(bannedWords().length).toBeGreaterThanOrEqual(5);
  });

  it.each(bannedWords())('$word is not used', ({ word, say, allowedIn }) => {
    const wrong = files
      .filter(({ words }) => words.has(word) || words.has(`${word}s`))
      .filter(({ path }) => !allowedIn.some((place) => `${path}/`.startsWith(`${place}/`)))
      .map(({ path }) => `${path}: say ${say}`);
    expect(wrong).toEqual([]);
  });
});
