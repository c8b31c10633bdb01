/**
 * Nobody at home watches unseen (guarantee, G10): for each pair of those who live here, the one looks and the
 * other sees it, at once and in the record afterwards. The clock stands still unless a test moves it, so what
 * is told is told without a wait. Sockets, accounts and the record are the real ones, cameras are doubles.
 */
import type { AddressInfo } from 'node:net';
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PICTURE_CENSUS } from '../../../server/api/picture-census.ts';
import { AppError } from '../../../server/base/errors.ts';
import type { AuditEntry, AuditPage } from '../../../server/contract/audit.ts';
import type { PresentViewer } from '../../../server/contract/presence.ts';
import type { MadeToken } from '../../../server/contract/tokens.ts';
import { LIVE_CLOSE } from '../../../server/contract/live.ts';
import { entryWords, watcherWords } from '../../../web/words/record-words.ts';
import { PresenceClient } from '../../doubles/presence-client.ts';
import { cookieOf, OWNER, TestApi } from '../../doubles/test-api.ts';
import { addPerson, addTwoCameras, GARDEN, PORCH } from '../../fixtures/household-people.ts';

const MOMENT = 'aaaaaaaaaaaaaaa1';
const PAST_URL = `/api/playback/${PORCH}/7/3.mp4`;
const PICTURE_URL = `/api/cameras/${PORCH}/snapshot`;
const RANGE = { from: '2026-01-01T12:00:00.000Z', to: '2026-01-01T12:10:00.000Z' };

/** Longer than anything counts after its last read. */
const OVER_MS = 61_000;

/** What is the same so soon again is the same entry. */
const SAME_MS = 15 * 60_000;

const ROLES = ['owner', 'member', 'viewer', 'wall screen'] as const;
type Role = (typeof ROLES)[number];
const PAIRS = ROLES.flatMap((one) =>
  ROLES.filter((other) => other !== one).map((other) => [one, other] as const),
);

/** How the box calls each of them. */
const NAMES = {
  owner: { user: OWNER.username, wallScreen: false },
  member: { user: 'Mia', wallScreen: false },
  viewer: { user: 'Vic', wallScreen: false },
  'wall screen': { user: OWNER.username, wallScreen: true },
} as const satisfies Record<Role, Omit<PresentViewer, 'what' | 'cameras'>>;

/** Who sees the past and the record. */
const SEES_PAST: readonly Role[] = ['owner', 'member'];

let box: TestApi;
let base: string;
let cookies: Record<Role, string>;
let memberId: number;
let sockets: WebSocket[];

