/** The closed list of pictures beside what the API says of itself. */
import type { RouteOptions } from 'fastify';
import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { PICTURE_CENSUS, pictureFault, WORD_SOCKETS } from '../../../server/api/picture-census.ts';
import { CameraTest } from '../../../server/contract/camera.ts';
import { textOf } from '../../repo/tree.ts';

const described = JSON.parse(textOf('docs/ref/openapi.json')) as {
  paths: Record<string, Record<string, { 'x-access': string }>>;
};

/** `GET /api/cameras/{id}` with what is said of it. */
const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    access: operation['x-access'],
    text: JSON.stringify(operation),
  })),
);

describe('the census of pictures', () => {
  it('has exactly the routes that the description gives a picture, with their access', () => {
    const withPictures = operations
      .filter(({ text }) => /"(image|video|audio)\/|"base64"|x-websocket/.test(text))
      .filter(({ route }) => !WORD_SOCKETS.includes(route))
      .map(({ route, access }) => `${route} ${access}`);
    const listed = PICTURE_CENSUS.map(({ route, access }) => `${route} ${access}`);
    expect(withPictures.sort()).toEqual(listed.sort());
  });

  it('knows the sockets that carry words alone, which say so', () => {
    const described = operations.filter(({ route }) => WORD_SOCKETS.includes(route));
    expect(described.map(({ route }) => route)).toEqual(WORD_SOCKETS);
    for (const { text } of described) expect(text).not.toMatch(/binary/i);
  });

  it('gives nobody without a session or a token anything, and no token what is stored', () => {
    for (const { access, from } of PICTURE_CENSUS) {
      expect(['public', 'setup', 'metrics']).not.toContain(access);
      if (from === 'footage') expect(access).toMatch(/footage$/);
      if (access === 'live-picture') expect(from).toBe('now');
    }
  });
});

describe('a route', () => {
  const leak = (response: object, more: object = {}): RouteOptions =>
    ({
      ...{ method: 'GET', url: '/api/leak', handler: () => undefined },
      ...{ config: { access: 'owner' }, schema: { response }, ...more },
    }) as unknown as RouteOptions;
  const bytes = { type: 'string', format: 'binary' };

  it.each([
    ['a picture', leak({ 200: { content: { 'image/jpeg': { schema: bytes } } } })],
    ['a film', leak({ 206: { content: { 'Video/MP4': { schema: bytes } } } })],
    ['sound', leak({ 200: { content: { 'audio/aac': { schema: bytes } } } })],
    ['a picture in JSON', leak({ 200: CameraTest })],
    ['base64 in a list', leak({ 200: Type.Array(Type.Object({ base64: Type.String() })) })],
    ['encoded bytes', leak({ 200: Type.String({ contentEncoding: 'base64' }) })],
    ['a WebSocket', leak({ 200: Type.Null() }, { wsHandler: () => undefined })],
  ])('that can return %s and is not on the list does not start', (_what, route) => {
    expect(pictureFault(route)).toContain('picture-census.ts');
  });

  it('that is on the list does not start with another access, or another carrier', () => {
    const snapshot = PICTURE_CENSUS[0];
    const picture = { 200: { content: { 'image/jpeg': { schema: bytes } } } };
    const url = '/api/cameras/:id/snapshot';
    const config = { access: snapshot?.access };
    expect(pictureFault(leak(picture, { url, config }))).toBeUndefined();
    expect(pictureFault(leak(picture, { url, config: { access: 'public' } }))).toBeDefined();
    expect(pictureFault(leak({ 200: CameraTest }, { url, config }))).toBeDefined();
    expect(pictureFault(leak({ 200: Type.Null() }, { url, config }))).toBeDefined();
  });

  it('that returns none needs not be on it', () => {
    expect(pictureFault(leak({ 200: Type.Object({ up: Type.Boolean() }) }))).toBeUndefined();
  });
});
