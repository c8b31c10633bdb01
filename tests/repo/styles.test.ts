/** Colours, sizes and times have names: they are written down in tokens.css and nowhere else. */
import { describe, expect, it } from 'vitest';
import { codeBelow, filesBelow, textOf } from './tree.ts';

const TOKENS = 'web/styles/tokens.css';

/** A media query cannot read a token (there is no var() in it), so its lengths stand here: where the
 * page changes from a phone's shape to a desk's, the height that a phone on its side stays below, and
 * what the smallest phones stay below. */
const LENGTHS_OF_MEDIA_QUERIES = new Set(['720px', '719px', '500px', '359px', '599px']);

/** In a sheet, or asked by code. */
const MEDIA_QUERY = /\((?:min|max)-(?:width|height):/;

const HEX_COLOUR = /#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b/gi;
const COLOUR_FUNCTION = /\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(/gi;

/** CSS Color 4, section 6.1, without those that are words of their own in our code. */
const NAMED_COLOUR =
  /:\s*[^;{]*\b(?:white|black|red|green|blue|gr[ae]y|yellow|orange|amber|silver|gold|navy|teal|maroon|purple|pink|brown|beige|ivory|tomato|crimson|(?:light|dark)(?:gr[ae]y|blue|green|red))\b(?!-)/gi;

/** Absolute lengths and root sizes; `em`, `fr`, `%` and the viewport's are relations. */
const LENGTH = /(?<![\w#-])\d*\.?\d+(?:px|rem|pt|cm|mm|in)\b/gi;
const TIME = /(?<![\w#-])\d*\.?\d+m?s\b/gi;

const sheets = filesBelow('web').filter((path) => path.endsWith('.css') && path !== TOKENS);
const code = codeBelow('web');

/** Blanks comments out, line by line, so that line numbers stay. */
function withoutComments(text: string): string {
  const blank = (comment: string): string => comment.replaceAll(/[^\n]/g, ' ');
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, blank);
}

/** `file:line: what`, for each thing that should be a token. */
function rawValues(path: string, text: string, patterns: readonly RegExp[]): string[] {
  return text.split('\n').flatMap((line, index) =>
    patterns
      .flatMap((pattern) => line.match(pattern) ?? [])
      .filter((found) => !(MEDIA_QUERY.test(line) && LENGTHS_OF_MEDIA_QUERIES.has(found)))
      .map((found) => `${path}:${index + 1}: ${found.trim()}`),
  );
}

describe('colours, sizes and times', () => {
  it('has sheets to look at', () => {
    expect(sheets.length).toBeGreaterThanOrEqual(2);
  });

  it.each(sheets)('%s has none of its own', (path) => {
    const patterns = [HEX_COLOUR, COLOUR_FUNCTION, NAMED_COLOUR, LENGTH, TIME];
    expect(rawValues(path, withoutComments(textOf(path)), patterns)).toEqual([]);
  });

  it('are not in the code of the page either', () => {
    // In a string, where `this.#feed` is not.
    const patterns = [/(?<=['"`][^'"`\n.]*)#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b/gi];
    const found = code.flatMap((path) => {
      const text = withoutComments(textOf(path)).replaceAll(/\/\/.*/g, '');
      return rawValues(path, text, [...patterns, COLOUR_FUNCTION, /\b\d+(?:\.\d+)?(?:px|rem)\b/g]);
    });
    expect(found).toEqual([]);
  });

  it('uses only tokens that there are', () => {
    const tokens = new Set(
      [...textOf(TOKENS).matchAll(/^\s*(--[\w-]+):/gm)].map((match) => match[1] ?? ''),
    );
    const all = [...sheets, ...code, TOKENS].map(textOf).join('\n');
    const used = [...all.matchAll(/var\((--[\w-]+)/g)].map((match) => match[1] ?? '');
    // A part's own, computed from tokens in its sheet, or set by code for one element.
    const own = [...all.matchAll(/['"](--[\w-]+)['"]|^\s*(--[\w-]+):/gm)];
    const known = new Set([...tokens, ...own.map((match) => match[1] ?? match[2] ?? '')]);
    expect(used.length).toBeGreaterThan(50);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  it('finds what it looks for', () => {
    const sheet = '.a { color: #fff; margin: 3px 0.5rem; width: 50%; color: red; top: 1px; }';
    const patterns = [HEX_COLOUR, NAMED_COLOUR, LENGTH];
    expect(rawValues('x.css', sheet, patterns)).toHaveLength(5);
    const query = '@media (max-width: 719px) { .a { width: var(--target); } }';
    expect(rawValues('x.css', query, patterns)).toEqual([]);
  });
});