beforeEach(async () => {
  sockets = [];
  box = await TestApi.start();
  await box.setUp();
  addTwoCameras(box);
  for (const id of [PORCH, GARDEN]) box.watched.camera(id);
  const moment = { id: MOMENT, camera: PORCH, at: RANGE.from, kind: 'ring' } as const;
  box.doorstep.list = () => [moment];
  box.doorstep.picture = () => Promise.resolve(Buffer.from('picture'));
  box.doorstep.clip = () => Buffer.from('clip');
  const payload = { ...OWNER };
  const wall = cookieOf(await box.send({ method: 'POST', url: '/api/session', payload }));
  const made = { method: 'POST', url: '/api/session/live-only', payload: {} } as const;
  await box.send({ ...made, headers: { cookie: wall } });
  const member = await addPerson(box, NAMES.member.user, { mayExport: true });
  const viewer = await addPerson(box, NAMES.viewer.user, { role: 'viewer' });
  memberId = member.id;
  cookies = {
    ...{ owner: box.cookie, member: member.cookie, viewer: viewer.cookie },
    'wall screen': wall,
  };
  await box.api.listen({ host: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${String((box.api.server.address() as AddressInfo).port)}`;
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await box.close();
});

/** A page of somebody, which is told. */
async function page(role: Role): Promise<PresenceClient> {
  const client = await PresenceClient.connect(base, { cookie: cookies[role] });
  sockets.push(client.socket);
  return client;
}

/** Somebody's request, as far as who asks goes. */
function ask(role: Role, options: InjectOptions) {
  return box.send({ ...options, headers: { cookie: cookies[role] } });
}

/** Somebody watches a camera; answers what ends it. */
async function watch(role: Role, camera: string = PORCH): Promise<WebSocket> {
  const url = `${base.replace(/^http/, 'ws')}/api/cameras/${camera}/live`;
  const socket = new WebSocket(url, { headers: { cookie: cookies[role] }, origin: base });
  sockets.push(socket);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  return socket;
}

/** As the box tells it. */
const look = (
  role: Role,
  what: PresentViewer['what'],
  cameras: string[] = [PORCH],
): PresentViewer => ({ ...NAMES[role], what, cameras });

const nameOf = (id: string): string => box.cameras.cameras.get(id)?.name ?? '';

/** What a page says, which is what a person reads. */
const wordsOf = (viewers: readonly PresentViewer[]): string[] =>
  viewers.map((viewer) => watcherWords(viewer, nameOf));

/** Waits, without moving the clock, until a page says this. */
async function untilTold(client: PresenceClient, viewers: readonly PresentViewer[]): Promise<void> {
  await expect.poll(() => client.viewers).toEqual(viewers);
}

async function entriesFor(role: Role, kind: AuditEntry['kind']): Promise<AuditEntry[]> {
  const answer = await ask(role, { url: `/api/audit?kind=${kind}` });
  expect(answer.statusCode).toBe(200);
  return answer.json<AuditPage>().entries;
}

/** The record is one: whoever may read it reads the same. */
async function recordSays(kind: AuditEntry['kind'], words: string): Promise<void> {
  const [entries, others] = [await entriesFor('owner', kind), await entriesFor('member', kind)];
  expect(others).toEqual(entries);
  expect(entries.map((entry) => entryWords(entry, nameOf))).toEqual([words]);
}

const LIVE_WORDS: Record<Role, [string, string, string]> = {
  owner: ['Ada watches Porch live', 'Ada began to watch Porch', 'Ada stopped watching Porch'],
  member: ['Mia watches Porch live', 'Mia began to watch Porch', 'Mia stopped watching Porch'],
  viewer: ['Vic watches Porch live', 'Vic began to watch Porch', 'Vic stopped watching Porch'],
  'wall screen': [
    'Wall screen of Ada watches Porch live',
    'The wall screen of Ada began to watch Porch',
    'The wall screen of Ada stopped watching Porch',
  ],
};

describe.each(PAIRS)('what the %s looks at, the %s sees', (one, other) => {
  it('while it is live, and in the record afterwards', async () => {
    const [seer, own] = [await page(other), await page(one)];
    expect(seer.viewers).toEqual([]);
    const socket = await watch(one);
    await untilTold(seer, [look(one, 'live')]);
    expect(wordsOf(seer.viewers)).toEqual([LIVE_WORDS[one][0]]);
    // It was written before the first picture, and the one who looks is told the same.
    await recordSays('live-begun', LIVE_WORDS[one][1]);
    await untilTold(own, seer.viewers);
    socket.close();
    await untilTold(seer, []);
    await box.clock.advance(OVER_MS);
    await recordSays('live-ended', LIVE_WORDS[one][2]);
  });

  it('when it is a picture of now, or of a moment', async () => {
    const seer = await page(other);
    expect((await ask(one, { url: PICTURE_URL })).statusCode).toBe(200);
    await untilTold(seer, [look(one, 'live')]);
    await box.clock.advance(10_000);
    await untilTold(seer, []);
    const { statusCode } = await ask(one, { url: `/api/doorstep/${MOMENT}/clip` });
    expect(statusCode).toBe(one === 'wall screen' ? 403 : 200);
    await untilTold(seer, one === 'wall screen' ? [] : [look(one, 'past')]);
  });
});

it.each(PAIRS.filter(([one]) => SEES_PAST.includes(one)))(
  'what the %s looks at of the past, the %s sees, and the record says afterwards',
  async (one, other) => {
    const seer = await page(other);
    expect((await ask(one, { url: PAST_URL })).statusCode).toBe(200);
    await untilTold(seer, [look(one, 'past')]);
    const { user } = NAMES[one];
    expect(wordsOf(seer.viewers)).toEqual([`${user} looks at the past of Porch`]);
    await recordSays('past-viewed', `${user} looked at the past of Porch`);
    await box.clock.advance(OVER_MS);
    await untilTold(seer, []);
  },
);

describe('several who look at once', () => {
  it('are all seen, and one who leaves leaves the others', async () => {
    const seer = await page('viewer');
    const first = await watch('owner');
    const second = await watch('wall screen');
    await ask('member', { url: PAST_URL });
    const all = [look('owner', 'live'), look('wall screen', 'live'), look('member', 'past')];
    await untilTold(seer, all);
    first.close();
    await untilTold(seer, all.slice(1));
    await watch('member', GARDEN);
    await untilTold(seer, [...all.slice(1), look('member', 'live', [GARDEN])]);
    second.close();
    await untilTold(seer, [look('member', 'past'), look('member', 'live', [GARDEN])]);
  });

  it('are one where they are two pages of one person, until both are closed', async () => {
    const seer = await page('member');
    const [first, second] = [await watch('owner'), await watch('owner')];
    await watch('owner', GARDEN);
    await untilTold(seer, [look('owner', 'live', [PORCH, GARDEN])]);
    first.close();
    const told = seer.events.length;
    await watch('viewer');
    await expect.poll(() => seer.events.length).toBe(told + 1);
    expect(seer.viewers[0]).toEqual(look('owner', 'live', [PORCH, GARDEN]));
    second.close();
    await untilTold(seer, [look('owner', 'live', [GARDEN]), look('viewer', 'live')]);
  });
});

describe('nobody', () => {
  /** What each way to a picture shows the others; a file that leaves is on record before its bytes. */
  const SHOWN: Record<string, { ask: () => InjectOptions; what?: 'live' | 'past'; at?: string }> = {
    // First, because its password lasts a quarter of an hour.
    'GET /api/exports/:id/file': { ask: () => ({ url: `/api/exports/${copy}/file` }) },
    'GET /api/cameras/:id/snapshot': { ask: () => ({ url: PICTURE_URL }), what: 'live' },
    'POST /api/cameras': { ask: () => camera('/api/cameras'), what: 'live', at: '' },
    'POST /api/cameras/test': { ask: () => camera('/api/cameras/test'), what: 'live', at: '' },
    'GET /api/doorstep/:id/picture': { ask: () => moment('picture'), what: 'past' },
    'GET /api/doorstep/:id/clip': { ask: () => moment('clip'), what: 'past' },
    'GET /api/playback/:cameraId/:runId/:sequence.mp4': {
      ...{ ask: () => ({ url: PAST_URL }), what: 'past' },
    },
  };
  const moment = (what: string): InjectOptions => ({ url: `/api/doorstep/${MOMENT}/${what}` });
  const camera = (url: string): InjectOptions => {
    const source = { type: 'rtsp', url: 'rtsp://192.168.1.20/' };
    const payload = url.endsWith('/test') ? { source } : { name: 'New', source };
    return { method: 'POST', url, payload };
  };
  let copy = '';

  it('gets a picture by any way without being seen, the owner neither', async () => {
    const payload = { camera: PORCH, ...RANGE, password: OWNER.password };
    const made = await ask('owner', { method: 'POST', url: '/api/exports', payload });
    copy = made.json<{ id: string }>().id;
    const ways = PICTURE_CENSUS.filter(({ by }) => by !== 'websocket').map(({ route }) => route);
    expect(Object.keys(SHOWN).sort()).toEqual([...ways].sort());
    const seer = await page('viewer');
    for (const [route, { ask: way, what, at = PORCH }] of Object.entries(SHOWN)) {
      const before = await headOf();
      expect((await ask('owner', way())).statusCode, route).toBeLessThan(300);
      expect(await headOf(), `${route} in the record`).toBeGreaterThan(before);
      await expect
        .poll(() => seer.viewers, { message: route })
        .toEqual(what === undefined ? [] : [look('owner', what, [at])]);
      await box.clock.advance(SAME_MS);
      await untilTold(seer, []);
    }
  });

  it('tries a camera unrecorded: no picture comes where the record refuses', async () => {
    box.base.db.run(`CREATE TRIGGER refuse BEFORE INSERT ON audit_entry
      BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
    const answer = await ask('owner', camera('/api/cameras/test'));
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('base64');
  });

  it('is shown as trying a camera until its picture was seen, and no longer where none came', async () => {
    const seer = await page('viewer');
    expect((await ask('owner', camera('/api/cameras/test'))).statusCode).toBe(200);
    await untilTold(seer, [look('owner', 'live', [''])]);
    await box.clock.advance(10_000);
    await untilTold(seer, []);
    box.cameras.trouble = new AppError('unprocessable', 'This is not an RTSP address.');
    expect((await ask('owner', camera('/api/cameras/test'))).statusCode).toBe(422);
    await box.clock.advance(1);
    await untilTold(seer, []);
  });

  it('looks unseen by a parameter, a header or a token', async () => {
    const seer = await page('viewer');
    const hide = { 'x-presence': 'off', dnt: '1', 'x-forwarded-for': '203.0.113.9' };
    const headers = { ...hide, cookie: cookies.owner };
    expect((await box.send({ url: `${PICTURE_URL}?hidden=1`, headers })).statusCode).toBe(400);
    expect((await box.send({ url: PICTURE_URL, headers })).statusCode).toBe(200);
    await untilTold(seer, [look('owner', 'live')]);
    await box.clock.advance(OVER_MS);
    await untilTold(seer, []);
    const { password } = OWNER;
    const payload = { name: 'hub', scope: 'live-picture', camera: PORCH, password };
    const made = await ask('owner', { method: 'POST', url: '/api/tokens', payload });
    const authorization = `Bearer ${made.json<MadeToken>().token}`;
    await box.send({ url: PICTURE_URL, headers: { authorization } });
    const program = { user: 'A program', wallScreen: false, what: 'live', cameras: [PORCH] };
    await untilTold(seer, [program as PresentViewer]);
  });

  async function headOf(): Promise<number> {
    const answer = await ask('owner', { url: '/api/audit/head' });
    return answer.json<{ sequence: number }>().sequence;
  }
});

