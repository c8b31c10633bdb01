import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAYED_CAMERA, STORAGE_USE } from '../../doubles/fake-playback.ts';
import { TestApi } from '../../doubles/test-api.ts';

const FILE = `/api/playback/${PLAYED_CAMERA}/7/3.mp4`;

let box: TestApi;
beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

function playlist(query: string, camera = PLAYED_CAMERA) {
  return box.asOwner({ url: `/api/playback/${camera}.m3u8?${query}` });
}

describe('GET /api/playback/{cameraId}.m3u8', () => {
  const query = 'from=2026-01-01T12:00:00Z&to=2026-01-01T14:00:00%2B01:00';

  it('answers the playlist of the range', async () => {
    const response = await playlist(query);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'application/vnd.apple.mpegurl',
      'cache-control': 'no-store',
    });
    expect(response.body).toContain('# 2026-01-01T12:00:00.000Z 2026-01-01T13:00:00.000Z');
  });

  it.each([
    ['no range', ''],
    ['half a range', 'from=2026-01-01T12:00:00Z'],
    ['a field too many', `${query}&speed=2`],
    ['30 February', 'from=2026-02-30T12:00:00Z&to=2026-03-01T12:00:00Z'],
    ['a range backwards', 'from=2026-01-01T12:00:00Z&to=2026-01-01T11:00:00Z'],
  ])('refuses %s', async (_what, wrong) => {
    expect((await playlist(wrong)).statusCode).toBe(400);
  });

  it('answers 404 for a camera that nobody has, whatever its id looks like', async () => {
    for (const camera of ['0'.repeat(16), 'x', '%2e%2e%2f']) {
      expect((await playlist(query, camera)).statusCode).toBe(404);
    }
  });

  it('is for those who are signed in', async () => {
    const url = `/api/playback/${PLAYED_CAMERA}.m3u8?${query}`;
    expect((await box.send({ url })).statusCode).toBe(401);
    expect((await box.send({ url: FILE })).statusCode).toBe(401);
    expect(box.playback.opened).toEqual([]);
  });

  it('says that another method does not fit', async () => {
    const url = `/api/playback/${PLAYED_CAMERA}.m3u8`;
    expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(405);
  });
});

describe('GET /api/playback/{cameraId}/{runId}/{sequence}.mp4', () => {
  it.each([
    ['bytes=0-99', 0, 99],
    ['bytes=100-100', 100, 100],
    ['bytes=900-', 900, 999],
    ['bytes=-1', 999, 999],
    ['bytes=900-5000', 900, 999],
  ])('answers the part %s', async (range, first, last) => {
    const response = await box.asOwner({ url: FILE, headers: { range } });
    expect(response.statusCode).toBe(206);
    expect(response.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-range': `bytes ${first}-${last}/1000`,
      'content-length': String(last - first + 1),
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
    });
    expect(response.rawPayload).toEqual(box.playback.bytes.subarray(first, last + 1));
  });

  it.each([{}, { range: 'bytes=0-1,4-5' }, { range: 'bytes=0-9', 'if-range': '"x"' }])(
    'answers all that counts to %j',
    async (headers) => {
      const response = await box.asOwner({ url: FILE, headers });
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-length']).toBe('1000');
      expect(response.rawPayload).toEqual(box.playback.bytes);
    },
  );

  it('answers 416 to a part behind what counts, and opens nothing', async () => {
    const response = await box.asOwner({ url: FILE, headers: { range: 'bytes=1000-' } });
    expect(response.statusCode).toBe(416);
    expect(response.headers['content-range']).toBe('bytes */1000');
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(box.playback.opened).toEqual([]);
  });

  it('answers 404 for every file that is not there', async () => {
    const camera = `/api/playback/${PLAYED_CAMERA}`;
    const wrong = [
      ...[`${camera}/7/4.mp4`, `${camera}/8/3.mp4`, `/api/playback/${'0'.repeat(16)}/7/3.mp4`],
      ...[`${camera}/7/x.mp4`, `${camera}/-7/3.mp4`, `${camera}/7/3e0.mp4`, `${camera}/7/3.avi`],
      ...[`${camera}/7/1234567890123456.mp4`, `${camera}/7/..%2f3.mp4`, `${camera}/7/%003.mp4`],
    ];
    for (const url of wrong) {
      const response = await box.asOwner({ url });
      expect(response.statusCode, url).toBe(404);
      expect(response.headers['content-type']).toContain('application/problem+json');
    }
    box.playback.fileIsGone = true;
    expect((await box.asOwner({ url: FILE })).statusCode).toBe(404);
    expect(box.playback.opened).toEqual([]);
  });
});

describe('GET /api/storage', () => {
  it('answers what is stored', async () => {
    const response = await box.asOwner({ url: '/api/storage' });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ ...STORAGE_USE, locked: false });
  });

  it('is for those who are signed in', async () => {
    expect((await box.send({ url: '/api/storage' })).statusCode).toBe(401);
  });
});
