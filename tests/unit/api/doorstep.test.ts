import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../../doubles/test-api.ts';
import { madeFrames, madeRun } from '../../fixtures/made-media.ts';

const PORCH = '00000000000000c1';

let box: TestApi;
let id: string;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
  const camera = box.watched.camera(PORCH);
  box.doorstep.follow(PORCH);
  await box.clock.advance(0);
  camera.begin(madeRun(box.clock.wallMs()));
  camera.media(box.clock.monotonicMs(), ...madeFrames({ lengthMs: 3_000, gopMs: 1_000 }));
  await box.clock.advance(0);
  id = box.doorstep.remember(PORCH, box.clock.wallMs(), 'visit') ?? '';
});
afterEach(() => box.close());

describe('GET /api/doorstep', () => {
  it('lists moments, also for who is locked, and says so nobody keeps it', async () => {
    box.base.keys.unlocked.clear();
    const answer = await box.asOwner({ url: '/api/doorstep' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      moments: [{ id, camera: PORCH, at: '2026-01-01T12:00:00.000Z', kind: 'visit' }],
    });
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('GET /api/doorstep/{id}/clip', () => {
  it('is the clip, whole and in ranges', async () => {
    const url = `/api/doorstep/${id}/clip`;
    const whole = await box.asOwner({ url });
    expect([whole.statusCode, whole.headers['content-type']]).toEqual([200, 'video/mp4']);
    expect(whole.headers).toMatchObject({ 'cache-control': 'no-store', 'accept-ranges': 'bytes' });
    expect(whole.rawPayload.toString('latin1', 4, 8)).toBe('ftyp');
    expect(whole.rawPayload.equals(box.doorstep.clip(id))).toBe(true);
    const part = await box.asOwner({ url, headers: { range: 'bytes=4-7' } });
    expect([part.statusCode, part.body]).toEqual([206, 'ftyp']);
    expect(part.headers['content-range']).toBe(`bytes 4-7/${String(whole.rawPayload.length)}`);
    const beyond = await box.asOwner({ url, headers: { range: 'bytes=99999999-' } });
    expect(beyond.statusCode).toBe(416);
    expect(beyond.headers['content-range']).toBe(`bytes */${String(whole.rawPayload.length)}`);
  });
});

it.each(['picture', 'clip'])('a %s that is gone, or that the camera never sent', async (what) => {
  const gone = await box.asOwner({ url: `/api/doorstep/${'0'.repeat(16)}/${what}` });
  expect(gone.statusCode).toBe(404);
  box.watched.camera('00000000000000c2');
  box.doorstep.follow('00000000000000c2');
  const dark = box.doorstep.remember('00000000000000c2', box.clock.wallMs(), 'ring') ?? '';
  const answer = await box.asOwner({ url: `/api/doorstep/${dark}/${what}` });
  expect([answer.statusCode, answer.json<{ reason: string }>().reason]).toEqual([
    ...[503, 'no-picture'],
  ]);
});

it('nobody who is not signed in sees any of it', async () => {
  for (const url of ['', `/${id}/picture`, `/${id}/clip`]) {
    expect((await box.send({ url: `/api/doorstep${url}` })).statusCode).toBe(401);
  }
});
