/** Calls over real sockets: whatever happens is a value with words. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROBLEM_MEDIA_TYPE } from '../../../../server/contract/problem.ts';
import { call, NO_HINT } from '../../../../web/api/call.ts';
import { faultsOf } from '../../../fixtures/page-words.ts';

describe('a call', () => {
  let server: Server;
  let base: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    server = createServer((request, response) => {
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const problem = (extra: object) => (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(422, { 'Content-Type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8` });
    const words = { type: 'urn:doorkeep:problem:unprocessable', title: 'No', status: 422 };
    response.end(JSON.stringify({ ...words, detail: 'It does not answer.', ...extra }));
  };

  it('hands the box’s own words on', async () => {
    answer = problem({ hint: 'Is it powered?', reason: 'unreachable' });
    const outcome = await call('GET', `${base}/x`);
    expect(outcome).toEqual({
      ok: false,
      trouble: {
        ...{ kind: 'unprocessable', reason: 'unreachable', status: 422 },
        ...{ sentence: 'It does not answer.', hint: 'Is it powered?' },
      },
    });
  });

  it('has something to do where the box says nothing', async () => {
    answer = problem({});
    const outcome = await call('GET', `${base}/x`);
    expect(outcome.ok || outcome.trouble.hint).toBe(NO_HINT);
  });

  it('sends a body as JSON, and asks for a range where one is wanted', async () => {
    const seen: (string | undefined)[] = [];
    answer = (request, response) => {
      seen.push(request.headers['content-type'], request.headers.range);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"a":1}');
    };
    const posted = await call<{ a: number }>('POST', `${base}/x`, { body: {} });
    expect(posted.ok && posted.value).toEqual({ a: 1 });
    await call('GET', `${base}/x`, { range: 'bytes=0-0' });
    expect(seen).toEqual(['application/json', undefined, undefined, 'bytes=0-0']);
  });

  it.each([
    ['no words', 502],
    ['no answer', 0],
    ['calling off', -1],
  ])('has words of its own for %s', async (what, status) => {
    const stop = new AbortController();
    answer = (_request, response) => {
      if (status === 502) response.writeHead(502, { 'Content-Type': 'text/html' }).end('<p>');
      else if (status === 0) response.destroy();
      else stop.abort();
    };
    const outcome = await call('GET', `${base}/x`, { signal: stop.signal });
    const trouble = outcome.ok ? undefined : outcome.trouble;
    expect(trouble?.status).toBe(Math.max(0, status));
    expect(trouble?.kind).toBe(
      what === 'calling off' ? 'aborted' : what === 'no words' ? 'internal' : 'gone',
    );
    expect(faultsOf({ first: trouble?.sentence ?? '', rest: trouble?.hint ?? '' })).toEqual([]);
  });
});
