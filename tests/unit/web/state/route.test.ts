import { describe, expect, it } from 'vitest';
import { addressOf, parseRoute, type Route, routeOfStep } from '../../../../web/state/route.ts';

const ID = '0123456789abcdef';
const AT_MS = Date.UTC(2026, 10, 26, 14, 2, 5);
const PATH = `/camera/${ID}`;
const AT = `?at=${new Date(AT_MS).toISOString()}`;

const PLACES: readonly Route[] = [
  { page: 'wall' },
  { page: 'camera', id: ID, atMs: undefined },
  { page: 'camera', id: ID, atMs: AT_MS },
  { page: 'cameras' },
  { page: 'new-camera' },
  { page: 'edit-camera', id: ID },
  { page: 'exports' },
  { page: 'storage' },
  { page: 'settings' },
  { page: 'privacy' },
  { page: 'plug-test' },
  { page: 'cloud' },
  { page: 'phones' },
  { page: 'officers' },
  { page: 'stolen' },
];

describe('an address', () => {
  it.each(PLACES)('leads to its place and tells no moment: $page', (place) => {
    const address = addressOf(place);
    expect(address).toMatch(
      /^(\/[a-z]*|\/privacy\/[a-z]+|\/camera\/[0-9a-f]{16}|\/cameras\/([0-9a-f]{16}|new))$/,
    );
    const atMs = place.page === 'camera' ? { atMs: undefined } : {};
    expect(parseRoute(address, '')).toEqual({ ...place, ...atMs });
  });

  it('with a moment that somebody typed is understood', () => {
    expect(parseRoute(PATH, AT)).toEqual({ page: 'camera', id: ID, atMs: AT_MS });
    expect(parseRoute(PATH, '?at=yesterday')).toEqual({ page: 'camera', id: ID, atMs: undefined });
  });
});

describe('a step', () => {
  it('keeps the moment beside its address', () => {
    expect(routeOfStep(PATH, '', { atMs: AT_MS })).toMatchObject({ id: ID, atMs: AT_MS });
    // What we wrote there is newer than what was typed.
    expect(routeOfStep(PATH, AT, { atMs: AT_MS + 1 })).toMatchObject({ atMs: AT_MS + 1 });
    expect(routeOfStep(PATH, AT, { atMs: undefined })).toMatchObject({ atMs: undefined });
  });

  it.each([null, undefined, 'x', {}, { atMs: 'x' }, { atMs: Number.NaN }])(
    'that somebody else made is read from its address: %j',
    (state) => {
      expect(routeOfStep(PATH, AT, state)).toMatchObject({ atMs: AT_MS });
      expect(routeOfStep('/', '', state)).toEqual({ page: 'wall' });
    },
  );
});
