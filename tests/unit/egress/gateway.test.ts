import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../../server/base/clock.ts';
import { type ConnectOptions, Gateway } from '../../../server/egress/gateway.ts';
import { TestClock } from '../../doubles/test-clock.ts';

const open: (Server | Socket)[] = [];

afterEach(() => {
  for (const one of open.splice(0)) {
    if ('destroy' in one) one.destroy();
    else one.close();
  }
});

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    open.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function options(port: number, more: Partial<ConnectOptions> = {}): ConnectOptions {
  const nothing = (): void => undefined;
  return { address: '127.0.0.1', port, tls: false, timeoutMs: 2_000, onData: nothing, ...more };
}

function gatewayWith(...ownPorts: number[]): Gateway {
  return new Gateway({ clock: new SystemClock(), ownPorts: () => new Set(ownPorts) });
}

describe('Gateway', () => {
  it('connects, hands over what is read, and counts', async () => {
    const port = await listen((socket) => {
      socket.end('hello');
    });
    const gateway = gatewayWith();
    let read = '';
    const onData = (bytes: Buffer): void => {
      read += bytes.toString();
    };
    const socket = await gateway.connect(options(port, { onData }));
    expect(gateway.counts).toEqual({ connected: 1, refused: 0, failed: 0, open: 1 });
    await new Promise((resolve) => socket.once('close', resolve));
    expect(read).toBe('hello');
    expect(gateway.counts.open).toBe(0);
  });

  it('reads nothing while the socket is paused', async () => {
    const port = await listen((socket) => socket.write(Buffer.alloc(8 * 1024 * 1024)));
    let read = 0;
    let socket: Socket | undefined;
    const paused = new Promise<void>((resolve) => {
      const onData = (bytes: Buffer): void => {
        read += bytes.length;
        socket?.pause();
        resolve();
      };
      void gatewayWith()
        .connect(options(port, { onData }))
        .then((connected) => {
          socket = connected;
        });
    });
    await paused;
    await new Promise((resolve) => setImmediate(resolve));
    const before = read;
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBe(before);
    socket?.resume();
    await new Promise((resolve) => setImmediate(resolve));
    await expect.poll(() => read).toBeGreaterThan(before);
    socket?.destroy();
  });

  it('never tries what the policy refuses', async () => {
    const gateway = gatewayWith(8080);
    await expect(gateway.connect(options(554, { address: '203.0.113.9' }))).rejects.toMatchObject({
      kind: 'unprocessable',
      reason: 'public-address',
    });
    await expect(gateway.connect(options(8080))).rejects.toMatchObject({ reason: 'own-port' });
    expect(gateway.counts).toEqual({ connected: 0, refused: 2, failed: 0, open: 0 });
  });

  it('says when a port is closed', async () => {
    const port = await listen(() => undefined);
    for (const one of open) if (!('destroy' in one)) one.close();
    const gateway = gatewayWith();
    await expect(gateway.connect(options(port))).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'connection-refused',
      message: `127.0.0.1 refuses connections on port ${String(port)}.`,
    });
    expect(gateway.counts.failed).toBe(1);
  });

  it('gives up in its stated time, and when its signal aborts', async () => {
    // TLS against a server that never answers the greeting: connected, but not there.
    const port = await listen(() => undefined);
    const clock = new TestClock();
    const gateway = new Gateway({ clock, ownPorts: () => new Set() });
    const late = gateway.connect(options(port, { tls: true }));
    const judged = expect(late).rejects.toMatchObject({ kind: 'timeout', reason: 'unreachable' });
    await clock.advance(2_000);
    await judged;

    const stop = new AbortController();
    const stopped = gateway.connect(options(port, { tls: true, signal: stop.signal }));
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
    expect(clock.pendingTimers).toBe(0);
  });
});
