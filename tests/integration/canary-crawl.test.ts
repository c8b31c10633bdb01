/**
 * The canary crawl over the whole server (guarantee, G2): every route, WebSocket and file of the page is asked by
 * everybody about every object, those that change and delete things included, each about an object of its own. The
 * status is the declared one (tests/fixtures/canary-declaration.ts), and what the cameras sent is found where the
 * declaration says so and nowhere else: as their own bytes, or as a picture in their colours.
 */
import { createHash } from 'node:crypto';
import { writeFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { readBuiltPage } from '../../server/api/built-page.ts';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { WindowSearch, windowsOf } from '../fixtures/byte-windows.ts';
import {
  type AskerName,
  ASKERS,
  type DeclaredAsker,
  type DeclaredRoute,
  refusedWith,
  ROUTES,
  sees,
} from '../fixtures/canary-declaration.ts';
import { type CrawlAnswer, CrawledHome, TINTS } from '../fixtures/crawled-home.ts';
import { jpegsIn } from '../fixtures/frame-carver.ts';
import { PERSON_PASSWORD } from '../fixtures/household-people.ts';
import { runFfmpeg } from '../fixtures/test-ffmpeg.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const WINDOWS = 4_000;

/** How far a decoder may be off the colours that were asked for. */
const TINT_TOLERANCE = 20;

/** A picture that is to come is there by then; what must not come is not waited for. */
const LIVE_WITHIN_MS = 10_000;

/** Everybody asks from an address of their own, because wrong links are counted by it. */
const OWN_ADDRESSES = 10;

/** Two are the owner's: what one made the other may use, and a file only with the password. */
const OWNERS: readonly AskerName[] = [
  'owner',
  'a second session of the owner, without the password',
];

/** It sends a packet towards outside: tests/unit/api/privacy.test.ts asks for it. */
const NOT_SENT: readonly string[] = ['POST /api/privacy/try'];

let home: CrawledHome;
let searches: ReadonlyMap<string, WindowSearch>;
/** What was found: by whom, in the answer of which route, of which camera. */
let found: Map<AskerName, Set<string>>;
let wrong: string[];
let asked: number;
/** What somebody made by a route, for the one that ends it. */
const made = new Map<string, string>();
const cameraOfPicture = new Map<string, string>();

const names = Object.keys(ASKERS) as AskerName[];
const askerOf = (name: AskerName): DeclaredAsker => ASKERS[name];

beforeAll(async () => {
  home = await CrawledHome.start();
  searches = new Map([...home.sent.keys()].map((name) => [name, ownWindows(name)]));
  [found, wrong, asked] = [new Map(names.map((name) => [name, new Set()])), [], 0];
});

afterAll(() => home.dispose());

/** Windows of a camera that no other one has: parameter sets and runs of one byte are everybody's. */
function ownWindows(name: string): WindowSearch {
  const windows = windowsOf(home.sent.get(name)!, WINDOWS);
  const shared = new Set<Buffer>();
  const search = new WindowSearch(windows);
  for (const [other, sent] of home.sent) if (other !== name) search.countIn(sent, shared);
  const own = windows.filter((window) => !shared.has(window) && new Set(window).size >= 12);
  expect(own.length).toBeGreaterThan(WINDOWS / 2);
  return new WindowSearch(own);
}

/** The bytes as they are, and what stands in them as base64 or hex. */
function decoded(bytes: Buffer): Buffer[] {
  // Films are not text; what is hidden in text is.
  if (bytes.length > 1_000_000) return [bytes];
  const packed = [...bytes.toString('latin1').matchAll(/[A-Za-z0-9+/_-]{64,}={0,2}/g)];
  return [
    bytes,
    ...packed.flatMap(([run]) => [Buffer.from(run, 'base64'), Buffer.from(run, 'hex')]),
  ];
}

/** Cameras of which anything is in these bytes. */
async function camerasIn(bytes: Buffer): Promise<string[]> {
  const cameras = new Set<string>();
  for (const part of decoded(bytes)) {
    for (const [name, search] of searches) if (search.countIn(part) > 0) cameras.add(name);
    if (jpegsIn(part) > 0) cameras.add(await cameraOfJpeg(part));
  }
  return [...cameras];
}

async function cameraOfJpeg(bytes: Buffer): Promise<string> {
  const jpeg = bytes.subarray(bytes.indexOf(Buffer.from([0xff, 0xd8, 0xff])));
  const name = createHash('sha256').update(jpeg).digest('hex');
  const known = cameraOfPicture.get(name);
  if (known !== undefined) return known;
  const path = join(tmpdir(), `doorkeep-canary-${name}.jpg`);
  await writeFile(path, jpeg);
  try {
    const one = [
      '-vf',
      'scale=1:1:flags=area,format=yuv444p',
      '-frames:v',
      '1',
      '-f',
      'rawvideo',
      '-',
    ];
    const [, u = 0, v = 0] = await runFfmpeg(['-i', path, ...one]);
    const near = (a: number, b: number): boolean => Math.abs(a - b) <= TINT_TOLERANCE;
    const camera = Object.entries(TINTS).find(([, tint]) => near(u, tint.u) && near(v, tint.v));
    const answer = camera?.[0] ?? `of ${String(u)} ${String(v)}`;
    cameraOfPicture.set(name, answer);
    return answer;
  } finally {
    await rm(path);
  }
}

/** One object that a route is asked about, and what is answered who may use the route. */
interface Asked {
  readonly object: string;
  readonly url: string;
  readonly body?: unknown;
  readonly status: number;
}

/** What is asked of a route by somebody who may use it, or who may not. */
function askedOf(route: string, name: AskerName): Asked[] {
  const declared = ROUTES[route]!;
  const asker = askerOf(name);
  const { ok } = declared;
  const path = route.split(' ')[1]!;
  const id = (value: string): string => path.replace(/\{(id|cameraId)\}/, value);
  const bodyOf = (camera: string): { body?: unknown } => {
    const body = BODIES[route]?.(camera, name);
    return body === undefined ? {} : { body };
  };
  switch (declared.about) {
    case 'camera':
      return cameraObjects(route, name);
    case 'moment':
      return Object.entries(home.moments).map(([object, moment]) => ({
        ...{ object, url: id(moment), status: sees(asker, object) ? ok : 404 },
      }));
    case 'range':
      return rangeObjects(id, name);
    case 'export': {
      const own = made.get(`POST /api/exports ${name}`);
      if (route.startsWith('DELETE') && OWNERS.includes(name)) {
        const gone = { object: 'gone', url: id(home.copies['gone'] ?? ''), status: 404 };
        return [{ object: 'own', url: id(own ?? ''), status: ok }, gone];
      }
      return Object.entries(home.copies).map(([object, copy]) => ({
        ...{ object, url: id(copy), ...bodyOf(object), status: copyStatus(route, name, object) },
      }));
    }
    case 'box': {
      const by = MADE_BY[route] ?? '';
      const own = made.get(`${by} ${name}`) ?? made.get(`${by} owner`) ?? '7';
      const isReplaced =
        (route === BACK && name !== LAST) || (route === BACKUP_FILE && name === 'owner');
      const there = { object: 'own', url: id(own), ...bodyOf('own'), status: ok };
      const gone = { object: 'gone', url: id('0123456789abcdef'), ...bodyOf('gone') };
      const others = {
        object: 'another’s',
        url: id(made.get(`${by} ${LAST}`) ?? '7'),
        status: 404,
      };
      return [
        { ...there, status: isReplaced ? 404 : ok },
        { ...gone, status: GONE[route] ?? 404 },
        // A phone of somebody else's, which is there until its person's turn comes.
        ...(route === FORGET && askerOf(name).role === 'member' && name !== LAST ? [others] : []),
      ];
    }
    case 'record':
      return Object.entries(home.ids).map(([object, camera]) => ({
        ...{ object, url: `${path}?camera=${camera}`, status: ok },
      }));
    default:
      return [{ object: 'none', url: `${path}${QUERIES[route] ?? ''}`, ...bodyOf(''), status: ok }];
  }
}

function cameraObjects(route: string, name: AskerName): Asked[] {
  const asker = askerOf(name);
  const { ok } = ROUTES[route]!;
  const path = route.split(' ')[1]!;
  const objects = Object.entries(home.ids).map(([object, camera]): Asked => {
    const [run = '', sequence = ''] = (home.files[object] ?? '').split('/');
    const url = path
      .replace(/\{(id|cameraId)\}/, camera)
      .replace('{runId}', run)
      .replace('{sequence}', sequence);
    const range = `from=${home.range.from}&to=${home.range.to}`;
    const query = BY_QUERY.includes(route) ? `?camera=${camera}&${range}` : '';
    const played = path.endsWith('m3u8') ? `?${range}` : '';
    const body = BODIES[route]?.(camera, name);
    const status = sees(asker, object) ? ok : 404;
    return { object, url: url + query + played, ...(body !== undefined && { body }), status };
  });
  if (!path.includes('{runId}')) return objects;
  // A file of one camera below the name of another.
  const [run, sequence] = (home.files['garden'] ?? '').split('/');
  const url = `/api/playback/${home.ids.porch}/${String(run)}/${String(sequence)}.mp4`;
  return [...objects, { object: 'mixed', url, status: 404 }];
}

/** Phones are forgotten one after the other, and only the last one can be put back. */
const [FORGET, BACK] = ['DELETE /api/keys/phones/{id}', 'POST /api/keys/phones/{id}'];
const LAST = 'a member who is locked';

/** And only the newest backup is kept. */
const BACKUP_FILE = 'GET /api/backups/{id}/file';

/** Ranges that the owner protected, by the camera that they are of; they stay. */
const ownersRanges: Record<string, string> = {};

function rangeObjects(id: (value: string) => string, name: AskerName): Asked[] {
  const own = made.get(`POST /api/protected ${name}`) ?? '7';
  const gone = { object: 'gone', url: id('f'.repeat(16)), status: 404 };
  const others = Object.entries(ownersRanges).map(([object, range]) => ({
    ...{ object: `the owner’s of ${object}`, url: id(range) },
    status: sees(askerOf(name), object) ? 403 : 404,
  }));
  return [
    { object: 'own', url: id(own), status: 204 },
    gone,
    ...(OWNERS.includes(name) ? [] : others),
  ];
}

/** Their makers see copies, of cameras that they see. */
function copyStatus(route: string, name: AskerName, object: string): number {
  const isOwners = OWNERS.includes(name);
  const isTheirs = object === 'exporter’s' ? name === 'a member who exports' : isOwners;
  if (object === 'gone' || !isTheirs) return 404;
  const needsPassword = route.endsWith('/file') && name === OWNERS[1];
  return needsPassword ? 403 : ROUTES[route]!.ok;
}

const passwordOf = (name: AskerName): string =>
  askerOf(name).role === 'owner' ? OWNER.password : PERSON_PASSWORD;
const password = (_object: string, name: AskerName): object => ({ password: passwordOf(name) });
const wanted = (camera: string): object => ({ camera, ...home.range });

/** Bodies that are right; the others need none. */
const BODIES: Record<string, (object: string, name: AskerName) => unknown> = {
  'POST /api/setup': () => ({}),
  'POST /api/restores': () => ({}),
  'POST /api/restores/{id}': () => ({}),
  'POST /api/session': () => ({}),
  'POST /api/recovery': () => ({}),
  'POST /api/invitations/look': () => ({ secret: 'A'.repeat(43) }),
  'POST /api/invitations/claim': () => ({ secret: 'A'.repeat(43), password: PERSON_PASSWORD }),
  'PUT /api/storage/keep/{cameraId}': () => ({ days: null, bytes: null }),
  'POST /api/protected': wanted,
  'POST /api/exports': (camera, name) => ({ ...wanted(camera), ...password('', name) }),
  'POST /api/exports/{id}/file-access': password,
  'PATCH /api/settings': () => ({ networks: [] }),
  'PATCH /api/first-steps': () => ({ step: 'cloud', state: 'tried' }),
  'POST /api/clock': () => ({
    time: new Date(Date.parse(home.range.to)).toISOString(),
    withinMs: 9,
  }),
  'PATCH /api/people/{id}': () => ({ mayExport: false }),
  'POST /api/people/{id}/invitation': password,
  'POST /api/invitations': (_object, name) => ({
    ...{
      name: 'Guest',
      role: 'viewer',
      mayExport: false,
      cameras: null,
      password: passwordOf(name),
    },
  }),
  'POST /api/tokens': (_object, name) => ({
    ...{ name: 'Hub', scope: 'metrics', password: passwordOf(name) },
  }),
  'POST /api/backups': password,
  'POST /api/cameras/test': () => ({ source: home.newSource }),
  'POST /api/cameras': () => ({ name: 'New', source: home.newSource }),
  'PATCH /api/cameras/{id}': () => ({ enabled: true }),
  'POST /api/unlock': (_object, name) => ({ password: passwordOf(name), keepAs: 'Phone' }),
  'POST /api/keys': password,
  'POST /api/session/password': () => ({
    password: 'not this one',
    newPassword: 'six calm badgers',
  }),
};

/** Whose maker's answer names what is asked about. */
const MADE_BY: Record<string, string> = {
  'PATCH /api/people/{id}': 'a person',
  'POST /api/people/{id}/invitation': 'a person',
  'DELETE /api/people/{id}': 'a person',
  'DELETE /api/invitations/{id}': 'POST /api/invitations',
  'DELETE /api/tokens/{id}': 'POST /api/tokens',
  'GET /api/backups/{id}/file': 'POST /api/backups',
  'DELETE /api/cameras/{id}': 'POST /api/cameras',
  'DELETE /api/keys/phones/{id}': 'POST /api/unlock',
  'POST /api/keys/phones/{id}': 'POST /api/unlock',
};

/** What is answered about an object that nobody has, where it is not a 404. */
const GONE: Record<string, number> = { [BACKUP_FILE]: 403 };

const QUERIES: Record<string, string> = {
  'GET /api/storage/days': '?timeZone=UTC&days=1',
};
const BY_QUERY = ['GET /api/recordings', 'GET /api/protected'];

/** Asks all of one route, by everybody. */
async function crawl(route: string, declared: DeclaredRoute): Promise<void> {
  const [method = ''] = route.split(' ');
  for (const name of names) {
    const refusal = refusedWith(askerOf(name), declared);
    if (refusal === undefined && NOT_SENT.includes(route)) continue;
    for (const { object, url, body, status } of askedOf(route, name)) {
      // A token is told nothing of what it does not open, not even that it is not there.
      const isNotTheTokens = askerOf(name).scope !== undefined && status === 404 && declared.scope;
      const expected = refusal ?? (isNotTheTokens ? 401 : status);
      const answer = await home.ask(home.headers[name], {
        method,
        url,
        ...(body !== undefined && { body }),
        from: `127.0.0.${String(OWN_ADDRESSES + names.indexOf(name))}`,
      });
      asked += 1;
      if (answer.status !== expected) {
        wrong.push(
          `${name}: ${route} (${object}) ${String(answer.status)}, not ${String(expected)}`,
        );
      }
      await note(name, declared.shows ?? route, answer);
      if (answer.status < 300) remember(`${route} ${name}`, answer);
    }
  }
}

async function note(
  name: AskerName,
  source: string,
  { body, headers }: CrawlAnswer,
): Promise<void> {
  const bytes = Buffer.concat([body, Buffer.from(JSON.stringify(headers))]);
  for (const camera of await camerasIn(bytes)) found.get(name)!.add(`${source} ${camera}`);
}

function remember(key: string, { headers, body }: CrawlAnswer): void {
  if (headers['content-type']?.includes('json') !== true) return;
  const id = (JSON.parse(body.toString()) as { id?: unknown } | null)?.id;
  if (typeof id === 'string') made.set(key, id);
}

/** A WebSocket of somebody: the status of the answer, and what came. */
async function socketOf(
  name: AskerName,
  path: string,
  isEnough: (cameras: string[]) => boolean,
): Promise<{ status: number; cameras: string[]; texts: string[] }> {
  const headers = home.headers[name];
  const url = home.baseUrl.replace(/^http/, 'ws') + path;
  const socket = new WebSocket(url, {
    ...{ origin: home.baseUrl },
    ...(headers.origin && { origin: headers.origin }),
    headers,
  });
  const parts: Buffer[] = [];
  const texts: string[] = [];
  let cameras: string[] = [];
  try {
    const status = await new Promise<number>((resolve, reject) => {
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) parts.push(data);
        else texts.push(data.toString());
      });
      socket.once('open', () => {
        resolve(101);
      });
      socket.once('unexpected-response', (request, answer) => {
        request.destroy();
        resolve(answer.statusCode ?? 0);
      });
      socket.on('error', reject);
    }).finally(() => socket.on('error', () => undefined));
    if (status !== 101) return { status, cameras, texts };
    await expect
      .poll(
        async () => {
          cameras = await camerasIn(Buffer.concat([...parts, Buffer.from(texts.join())]));
          return isEnough(cameras) && texts.length > 0;
        },
        { timeout: LIVE_WITHIN_MS },
      )
      .toBe(true);
    return { status, cameras, texts };
  } finally {
    socket.terminate();
  }
}

