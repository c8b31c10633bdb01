/** What others have got wrong, tried here: the lines of docs/security-checklist.md that had no test of their own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../../server/contract/problem.ts';
import { PACKAGE_ROOT } from '../../../server/config.ts';
import { parseCameraUrl } from '../../../server/rtsp/camera-url.ts';
import { OWNER, TestApi } from '../../doubles/test-api.ts';
import { addPerson, addTwoCameras, GARDEN, PORCH } from '../../fixtures/household-people.ts';

let box: TestApi;
beforeAll(async () => {
  box = await TestApi.start();
  await box.setUp();
  addTwoCameras(box);
});
afterAll(() => box.close());

describe('a viewer', () => {
  it('deletes neither the owner nor anybody else', async () => {
    const viewer = await addPerson(box, 'Guest', { role: 'viewer', cameras: [PORCH] });
    const member = await addPerson(box, 'Sam');
    for (const id of ['1', String(member.id), 'admin', '-1', '1e0', '01']) {
      const { statusCode } = await viewer.ask({ method: 'DELETE', url: `/api/people/${id}` });
      expect([403, 404], id).toContain(statusCode);
    }
    expect((await member.ask({ url: '/api/session' })).statusCode).toBe(200);
    expect((await box.asOwner({ url: '/api/session' })).statusCode).toBe(200);
  });

  it('opens no live socket of a camera that is not theirs', async () => {
    const viewer = await addPerson(box, 'Visitor', { role: 'viewer', cameras: [PORCH] });
    const open = (id: string) =>
      viewer.ask({
        url: `/api/cameras/${id}/live`,
        headers: { upgrade: 'websocket', connection: 'upgrade' },
      });
    expect((await open(GARDEN)).statusCode).toBe(404);
    // The same request for their own camera gets as far as the protocol.
    expect((await open(PORCH)).statusCode).not.toBe(404);
  });

  it('gets no answer that was made for the owner, whatever it says it has', async () => {
    const viewer = await addPerson(box, 'Neighbour', { role: 'viewer', cameras: [PORCH] });
    for (const url of ['/api/cameras', '/api/people']) {
      const owners = await box.asOwner({ url });
      expect(owners.headers['cache-control'], url).toBe('no-store');
      expect(owners.headers.etag, url).toBeUndefined();
      const asked = await viewer.ask({
        url,
        headers: { 'if-none-match': '*', 'if-modified-since': new Date(0).toUTCString() },
      });
      expect(asked.statusCode, url).not.toBe(304);
      expect(asked.body, url).not.toBe(owners.body);
    }
    expect((await viewer.ask({ url: '/api/privacy' })).statusCode).toBe(403);
  });
});

describe('a password', () => {
  it('is not changed without the old one, not even by who is signed in', async () => {
    const member = await addPerson(box, 'Bo');
    const change = (payload: object) =>
      member.ask({ method: 'POST', url: '/api/session/password', payload });
    expect((await change({ newPassword: 'six plain herons' })).statusCode).toBe(400);
    const empty = await change({ password: '', newPassword: 'six plain herons' });
    expect(empty.statusCode).toBe(400);
    const own = await change({ password: OWNER.password, newPassword: 'six plain herons' });
    expect(own.statusCode).toBe(401);
  });
});

describe('a content type', () => {
  // CVE-2026-25223 (tab), CVE-2026-33806 (leading space), CVE-2026-3419 (no end of the pattern).
  it.each([
    'application/json\t; charset=utf-8',
    'application/json\tx',
    ' application/json',
    '\tapplication/json',
    'application/json;',
    'application/json garbage',
    'application/jsonp',
    'APPLICATION/JSON',
  ])('%j never lets a body past its schema', async (type) => {
    const before = box.cameras.cameras.size;
    const answer = await box.asOwner({
      ...{ method: 'POST', url: '/api/cameras', headers: { 'content-type': type } },
      payload: JSON.stringify({ name: 5, source: { type: 'exec', url: 'x' }, extra: true }),
    });
    expect([400, 415]).toContain(answer.statusCode);
    expect(box.cameras.cameras.size).toBe(before);
  });
});

describe('a path', () => {
  it.each([
    '/api/cameras/..%2F..%2Fetc%2Fpasswd',
    '/api/cameras/%2e%2e%2f%2e%2e%2f',
    '/api/cameras/..%5C..%5Cwindows',
    '/api/cameras/..\\..\\windows',
    '/api/exports/%2Fetc%2Fpasswd/file',
    '/api/exports/%00/file',
    '/api/backups/..%2Fdoorkeep.db/file',
    `/api/cameras/${'%F0%9F%9A%AA'.repeat(20)}`,
    '/assets/..%2F..%2Fpackage.json',
    '/assets%2Fmain.js',
    '/%2Fapi%2Fcameras',
    '//api/cameras',
  ])('%s opens nothing', async (url) => {
    const answer = await box.asOwner({ url });
    // 403: a file that nobody asked for with a password, whatever its name.
    expect([400, 403, 404, 414]).toContain(answer.statusCode);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const open = await box.send({ url });
    expect(open.statusCode).not.toBe(200);
  });

  it('is not put back into what is answered', async () => {
    const script = '<script>alert(1)</script>';
    for (const url of [
      `/${encodeURIComponent(script)}`,
      `/api/x?next=${encodeURIComponent(script)}`,
    ]) {
      const answer = await box.send({ url });
      expect(answer.body).not.toContain('<script');
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers.location).toBeUndefined();
    }
  });
});

describe('a query', () => {
  it.each(["' OR 1=1 --", "x' UNION SELECT password_hash FROM user --", '1; DROP TABLE camera'])(
    'is a value, never SQL: %s',
    async (text) => {
      const query = new URLSearchParams({ who: text });
      const answer = await box.asOwner({ url: `/api/audit?${query.toString()}` });
      expect(answer.statusCode).toBe(200);
      expect(answer.json<{ entries: unknown[] }>().entries).toEqual([]);
      const sorted = await box.asOwner({ url: `/api/cameras?sort=${encodeURIComponent(text)}` });
      expect(sorted.statusCode).toBe(400);
    },
  );
});

describe('an address of a camera', () => {
  it.each([
    ...['-i /etc/passwd', '-f concat', 'concat:/etc/passwd|http://x/', 'file:/etc/passwd'],
    ...['subfile,,start,0,end,0,,:/etc/passwd', 'exec:/bin/sh -c id', '|id', '$(id)', '`id`'],
    ...[
      'rtsp://10.0.0.9/a -f lavfi',
      'rtsp://10.0.0.9/a\n-i /etc/passwd',
      'rtsp://-i/',
      '/etc/passwd',
    ],
    ...[
      'http://10.0.0.9/x.m3u8',
      'hls+file:///etc/passwd',
      'data:text/plain,x',
      'tcp://10.0.0.9:22',
    ],
  ])('is refused before ffmpeg hears of it: %j', (text) => {
    expect(() => parseCameraUrl(text)).toThrow();
  });

  it.each<unknown>([{ url: 'exec:id' }, ['rtsp://10.0.0.9/'], { toString: 'rtsp://10.0.0.9/' }])(
    'is text and nothing that turns into text: %j',
    async (url) => {
      const payload = { name: 'Door', source: { type: 'rtsp', url } };
      const answer = await box.asOwner({ method: 'POST', url: '/api/cameras/test', payload });
      expect(answer.statusCode).toBe(400);
    },
  );
});

describe('a name', () => {
  it('of a thousand letters of many bytes is refused, and one of 64 is not in the way', async () => {
    const add = (name: string) =>
      box.asOwner({
        ...{ method: 'POST', url: '/api/cameras' },
        payload: { name, source: { type: 'rtsp', url: 'rtsp://10.0.0.9/' } },
      });
    for (const name of ['﷽'.repeat(1_000), 'e\u0301'.repeat(500), '👨‍👩‍👧‍👦'.repeat(64)]) {
      const answer = await add(name);
      expect(answer.statusCode).toBe(400);
      expect(answer.json<Problem>().detail.length).toBeLessThan(200);
    }
    expect((await add('﷽'.repeat(64))).statusCode).toBe(201);
  });
});

describe('the packages of this installation', () => {
  const lock = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  const versionOf = (name: string): string | undefined =>
    lock.packages[`node_modules/${name}`]?.version;

  it('have a Fastify that knows the tricks with content types', () => {
    const [major = 0, minor = 0, patch = 0] = (versionOf('fastify') ?? '').split('.').map(Number);
    expect(major * 10_000 + minor * 100 + patch).toBeGreaterThanOrEqual(50_805);
  });

  it.each(['@fastify/static', 'fast-xml-parser', 'go2rtc', 'jsonwebtoken', 'js-yaml', 'shelljs'])(
    'have no %s for production',
    (name) => {
      const { dependencies } = JSON.parse(
        readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'),
      ) as { dependencies: Record<string, string> };
      expect(dependencies[name]).toBeUndefined();
      const used = JSON.parse(
        readFileSync(join(PACKAGE_ROOT, 'docs/ref/packages.json'), 'utf8'),
      ) as object;
      expect(JSON.stringify(used)).not.toContain(`"${name}"`);
    },
  );
});
