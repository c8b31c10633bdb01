import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TRUST_CHECK } from '../../../server/api/service-workers.ts';
import { TestApi } from '../../doubles/test-api.ts';
import { textOf } from '../../repo/tree.ts';

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});

afterEach(() => box.close());

/** Every route that is described, with something in the place of each parameter. */
async function described(): Promise<{ method: string; url: string }[]> {
  const answer = await box.send({ url: '/api/openapi.json' });
  const { paths } = answer.json<{ paths: Record<string, Record<string, unknown>> }>();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      url: path.replaceAll(/\{\w+\}/g, '0123456789abcdef'),
    })),
  );
}

describe('no cache anywhere keeps', () => {
  it('an answer of the API, whoever asks and whatever comes of it', async () => {
    const routes = await described();
    expect(routes.length).toBeGreaterThan(50);
    const kept: string[] = [];
    for (const { method, url } of routes) {
      for (const who of [box.send.bind(box), box.asOwner.bind(box)]) {
        // Without a body: what is asked for here is refused by most, and refusals are not kept either.
        const answer = await who({ method: method as 'GET', url });
        if (answer.headers['cache-control'] !== 'no-store') kept.push(`${method} ${url}`);
        if (url === '/api/session' && method === 'DELETE') await box.signIn();
      }
    }
    expect(kept).toEqual([]);
  });

  it('an answer about what does not exist', async () => {
    for (const url of ['/api/none', '/api/cameras/%00', '/none/none', '/api']) {
      expect((await box.asOwner({ url })).headers['cache-control']).toBe('no-store');
    }
  });
});

describe('a script that would run behind the page', () => {
  it('is not handed out, whatever its address', async () => {
    for (const url of ['/', '/icon.svg', '/api/health', '/sw.js']) {
      const answer = await box.asOwner({ url, headers: { 'service-worker': 'script' } });
      expect([answer.statusCode, answer.json<{ reason: string }>().reason]).toEqual([
        ...[403, 'service-worker'],
      ]);
    }
  });

  it('is handed out once: the one without a line of code', async () => {
    const url = TRUST_CHECK;
    const answer = await box.send({ url, headers: { 'service-worker': 'script' } });
    // The page is not built in this test; what counts is that it is not refused as the others are.
    expect(answer.statusCode).not.toBe(403);
    const lines = textOf(`web/public${TRUST_CHECK}`).split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('//'))).toEqual([]);
  });

  it('has no place in what the page may load', async () => {
    const { headers } = await box.send({ url: '/' });
    const policy = String(headers['content-security-policy']);
    for (const part of ["worker-src 'self'", "connect-src 'self'", "frame-src 'none'"]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  });
});
