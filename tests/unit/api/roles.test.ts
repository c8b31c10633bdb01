/** Who sees what, through every list and by every id; and what ends at once when that changes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMs } from '../../../server/base/time.ts';
import type { Camera } from '../../../server/contract/camera.ts';
import type { People } from '../../../server/contract/people.ts';
import { OWNER, TestApi } from '../../doubles/test-api.ts';
import {
  addPerson,
  addTwoCameras,
  GARDEN,
  PERSON_PASSWORD,
  PORCH,
  signInAs,
  type SignedInPerson,
} from '../../fixtures/household-people.ts';

const RANGE = { from: '2026-01-01T12:00:00.000Z', to: '2026-01-01T12:10:00.000Z' };
const QUERY = `from=${RANGE.from}&to=${RANGE.to}`;

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
  addTwoCameras(box);
});
afterEach(() => box.close());

describe('a member with one camera', () => {
  let member: SignedInPerson;
  beforeEach(async () => {
    member = await addPerson(box, 'Sam', { cameras: [PORCH] });
  });

  it('finds it in the lists, and no address of it', async () => {
    const { cameras } = (await member.ask({ url: '/api/cameras' })).json<{ cameras: Camera[] }>();
    expect(cameras.map(({ id, source }) => [id, source])).toEqual([
      [PORCH, { type: 'rtsp', url: '', subUrl: '' }],
    ]);
    const owners = (await box.asOwner({ url: '/api/cameras' })).json<{ cameras: Camera[] }>();
    expect(owners.cameras.map(({ source }) => source.url)).toContain('rtsp://192.168.1.20/Porch');
  });

  it.each([
    ['GET', '/api/cameras/ID'],
    ['GET', '/api/cameras/ID/snapshot'],
    ['GET', '/api/cameras/ID/live'],
    ['GET', `/api/recordings?camera=ID&${QUERY}`],
    ['GET', `/api/playback/ID.m3u8?${QUERY}`],
    ['GET', '/api/playback/ID/7/3.mp4'],
    ['GET', `/api/protected?camera=ID&${QUERY}`],
  ] as const)('%s %s of another camera is answered like one of no camera', async (method, url) => {
    const answers = [GARDEN, '0123456789abcdef', 'constructor', '__proto__'].map(async (id) => {
      const { statusCode, body } = await member.ask({ method, url: url.replace('ID', id) });
      return { statusCode, body };
    });
    const [hidden, ...unknown] = await Promise.all(answers);
    expect(hidden?.statusCode).toBe(404);
    if (url.includes('camera=')) expect(unknown[0]).toEqual(hidden);
    else expect(unknown).toEqual([hidden, hidden, hidden]);
    const own = await member.ask({ method, url: url.replace('ID', PORCH) });
    expect([200, 426], own.body).toContain(own.statusCode);
  });

  it('protects its footage only, and ends no protection of others', async () => {
    const protect = (camera: string, by: SignedInPerson['ask']) =>
      by({ method: 'POST', url: '/api/protected', payload: { camera, ...RANGE } });
    expect((await protect(GARDEN, member.ask)).statusCode).toBe(404);
    const own = (await protect(PORCH, member.ask)).json<{ id: string }>();
    const owners = (await protect(PORCH, (options) => box.asOwner(options))).json<{ id: string }>();
    const hidden = await protect(GARDEN, (options) => box.asOwner(options));
    const end = async (id: string): Promise<number> =>
      (await member.ask({ method: 'DELETE', url: `/api/protected/${id}` })).statusCode;
    expect(await end(owners.id)).toBe(403);
    expect(await end(hidden.json<{ id: string }>().id)).toBe(404);
    expect(await end(own.id)).toBe(204);
  });

  it('may not export, nor use anything of the owner’s', async () => {
    const payload = { camera: PORCH, ...RANGE, password: PERSON_PASSWORD };
    const refused = [
      await member.ask({ method: 'POST', url: '/api/exports', payload }),
      await member.ask({ url: '/api/exports' }),
      await member.ask({ url: '/api/backups' }),
      await member.ask({ url: '/api/tokens' }),
      await member.ask({ method: 'PATCH', url: '/api/settings', payload: { networks: [] } }),
      await member.ask({ method: 'PATCH', url: `/api/cameras/${PORCH}`, payload: { name: 'x' } }),
      await member.ask({ method: 'DELETE', url: `/api/people/${member.id}` }),
      await member.ask({ method: 'DELETE', url: '/api/people/1' }),
      await member.ask({
        method: 'POST',
        url: '/api/keys',
        payload: { password: PERSON_PASSWORD },
      }),
    ];
    expect(refused.map(({ statusCode }) => statusCode)).toEqual(refused.map(() => 403));
  });

  it('exports once it is granted, from its own camera', async () => {
    const payload = { mayExport: true };
    await box.asOwner({ method: 'PATCH', url: `/api/people/${member.id}`, payload });
    const ask = (camera: string) =>
      member.ask({
        ...{ method: 'POST', url: '/api/exports' },
        payload: { camera, ...RANGE, password: PERSON_PASSWORD },
      });
    expect((await ask(GARDEN)).statusCode).toBe(404);
    const made = (await ask(PORCH)).json<{ id: string }>();
    const url = `/api/exports/${made.id}/file`;
    expect((await member.ask({ url })).statusCode).toBe(200);
    // The camera is taken away: the copy goes with it, also for the session that was granted the file.
    const other = { cameras: [GARDEN] };
    await box.asOwner({ method: 'PATCH', url: `/api/people/${member.id}`, payload: other });
    expect((await member.ask({ url })).statusCode).toBe(404);
    const listed = (await member.ask({ url: '/api/exports' })).json<{ exports: unknown[] }>();
    expect(listed.exports).toEqual([]);
  });
});

describe('a viewer', () => {
  it('sees live and the doorstep window, and nothing of the past', async () => {
    const viewer = await addPerson(box, 'Guest', { role: 'viewer' });
    const of = async (url: string): Promise<number> => (await viewer.ask({ url })).statusCode;
    expect(await of('/api/cameras')).toBe(200);
    expect(await of(`/api/cameras/${PORCH}/snapshot`)).toBe(200);
    expect(await of('/api/doorstep')).toBe(200);
    expect(await of('/api/people')).toBe(200);
    for (const url of [
      ...[`/api/recordings?camera=${PORCH}&${QUERY}`, `/api/playback/${PORCH}.m3u8?${QUERY}`],
      ...['/api/storage', '/api/storage/days?timeZone=UTC&days=1', '/api/exports', '/api/keys'],
      ...[`/api/playback/${PORCH}/7/3.mp4`, `/api/protected?camera=${PORCH}&${QUERY}`],
    ]) {
      expect(await of(url), url).toBe(403);
    }
    const payload = { password: PERSON_PASSWORD };
    const unlock = await viewer.ask({ method: 'POST', url: '/api/unlock', payload });
    expect(unlock.statusCode).toBe(403);
    const session = (await viewer.ask({ url: '/api/session' })).json<object>();
    expect(session).toMatchObject({ role: 'viewer', mayExport: false, locked: true });
    expect([...box.base.keys.passwords.keys()]).toEqual([1]);
  });
});

describe('lists', () => {
  it('show who lives here to everybody, and cameras and links to the owner alone', async () => {
    const member = await addPerson(box, 'Sam', { cameras: [PORCH] });
    const seen = (await member.ask({ url: '/api/people' })).json<People>();
    expect(seen).toEqual({
      people: [
        { id: 1, name: OWNER.username, role: 'owner', mayExport: true, isYou: false },
        { id: member.id, name: 'Sam', role: 'member', mayExport: false, isYou: true },
      ],
      invitations: [],
    });
    const owners = (await box.asOwner({ url: '/api/people' })).json<People>();
    expect(owners.people.map(({ cameras }) => cameras)).toEqual([null, [PORCH]]);
  });

  it('of storage leave out what somebody does not see', async () => {
    const member = await addPerson(box, 'Sam', { cameras: [GARDEN] });
    const use = (await member.ask({ url: '/api/storage' })).json<object>();
    expect(use).toMatchObject({ cameras: [{ camera: GARDEN }], warnings: [] });
    const all = (await box.asOwner({ url: '/api/storage' })).json<{ cameras: unknown[] }>();
    expect(all.cameras).toHaveLength(2);
    const url = '/api/storage/days?timeZone=UTC&days=1';
    const days = (await member.ask({ url })).json<{ days: { cameras: unknown[] }[] }>();
    expect(days.days.flatMap(({ cameras }) => cameras)).toEqual([]);
  });
});

describe('what changes at once', () => {
  it('is everything of somebody who is removed', async () => {
    const member = await addPerson(box, 'Sam');
    const other = await signInAs(box, 'Sam');
    expect([...box.base.keys.passwords.keys()]).toEqual([1, member.id]);
    const url = `/api/people/${member.id}`;
    expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(204);
    for (const { ask } of [member, other]) {
      expect((await ask({ url: '/api/cameras' })).statusCode).toBe(401);
    }
    expect([...box.base.keys.passwords.keys()]).toEqual([1]);
    const payload = { username: 'Sam', password: PERSON_PASSWORD };
    const again = await box.send({ method: 'POST', url: '/api/session', payload });
    expect(again.statusCode).toBe(401);
    expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(404);
  });

  it('is the key of a member who becomes a viewer; back leads a link only', async () => {
    const member = await addPerson(box, 'Sam');
    const url = `/api/people/${member.id}`;
    expect((await member.ask({ url: '/api/storage' })).json<object>()).toMatchObject({
      locked: false,
    });
    await box.asOwner({ method: 'PATCH', url, payload: { role: 'viewer' } });
    expect((await member.ask({ url: '/api/storage' })).statusCode).toBe(403);
    expect([...box.base.keys.passwords.keys()]).toEqual([1]);
    expect([...box.base.keys.unlocked]).toHaveLength(1);
    const back = await box.asOwner({ method: 'PATCH', url, payload: { role: 'member' } });
    expect([back.statusCode, back.json<{ reason: string }>().reason]).toEqual([409, 'needs-link']);
  });

  it.each([
    ['a camera is taken away', { cameras: [GARDEN] }],
    ['the role becomes viewer', { role: 'viewer' }],
  ])('is a download of the past while it runs: %s', async (_what, patch) => {
    const member = await addPerson(box, 'Sam');
    const address = await box.api.listen({ port: 0, host: '127.0.0.1' });
    // More than a connection takes before it is read.
    box.playback.hold();
    const answer = await fetch(`${address}/api/playback/${PORCH}/7/3.mp4`, {
      headers: { cookie: member.cookie },
    });
    expect(answer.status).toBe(200);
    const reading = answer.arrayBuffer().then(
      () => 'whole',
      () => 'cut off',
    );
    const url = `/api/people/${member.id}`;
    await box.asOwner({ method: 'PATCH', url, payload: patch });
    expect(await reading).toBe('cut off');
    expect(box.playback.destroyed).toBe(true);
  });

  it('nobody is the owner by a link or a patch, and the owner is not removed', async () => {
    const patched = [
      await box.asOwner({ method: 'PATCH', url: '/api/people/1', payload: { role: 'viewer' } }),
      await box.asOwner({ method: 'DELETE', url: '/api/people/1' }),
    ];
    expect(patched.map(({ statusCode }) => statusCode)).toEqual([409, 409]);
    const payload = { name: 'x', role: 'owner', mayExport: true, cameras: null };
    const invited = await box.asOwner({
      ...{ method: 'POST', url: '/api/invitations' },
      payload: { ...payload, password: OWNER.password },
    });
    expect(invited.statusCode).toBe(400);
  });
});

it('a clock is vouched for by who may see the past, and set by the owner', async () => {
  const member = await addPerson(box, 'Sam');
  const payload = { time: new Date(epochMs(0)).toISOString(), withinMs: 1 };
  const send = (adopt: boolean) =>
    member.ask({ method: 'POST', url: '/api/clock', payload: { ...payload, adopt } });
  expect((await send(true)).statusCode).toBe(403);
  expect((await send(false)).statusCode).toBe(200);
});
