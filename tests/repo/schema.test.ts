/** SQL is read as SQL: each table and column of schema.sql says what it holds (habit 12). */
import { describe, expect, it } from 'vitest';
import { textOf } from './tree.ts';

const lines = textOf('server/storage/schema.sql').split('\n');

/** The line above, over constraints that belong to the same column or table. */
function isCommented(index: number): boolean {
  return /^\s*-- \S/.test(lines[index - 1] ?? '');
}

/** A column: two spaces, a lower-case name, a type of STRICT tables. */
const COLUMN = /^ {2}([a-z_]+) (INTEGER|TEXT|BLOB|REAL|ANY)\b/;

const columns = lines.flatMap((line, index) => {
  const name = COLUMN.exec(line)?.[1];
  return name === undefined ? [] : [{ name, index, at: `line ${index + 1}` }];
});
const tables = lines.flatMap((line, index) => {
  const name = /^CREATE TABLE (\w+)/.exec(line)?.[1];
  return name === undefined ? [] : [{ name, index }];
});

describe('schema.sql', () => {
  it('is read', () => {
    expect(tables.length).toBeGreaterThanOrEqual(5);
    expect(columns.length).toBeGreaterThan(tables.length);
  });

  it.each(columns)('$name ($at) has a comment', ({ index }) => {
    expect(isCommented(index)).toBe(true);
  });

  it.each(tables)('table $name has a comment and is STRICT', ({ name, index }) => {
    expect(isCommented(index)).toBe(true);
    const end = lines.slice(index).find((line) => line.startsWith(')')) ?? '';
    expect(`${name} ${end}`).toContain('STRICT');
  });

  it('says more than it declares', () => {
    const comments = lines.filter((line) => line.trim().startsWith('--')).length;
    const declarations = lines.filter((line) => /^\s*\S/.test(line)).length - comments;
    // Half of it, closing brackets and indexes apart.
    expect(comments / (comments + declarations)).toBeGreaterThan(0.4);
  });
});
