import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAYED_CAMERA } from '../../doubles/fake-playback.ts';
import { TestApi } from '../../doubles/test-api.ts';

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

const KEEP = `/api/storage/keep/${PLAYED_CAMERA}`;
const GIB = 1024 ** 3;

describe('/api/storage/keep', () => {
  it('takes both limits, or none', async () => {
    for (const payload of [
      { days: 30, bytes: 500 * GIB },
      { days: null, bytes: null },
    ]) {
      const response = await box.asOwner({ method: 'PUT', url: KEEP, payload });
      expect(response.statusCode).toBe(204);
      expect(box.storage.kept.get(PLAYED_CAMERA)).toEqual(payload);
    }
  });

  it.each([
    ['no day', { days: 0, bytes: null }],
    ['eleven years', { days: 4_015, bytes: null }],
    ['half a day', { days: 0.5, bytes: null }],
    ['less than a gigabyte', { days: null, bytes: GIB - 1 }],
    ['one of the two', { days: 3 }],
    ['a field too many', { days: 3, bytes: null, files: 1 }],
  ])('refuses %s', async (_what, payload) => {
    const response = await box.asOwner({ method: 'PUT', url: KEEP, payload });
    expect(response.statusCode).toBe(400);
    expect(box.storage.kept.size).toBe(0);
  });

  it('knows no camera that is not there', async () => {
    const url = '/api/storage/keep/00000000000000bb';
    const payload = { days: 1, bytes: null };
    expect((await box.asOwner({ method: 'PUT', url, payload })).statusCode).toBe(404);
  });

  it('tells what would go', async () => {
    const url = `${KEEP}/preview?days=7&bytes=${String(GIB)}`;
    const response = await box.asOwner({ url });
    expect(response.json()).toEqual({ bytes: 0, durationMs: 0, from: null, to: null });
    expect((await box.asOwner({ url: `${KEEP}/preview` })).statusCode).toBe(200);
    expect(box.storage.asked).toEqual([
      [PLAYED_CAMERA, { days: 7, bytes: GIB }],
      [PLAYED_CAMERA, { days: null, bytes: null }],
    ]);
  });

  it.each(['days=0', 'days=3651', 'days=x', 'days=-1', 'bytes=1', 'bytes=9999999999999999'])(
    'refuses to tell for %s',
    async (query) => {
      expect((await box.asOwner({ url: `${KEEP}/preview?${query}` })).statusCode).toBe(400);
    },
  );
});

describe('GET /api/storage/days', () => {
  it('answers the days of a zone', async () => {
    const url = '/api/storage/days?timeZone=Europe%2FBerlin&days=30';
    const response = await box.asOwner({ url });
    expect(response.json()).toEqual({
      days: [{ day: '2026-01-01', cameras: [{ camera: PLAYED_CAMERA, bytes: 1, durationMs: 2 }] }],
    });
    expect(box.storage.asked).toEqual([['Europe/Berlin', 30]]);
  });

  it.each(['days=0', 'days=401', 'days=1.5', ''])('refuses "%s"', async (days) => {
    const url = `/api/storage/days?timeZone=UTC&${days}`;
    expect((await box.asOwner({ url })).statusCode).toBe(400);
  });
});

describe('/api/protected', () => {
  const range = {
    ...{ camera: PLAYED_CAMERA, from: '2026-01-01T12:00:00.000Z', to: '2026-01-01T13:00:00.000Z' },
  };

  it('protects, lists, and ends it again', async () => {
    const url = '/api/protected';
    const created = await box.asOwner({ method: 'POST', url, payload: range });
    expect(created.statusCode).toBe(201);
    const { id } = created.json<{ id: string }>();
    const listed = await box.asOwner({ url: `${url}?${new URLSearchParams(range).toString()}` });
    const { from, to } = range;
    expect(listed.json()).toEqual({ ranges: [{ id, from, to, bytes: 0 }] });
    const remove = { method: 'DELETE', url: `${url}/${id}` } as const;
    expect((await box.asOwner(remove)).statusCode).toBe(204);
    expect((await box.asOwner(remove)).statusCode).toBe(404);
  });

  it('refuses a range backwards, and a note', async () => {
    for (const payload of [
      { ...range, to: range.from },
      { ...range, note: 'why' },
    ]) {
      const response = await box.asOwner({ method: 'POST', url: '/api/protected', payload });
      expect(response.statusCode).toBe(400);
    }
  });
});
