import { describe, expect, it } from 'vitest';
import { type Box, BoxReader, STREAM_BOX_LIMITS } from '../../../server/fmp4/box-reader.ts';
import { boxAt, childBoxes, childrenAt, findBox, requireBox } from '../../../server/fmp4/box.ts';
import { box, boxHeader, u32, u64 } from '../../../server/fmp4/box-writer.ts';
import { ByteCursor } from '../../../server/fmp4/byte-cursor.ts';
import { hex } from '../../fixtures/fmp4-samples.ts';
import { expectCorrupt } from './corrupt-error.ts';

const ONE = box('moof', Buffer.from('abc'));
const EMPTY = box('free');
const LARGE = Buffer.concat([u32(1), Buffer.from('mdat'), u64(20), Buffer.from('wxyz')]);
const STREAM = Buffer.concat([ONE, EMPTY, LARGE, EMPTY, EMPTY, ONE]);
const EXPECTED = ['moof abc', 'free ', 'mdat wxyz', 'free ', 'free ', 'moof abc'];

function shown(one: Box): string {
  return `${one.type} ${one.bytes.toString('latin1', one.headerBytes)}`;
}

describe('BoxReader', () => {
  it('finds the same boxes wherever the bytes are split', () => {
    for (let pieceBytes = 1; pieceBytes <= STREAM.length; pieceBytes += 1) {
      const reader = new BoxReader();
      const found: string[] = [];
      for (let at = 0; at < STREAM.length; at += pieceBytes) {
        for (const one of reader.push(STREAM.subarray(at, at + pieceBytes))) found.push(shown(one));
      }
      reader.end();
      expect(found).toEqual(EXPECTED);
    }
  });

  it('finds the same boxes for every split in two', () => {
    for (let at = 0; at <= STREAM.length; at += 1) {
      const reader = new BoxReader();
      const pieces = [STREAM.subarray(0, at), STREAM.subarray(at)];
      expect(pieces.flatMap((piece) => [...reader.push(piece)].map(shown))).toEqual(EXPECTED);
    }
  });

  it('does not copy a box that lies in one chunk', () => {
    const [first] = new BoxReader().push(STREAM);
    expect(first?.bytes.buffer).toBe(STREAM.buffer);
  });

  it('gives the boxes before the damage, then says what is wrong, and stays broken', () => {
    const reader = new BoxReader();
    const found: string[] = [];
    const read = (bytes: Buffer): void => {
      for (const one of reader.push(bytes)) found.push(shown(one));
    };
    expectCorrupt('box-size', () => {
      read(Buffer.concat([ONE, u32(7), Buffer.from('moof')]));
    });
    expect(found).toEqual(['moof abc']);
    expectCorrupt('box-order', () => {
      read(ONE);
    });
  });

  it.each([
    ['shorter than its header', u32(7)],
    ['open-ended', u32(0)],
  ])('refuses a box that is %s', (_name, size) => {
    const bytes = Buffer.concat([size, Buffer.from('mdat')]);
    expectCorrupt('box-size', () => [...new BoxReader().push(bytes)]);
  });

  it.each([
    ['shorter than its header', hex('000000000000000f')],
    ['beyond 2^53', hex('0020000000000001')],
  ])('refuses a 64-bit size that is %s', (_name, size) => {
    const bytes = Buffer.concat([u32(1), Buffer.from('mdat'), size]);
    expectCorrupt('box-size', () => [...new BoxReader().push(bytes)]);
  });

  it.each([...STREAM_BOX_LIMITS.byType, ['junk', STREAM_BOX_LIMITS.other] as const])(
    'accepts %s of its limit and refuses one byte more',
    (type, limit) => {
      const header = (size: number): Buffer => Buffer.concat([u32(size), Buffer.from(type)]);
      expect([...new BoxReader().push(header(limit))]).toEqual([]);
      expectCorrupt('box-too-large', () => [...new BoxReader().push(header(limit + 1))]);
    },
  );

  it('keeps to the limits it is given', () => {
    const reader = new BoxReader({ byType: new Map(), other: 10 });
    expectCorrupt('box-too-large', () => [...reader.push(ONE)]);
  });

  it('prints what is printable of a box type', () => {
    const bytes = Buffer.concat([u32(0x7fff_ffff), hex('0a1b4142')]);
    const error = expectCorrupt('box-too-large', () => [...new BoxReader().push(bytes)]);
    expect(error.message).toContain('??AB');
  });

  it.each([1, 7, 9, 15])('says when the bytes end inside a box (after %i)', (count) => {
    const reader = new BoxReader();
    expect([...reader.push(LARGE.subarray(0, count))]).toEqual([]);
    expectCorrupt('box-truncated', () => {
      reader.end();
    });
  });
});

describe('boxes inside boxes', () => {
  it('are found by type and by path', () => {
    const tree = childBoxes(box('moov', box('trak', box('mdia', ONE, EMPTY))));
    expect(childrenAt(tree, 'moov', 'trak', 'mdia').map(shown)).toEqual(['moof abc', 'free ']);
    expect(findBox(tree, 'free')).toBeUndefined();
    expectCorrupt('box-missing', () => requireBox(tree, 'free'));
    expectCorrupt('box-missing', () => childrenAt(tree, 'moov', 'mvex'));
  });

  it('must fill their parent exactly', () => {
    expectCorrupt('box-truncated', () => childBoxes(Buffer.concat([ONE, hex('000000')])));
    expectCorrupt('box-truncated', () => childBoxes(ONE.subarray(0, -1)));
    expectCorrupt('box-truncated', () => boxAt(Buffer.alloc(0), 0));
  });
});

describe('fields', () => {
  it('are read to the end and not beyond', () => {
    const cursor = new ByteCursor(hex('01 0203 040506 0708090a ffffffff'));
    expect([cursor.u8(), cursor.u16(), cursor.u24(), cursor.u32()]).toEqual([
      1, 0x0203, 0x040506, 0x0708090a,
    ]);
    expect(cursor.i32()).toBe(-1);
    expect(cursor.remaining).toBe(0);
    expectCorrupt('box-truncated', () => cursor.u8());
  });

  it('of 64 bits are exact or refused', () => {
    expect(new ByteCursor(hex('001fffffffffffff')).u64()).toBe(Number.MAX_SAFE_INTEGER);
    expectCorrupt('field-value', () => new ByteCursor(hex('0020000000000000')).u64());
  });

  it('that do not fit are not written', () => {
    expect(() => u32(2 ** 32)).toThrow('does not fit');
    expect(() => u32(-1)).toThrow('does not fit');
  });

  it('give a box a 64-bit size only beyond 4 GiB', () => {
    expect(boxHeader('mdat', 0xffff_fff7)).toEqual(hex('ffffffff6d646174'));
    expect(boxHeader('mdat', 0xffff_fff8)).toEqual(hex('000000016d6461740000000100000008'));
  });
});