it('every route that the server has is declared, and no other', async () => {
  const answer = await home.ask({}, { method: 'GET', url: '/api/openapi.json' });
  const { paths } = JSON.parse(answer.body.toString()) as { paths: Record<string, object> };
  const there = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(Object.keys(ROUTES).sort()).toEqual(there.sort());
});

it('a socket shows its camera to who may see it, and tells everybody at home who watches', async () => {
  for (const name of names) {
    const asker = askerOf(name);
    for (const [object, camera] of Object.entries(home.ids)) {
      const declared = { ...ROUTES['GET /api/cameras/{id}/live']! };
      const status = refusedWith(asker, declared) ?? (sees(asker, object) ? 101 : 404);
      const shown = await socketOf(name, `/api/cameras/${camera}/live`, (all) => all.length > 0);
      expect([name, object, shown.status]).toEqual([name, object, status]);
      for (const seen of shown.cameras) found.get(name)!.add(`live ${seen}`);
    }
  }
  // For ten seconds the owner looks at the porch: also who does not see that camera is told, in words.
  const url = `/api/cameras/${home.ids.porch}/snapshot`;
  expect((await home.ask(home.headers.owner, { method: 'GET', url })).status).toBe(200);
  for (const name of names) {
    const told = await socketOf(name, '/api/presence', () => true);
    const status = refusedWith(askerOf(name), ROUTES['GET /api/presence']!) ?? 101;
    const isTold = told.texts.join().includes(home.ids.porch);
    expect([name, told.status, isTold, told.cameras]).toEqual([name, status, status === 101, []]);
  }
});

