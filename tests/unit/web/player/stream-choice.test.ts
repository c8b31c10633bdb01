import { describe, expect, it } from 'vitest';
import { chooseStream } from '../../../../web/player/stream-choice.ts';

describe('which picture suits', () => {
  it.each([
    ['a tile of a phone', 360, 640, 'sub'],
    ['a whole phone, three pixels for one', 1_170, 640, 'main'],
    ['a tile of a laptop', 640, 640, 'sub'],
    ['a tile that is a little larger', 900, 640, 'sub'],
    ['a whole laptop', 1_280, 640, 'main'],
    ['a tile when the small one is very small', 640, 320, 'main'],
    ['a tile of a camera not seen yet', 640, undefined, 'sub'],
  ] as const)('%s', (_what, shownPx, subWidth, stream) => {
    expect(chooseStream({ shownPx, subWidth, now: undefined })).toBe(stream);
  });

  it('does not change back and forth at the edge', () => {
    const edge = { shownPx: 900, subWidth: 640 };
    expect(chooseStream({ ...edge, now: 'sub' })).toBe('sub');
    expect(chooseStream({ ...edge, now: 'main' })).toBe('main');
    expect(chooseStream({ ...edge, shownPx: 700, now: 'main' })).toBe('sub');
  });
});
