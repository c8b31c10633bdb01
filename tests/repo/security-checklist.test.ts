/** Two pages name tests as proofs; each has to be there, under that name, in the file that is said. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { textOf } from './tree.ts';

const PAGES = ['docs/security-checklist.md', 'docs/guarantee.md'];

/** `file` › “title”, as the title stands in the source. */
function proofsIn(text: string): { readonly file: string; readonly title: string }[] {
  return [...text.matchAll(/`(tests\/[\w./-]+\.test\.ts)` › “([^”]+)”/g)].map((found) => ({
    ...{ file: found[1] ?? '', title: (found[2] ?? '').replaceAll(/\s+/g, ' ') },
  }));
}

/** What is wrong with a proof; undefined when nothing is. */
function faultOf({
  file,
  title,
}: {
  readonly file: string;
  readonly title: string;
}): string | undefined {
  if (!existsSync(join(PACKAGE_ROOT, file))) return `${file} is not there`;
  const quoted = ["'", '"', '`'].some((mark) => textOf(file).includes(mark + title + mark));
  return quoted ? undefined : `${file} has no “${title}”`;
}

const rows = textOf('docs/security-checklist.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| fault |'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map((cells) => ({ fault: cells[1] ?? '', here: cells.slice(3).join('|') }));

describe.each(PAGES)('%s', (page) => {
  const proofs = proofsIn(textOf(page));

  it('names tests', () => {
    expect(proofs.length).toBeGreaterThan(15);
  });

  it('names only tests that are there', () => {
    expect(proofs.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
  });
});

describe('the checklist', () => {
  it('has many lines, each fault once', () => {
    const faults = rows.flatMap(({ fault }) => fault.split(', '));
    expect(faults.length).toBeGreaterThan(60);
    expect(faults.filter((fault, index) => faults.indexOf(fault) !== index)).toEqual([]);
  });

  it.each(rows)('$fault has a test, or a reason, and always a test', ({ here }) => {
    expect(proofsIn(here).length).toBeGreaterThan(0);
  });

  it('would notice a test that is gone', () => {
    const file = 'tests/repo/security-checklist.test.ts';
    expect(faultOf({ file, title: 'would notice a test that is gone' })).toBeUndefined();
    expect(faultOf({ file, title: 'is no test of it' + ' at all' })).toContain('has no');
    expect(faultOf({ file: 'tests/repo/gone.test.ts', title: 'x' })).toContain('is not there');
  });
});

describe('the guarantee', () => {
  it('says of each clause what is proven and where it ends, or that it is not built', () => {
    const clauses = textOf('docs/guarantee.md')
      .split(/^## /m)
      .filter((part) => /^G\d+\./.test(part));
    expect(clauses).toHaveLength(10);
    for (const clause of clauses) {
      const isWhole = ['**Enforced by**', '**Proven by**', '**Limits.**'].every((part) =>
        clause.includes(part),
      );
      expect(isWhole || clause.includes('**Not built'), clause.slice(0, 30)).toBe(true);
    }
  });

  it('keeps to its words', () => {
    const said = PAGES.map(textOf).join('\n').replace('never "nobody can"', '');
    expect(said).not.toMatch(/nobody can\b|unhackable|military.grade|warrant.proof|genuine/i);
  });
});