it('the page and nothing else lies below the address of the box', async () => {
  const page = await readBuiltPage(join(PACKAGE_ROOT, 'dist', 'page'));
  const hidden = [
    '/doorkeep.db',
    '/data/doorkeep.db',
    `/footage/${home.ids.porch}`,
    '/keys/box.key',
  ];
  for (const name of names) {
    const ok = askerOf(name).foreign === true ? 403 : 200;
    for (const url of ['/', ...page.keys()].filter((address) => address !== '/index.html')) {
      const answer = await home.ask(home.headers[name], { method: 'GET', url });
      expect([name, url, answer.status]).toEqual([name, url, ok]);
      await note(name, url, answer);
    }
    for (const url of hidden) {
      const { status } = await home.ask(home.headers[name], { method: 'GET', url });
      expect([name, url, status]).toEqual([name, url, ok === 200 ? 404 : 403]);
    }
  }
});

it('every route answers everybody about every object as it is declared', async () => {
  const { owner } = home.headers;
  for (const name of OWNERS) made.set(`a person ${name}`, await home.guest());
  for (const camera of ['porch', 'garden'] as const) {
    const body = { camera: home.ids[camera], ...home.range };
    const range = await home.call<{ id: string }>(owner, {
      method: 'POST',
      url: '/api/protected',
      body,
    });
    ownersRanges[camera] = range.id;
  }
  for (const [route, declared] of Object.entries(ROUTES)) await crawl(route, declared);
  expect(wrong).toEqual([]);
});

it('what the cameras sent is found where it is declared and nowhere else', () => {
  process.stdout.write(`${String(asked)} requests, ${String(cameraOfPicture.size)} pictures\n`);
  for (const name of names) {
    expect([name, [...found.get(name)!].sort()]).toEqual([name, [...ASKERS[name].finds].sort()]);
  }
});
