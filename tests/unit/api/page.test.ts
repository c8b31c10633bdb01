/** How the page and its files are answered. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltPage, PageFile } from '../../../server/api/built-page.ts';
import { TestApi } from '../../doubles/test-api.ts';

const file = (text: string, more: Partial<PageFile>): PageFile => ({
  bytes: Buffer.from(text),
  gzip: undefined,
  contentType: 'text/html; charset=utf-8',
  etag: `"${text.length}"`,
  immutable: false,
  ...more,
});

const HTML = '<!doctype html><title>Doorkeep</title>';
const CODE = 'export const a = 1;'.repeat(50);

const PAGE: BuiltPage = new Map([
  ['/index.html', file(HTML, {})],
  [
    '/assets/main-1a2b.js',
    file(CODE, {
      ...{ contentType: 'text/javascript; charset=utf-8', immutable: true },
      gzip: gzipSync(CODE),
    }),
  ],
]);

describe('the page', () => {
  let box: TestApi;
  beforeAll(async () => {
    box = await TestApi.start({ page: PAGE });
  });
  afterAll(() => box.close());

  it.each([
    '/',
    '/camera/0123456789abcdef',
    '/camera/0123456789abcdef?at=2026-11-22T15:04:05.000Z',
    '/cameras',
    '/cameras/new',
    '/cameras/0123456789abcdef',
    '/exports',
    '/storage',
    '/settings',
    '/privacy',
    '/privacy/plug',
    '/privacy/cloud',
    '/phones',
    '/privacy/asked',
    '/privacy/taken',
  ])('is at %s, for anybody', async (url) => {
    const answer = await box.send({ url });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.body).toBe(HTML);
  });

  it('is asked for each time, its hashed files once a year', async () => {
    const cached = async (url: string): Promise<unknown> =>
      (await box.send({ url })).headers['cache-control'];
    expect(await cached('/')).toBe('no-cache');
    expect(await cached('/assets/main-1a2b.js')).toBe('public, max-age=31536000, immutable');
  });

  it('is not sent again to who has it', async () => {
    const { etag } = (await box.send({ url: '/' })).headers;
    const again = await box.send({ url: '/', headers: { 'if-none-match': String(etag) } });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
    expect(again.headers.etag).toBe(etag);
    const other = await box.send({ url: '/', headers: { 'if-none-match': '"other"' } });
    expect(other.statusCode).toBe(200);
  });

  it('comes compressed to who takes that, and says that it depends', async () => {
    const url = '/assets/main-1a2b.js';
    const packed = await box.send({ url, headers: { 'accept-encoding': 'br, gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers['vary']).toBe('Accept-Encoding');
    expect(gunzipSync(packed.rawPayload).toString()).toBe(CODE);
    const plain = await box.send({ url });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body).toBe(CODE);
  });

  it('may load from this box and nowhere else, and cannot be framed', async () => {
    const { headers } = await box.send({ url: '/' });
    const policy = String(headers['content-security-policy']).split(/;\s*/);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.join()).not.toMatch(/unsafe|\*|https?:/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  it.each([
    '/index.html',
    '/assets/',
    '/assets/other.js',
    '/assets/../assets/main-1a2b.js/',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/package.json',
    '/camera',
    '/nowhere',
  ])('has no file %s', async (url) => {
    const answer = await box.send({ url });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('is not told of an address of the API that does not exist', async () => {
    const answer = await box.send({ url: '/api/nothing' });
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('says what to do where it was not built', async () => {
    const bare = await TestApi.start();
    try {
      const answer = await bare.send({ url: '/' });
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({
        detail: 'The page was not built.',
        hint: expect.stringContaining('npm start') as unknown,
      });
    } finally {
      await bare.close();
    }
  });
});
