import { describe, expect, it } from 'vitest';
import type { Camera } from '../../../../server/contract/camera.ts';
import {
  candidatesOf,
  draftOfCamera,
  NO_SOURCE,
  sourceOf,
  sourcePatch,
  undoOfPatch,
} from '../../../../web/state/camera-draft.ts';
import { moved } from '../../../../web/state/camera-calls.ts';
import { MAKERS } from '../../../../web/words/camera-makers.ts';

const camera: Camera = {
  ...{ id: 'a'.repeat(16), name: 'Porch', sound: false, enabled: true, position: 0 },
  source: {
    ...{ type: 'rtsp', url: 'rtsp://10.0.0.9/main', subUrl: 'rtsp://10.0.0.9/sub' },
    username: 'admin',
  },
  ...{ state: 'online', createdAt: '2026-11-22T14:00:00.000Z' },
};

const saved = draftOfCamera(camera);

describe('a new camera', () => {
  it('leaves empty fields out', () => {
    expect(sourceOf({ ...NO_SOURCE, address: ' rtsp://10.0.0.9/main ' })).toEqual({
      ...{ type: 'rtsp', url: 'rtsp://10.0.0.9/main' },
    });
  });

  it('is one address when it was typed in full', () => {
    const [only, ...more] = candidatesOf({ ...NO_SOURCE, address: 'rtsp://10.0.0.9/main' });
    expect(only?.maker).toBeUndefined();
    expect(more).toEqual([]);
  });

  it('is tried at each maker’s address when only its numbers are known', () => {
    const draft = { ...NO_SOURCE, address: '10.0.0.9', password: 'x' };
    const all = candidatesOf(draft);
    expect(all.map(({ maker }) => maker?.name)).toEqual(MAKERS.map(({ name }) => name));
    expect(all.every(({ source }) => source.password === 'x')).toBe(true);
    expect(candidatesOf({ ...draft, maker: 'Reolink' })).toHaveLength(1);
  });
});

describe('a change of a camera', () => {
  it('is nothing while the form says what is saved', () => {
    expect(sourcePatch(saved, camera)).toBeUndefined();
  });

  it('sends only what differs, and a password only when one was typed', () => {
    expect(sourcePatch({ ...saved, address: 'rtsp://10.0.0.9/other' }, camera)).toEqual({
      url: 'rtsp://10.0.0.9/other',
    });
    expect(sourcePatch({ ...saved, password: 'new' }, camera)).toEqual({ password: 'new' });
    expect(sourcePatch({ ...saved, subAddress: '' }, camera)).toEqual({ subUrl: null });
  });

  it('takes the password away together with the name', () => {
    expect(sourcePatch({ ...saved, username: '' }, camera)).toEqual({
      ...{ username: null, password: null },
    });
  });

  it('can be taken back while the camera is the same and its password was not touched', () => {
    const patch = { url: 'rtsp://10.0.0.9/other', subUrl: null };
    expect(undoOfPatch(patch, camera)).toEqual({
      ...{ url: 'rtsp://10.0.0.9/main', subUrl: 'rtsp://10.0.0.9/sub' },
    });
  });

  it('cannot be taken back where the box has forgotten the password by then', () => {
    expect(undoOfPatch({ password: 'new' }, camera)).toBeUndefined();
    expect(undoOfPatch({ username: null, password: null }, camera)).toBeUndefined();
    expect(undoOfPatch({ url: 'rtsp://10.0.0.10/main' }, camera)).toBeUndefined();
    expect(undoOfPatch({ url: 'rtsps://10.0.0.9/main' }, camera)).toBeUndefined();
  });
});

describe('the household’s order', () => {
  const list = ['a', 'b', 'c'].map((letter, position) => ({
    ...camera,
    ...{ id: letter.repeat(16), position },
  }));
  const letters = (cameras: readonly Camera[]): string => cameras.map(({ id }) => id[0]).join('');

  it.each([
    ['b', -1, 'bac'],
    ['b', 1, 'acb'],
    ['a', -1, 'abc'],
    ['c', 1, 'abc'],
    ['z', 1, 'abc'],
  ] as const)('moves %s by %d', (letter, step, order) => {
    expect(letters(moved(list, letter.repeat(16), step))).toBe(order);
  });
});