describe('somebody who is removed', () => {
  const remove = () => ask('owner', { method: 'DELETE', url: `/api/people/${String(memberId)}` });

  it.each([
    ['the past', PAST_URL],
    ['a picture', PICTURE_URL],
    ['a moment', `/api/doorstep/${MOMENT}/picture`],
  ])('is gone from every page at once, while they look at %s', async (_what, url) => {
    const [seer, own] = [await page('viewer'), await page('member')];
    await ask('member', { url });
    await expect.poll(() => seer.viewers).toHaveLength(1);
    expect((await remove()).statusCode).toBe(204);
    await untilTold(seer, []);
    expect(await own.closed).toBe(LIVE_CLOSE.signedOut);
    // Nothing of them is left behind that would end later.
    const told = seer.events.length;
    await box.clock.advance(OVER_MS);
    expect(seer.events).toHaveLength(told);
  });

  it('is gone at once while they watch, and so are others whose camera is taken away', async () => {
    const seer = await page('viewer');
    const socket = await watch('member');
    const other = await watch('member', GARDEN);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await untilTold(seer, [look('member', 'live', [PORCH, GARDEN])]);
    const url = `/api/people/${String(memberId)}`;
    await ask('owner', { method: 'PATCH', url, payload: { cameras: [GARDEN] } });
    await untilTold(seer, [look('member', 'live', [GARDEN])]);
    expect(await closed).toBe(LIVE_CLOSE.notAllowed);
    await remove();
    await untilTold(seer, []);
    other.terminate();
    // Who looks again after the camera came back is seen again.
    await watch('owner');
    await untilTold(seer, [look('owner', 'live')]);
  });
});
