import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Listening } from '../../../server/api/listening.ts';
import { TestApi } from '../../doubles/test-api.ts';

let box: TestApi;
let listening: Listening;

beforeEach(async () => {
  box = await TestApi.start();
  listening = new Listening(box.api, 0);
});
afterEach(() => box.close());

function address(): string {
  return (box.api.server.address() as AddressInfo).address;
}

async function health(host: string): Promise<number> {
  const url = `http://${host}:${String(listening.port)}/api/health`;
  return (await fetch(url, { headers: { connection: 'close' } })).status;
}

describe('listening', () => {
  it('takes a free port, and keeps it wherever it listens', async () => {
    await listening.listen(['127.0.0.1']);
    const { port } = listening;
    expect(port).toBeGreaterThan(0);
    for (const [host, reached] of [
      ['0.0.0.0', '127.0.0.1'],
      ['127.0.0.2', '127.0.0.2'],
      ['127.0.0.1', '127.0.0.1'],
    ] as const) {
      await listening.listen([host]);
      expect(address()).toBe(host);
      expect(listening.port).toBe(port);
      expect(await health(reached)).toBe(200);
    }
    await expect(health('127.0.0.2')).rejects.toThrow();
  });

  it('finishes the answer that is under way when it moves', async () => {
    await listening.listen(['127.0.0.1']);
    await box.setUp();
    const source = { type: 'rtsp', url: 'rtsp://10.0.0.9/' };
    const payload = { name: 'Porch', source };
    const added = await box.asOwner({ method: 'POST', url: '/api/cameras', payload });
    const { id } = added.json<{ id: string }>();
    box.cameras.hangs = true;
    const timers = box.clock.pendingTimers;
    const sent = get({
      ...{ host: '127.0.0.1', port: listening.port, path: `/api/cameras/${id}/snapshot` },
      headers: { host: 'localhost', cookie: box.cookie },
    });
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    // Its own, and that of the presence which a picture leaves.
    await expect.poll(() => box.clock.pendingTimers).toBe(timers + 2);
    await listening.listen(['127.0.0.2']);
    // The time limit of a camera answers it, over the old connection.
    await box.clock.advance(15_000);
    const [response] = await answered;
    response.resume();
    expect(response.statusCode).toBe(422);
    expect(await health('127.0.0.2')).toBe(200);
  });

  it('goes on to the next address where a system has not the first family', async () => {
    // A documentation address (RFC 3849) stands for a family that is not there.
    await listening.listen(['2001:db8::1', '127.0.0.1']);
    expect(address()).toBe('127.0.0.1');
  });

  it('stays where it was when the new place is taken, and says so', async () => {
    await listening.listen(['127.0.0.1']);
    const other = createServer().listen(listening.port, '127.0.0.3');
    await once(other, 'listening');
    await expect(listening.listen(['127.0.0.3'])).rejects.toMatchObject({
      ...{ kind: 'unavailable', reason: 'address-in-use' },
    });
    expect(await health('127.0.0.1')).toBe(200);
    other.close();
  });

  it('says when an address is not the machine’s', async () => {
    await expect(listening.listen(['203.0.113.7'])).rejects.toMatchObject({
      ...{ kind: 'unavailable', reason: 'settings' },
      message: expect.stringContaining('203.0.113.7') as string,
    });
  });
});
