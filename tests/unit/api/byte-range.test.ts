import { expect, it } from 'vitest';
import { byteRange } from '../../../server/api/byte-range.ts';

const SIZE = 1000;

it.each([
  ['bytes=0-0', 0, 0],
  ['bytes=0-', 0, 999],
  ['bytes=10-19', 10, 19],
  ['BYTES=10-19', 10, 19],
  ['bytes= 10-19 ', 10, 19],
  ['bytes=990-2000', 990, 999],
  ['bytes=999-', 999, 999],
  ['bytes=-1', 999, 999],
  ['bytes=-5000', 0, 999],
])('%s is a part', (header, first, last) => {
  expect(byteRange(header, SIZE)).toEqual({ kind: 'part', range: { first, last } });
});

it.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=-0', 'bytes=999999999999999-'])(
  '%s lies outside',
  (header) => {
    expect(byteRange(header, SIZE)).toEqual({ kind: 'unsatisfiable' });
  },
);

it.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes=5-4',
  'bytes=0-1,5-6',
  'items=0-1',
  'bytes=0x1-2',
  'bytes=1e3-',
  'bytes=0-1x',
  'bytes=9999999999999999-',
  `bytes=${'0-1,'.repeat(10_000)}`,
])('%j gets the whole file', (header) => {
  expect(byteRange(header, SIZE)).toEqual({ kind: 'whole' });
});

it('finds nothing in an empty file', () => {
  expect(byteRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' });
  expect(byteRange('bytes=-1', 0)).toEqual({ kind: 'unsatisfiable' });
  expect(byteRange(undefined, 0)).toEqual({ kind: 'whole' });
});
