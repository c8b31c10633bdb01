import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOT_RECORDED, RECORDED } from '../../../server/api/recorded-routes.ts';
import type { AuditEntry, AuditPage } from '../../../server/contract/audit.ts';
import { OWNER, TestApi } from '../../doubles/test-api.ts';
import { PLAYED_CAMERA } from '../../doubles/fake-playback.ts';

let box: TestApi;
beforeEach(async () => {
  box = await TestApi.start();
});
afterEach(() => box.close());

/** Oldest first. */
async function entries(query = ''): Promise<AuditEntry[]> {
  const response = await box.asOwner({ url: `/api/audit${query}` });
  expect(response.statusCode).toBe(200);
  return response.json<AuditPage>().entries.reverse();
}

const kindsOf = (some: readonly AuditEntry[]): string[] => some.map(({ kind }) => kind);

describe('the record of requests', () => {
  it('names every route that changes something or shows a picture', async () => {
    const described = (await box.send({ url: '/api/openapi.json' })).json<{
      paths: Record<string, Record<string, { responses: Record<string, { content?: object }> }>>;
    }>();
    const named = new Set([...Object.keys(RECORDED), ...Object.keys(NOT_RECORDED)]);
    const missing = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { responses }]) => {
        const types = Object.values(responses).flatMap(({ content }) => Object.keys(content ?? {}));
        const shows = types.some((type) => /^(image|video|audio)\//.test(type));
        const name = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
        return (shows || method !== 'get') && !named.has(name) ? [name] : [];
      }),
    );
    expect(missing).toEqual([]);
  });

  it('tells who did what, in the order in which it was done', async () => {
    await box.setUp();
    const added = await box.asOwner({
      method: 'POST',
      url: '/api/cameras',
      payload: { name: 'Porch', source: { type: 'rtsp', url: 'rtsp://10.0.0.9/' } },
    });
    const { id } = added.json<{ id: string }>();
    await box.asOwner({ method: 'PATCH', url: `/api/cameras/${id}`, payload: { name: 'Door' } });
    await box.asOwner({ url: `/api/cameras/${id}/snapshot` });
    await box.asOwner({ url: `/api/cameras/${id}/snapshot` });
    await box.asOwner({ method: 'POST', url: '/api/lock', payload: {} });
    const told = await entries();
    expect(kindsOf(told).slice(2)).toEqual([
      ...['set-up', 'signed-in', 'camera-added', 'camera-changed', 'picture-taken', 'locked'],
    ]);
    const changed = told.find(({ kind }) => kind === 'camera-changed');
    expect(changed).toMatchObject({ who: OWNER.username, camera: id, isBox: false });
    // Nobody has unlocked any more: what is sealed is not told.
    expect(changed).toMatchObject({ details: null, detailsState: 'locked' });
    await box.asOwner({
      method: 'POST',
      url: '/api/unlock',
      payload: { password: OWNER.password },
    });
    const again = (await entries('?kind=camera-changed'))[0];
    expect(again).toMatchObject({ details: { fields: ['name'] }, detailsState: 'open' });
  });

  it('writes footage down before its bytes flow, once for a stretch', async () => {
    await box.setUp();
    const url = `/api/playback/${PLAYED_CAMERA}/7/3.mp4`;
    for (let index = 0; index < 3; index += 1) {
      expect((await box.asOwner({ url })).statusCode).toBe(200);
    }
    const told = (await entries()).filter(({ kind }) => kind === 'past-viewed');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ camera: PLAYED_CAMERA, who: OWNER.username });
    expect(told[0]?.details).toMatchObject({
      ...{ from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:15:00.000Z' },
    });
    expect(box.record.presence.now()).toEqual([
      { user: OWNER.username, wallScreen: false, what: 'past', cameras: [PLAYED_CAMERA] },
    ]);
  });

  it('shows nothing that it cannot write down', async () => {
    await box.setUp();
    const { db } = box.base;
    db.run(`CREATE TRIGGER refuse BEFORE INSERT ON audit_entry
      BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
    const url = `/api/playback/${PLAYED_CAMERA}/7/3.mp4`;
    const response = await box.asOwner({ url });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({
      detail: 'This is not shown: the box could not note it in its record.',
    });
    expect(box.playback.opened).toEqual([]);
    db.run('DROP TRIGGER refuse');
    expect((await box.asOwner({ url })).statusCode).toBe(200);
  });

  it('counts wrong passwords instead of listing them', async () => {
    await box.setUp();
    for (let index = 0; index < 4; index += 1) {
      const payload = { username: OWNER.username, password: 'not this one' };
      await box.send({ method: 'POST', url: '/api/session', payload });
    }
    const refused = async (): Promise<AuditEntry[]> =>
      (await entries()).filter(({ kind }) => kind === 'sign-in-refused');
    expect(await refused()).toHaveLength(1);
    await box.clock.advance(10 * 60_000);
    const told = await refused();
    expect(told.map(({ details }) => details?.count)).toEqual([undefined, 3]);
    expect(told[0]).toMatchObject({ who: '', details: { name: OWNER.username } });
  });

  it('says whether it holds what a browser saw', async () => {
    await box.setUp();
    const first = (await box.asOwner({ url: '/api/audit/head' })).json<{
      sequence: number;
      hash: string;
    }>();
    expect(first).toMatchObject({ continuity: 'first', setBackTo: null });
    await box.asOwner({ method: 'POST', url: '/api/lock', payload: {} });
    const since = (hash: string, sequence = first.sequence): Promise<{ continuity: string }> =>
      box
        .asOwner({ url: `/api/audit/head?since=${String(sequence)}&hash=${hash}` })
        .then((response) => response.json<{ continuity: string }>());
    expect(await since(first.hash)).toMatchObject({ continuity: 'extends' });
    expect(await since('0'.repeat(64))).toMatchObject({ continuity: 'differs' });
    expect(await since(first.hash, 9_999)).toMatchObject({ continuity: 'differs' });
  });
});
