import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { peerIsProcess } from '../../../server/rtsp/peer-process.ts';

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A server that hands over its first connection, and the port it listens on. */
async function acceptOne(): Promise<{ port: number; accepted: Promise<Socket> }> {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => {
    server.once('connection', (socket) => {
      cleanups.push(() => socket.destroy());
      resolve(socket);
    });
  });
  cleanups.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, accepted };
}

describe.runIf(process.platform === 'linux')('peerIsProcess', () => {
  it('knows a child by the socket that it holds', async () => {
    const { port, accepted } = await acceptOne();
    const child = spawn(process.execPath, ['-e', `net.connect(${String(port)}, '127.0.0.1')`]);
    cleanups.push(() => child.kill('SIGKILL'));
    const socket = await accepted;
    expect(await peerIsProcess(socket, child.pid)).toBe(true);
    expect(await peerIsProcess(socket, process.pid)).toBe(false);
    expect(await peerIsProcess(socket, undefined)).toBe(false);
    expect(await peerIsProcess(socket, 2 ** 22 + 1)).toBe(false);
  });

  it('does not know a connection that is gone', async () => {
    const { port, accepted } = await acceptOne();
    const client = connect(port, '127.0.0.1');
    const socket = await accepted;
    expect(await peerIsProcess(socket, process.pid)).toBe(true);
    client.destroy();
    await new Promise((resolve) => socket.on('close', resolve).resume());
    expect(await peerIsProcess(socket, process.pid)).toBe(false);
  });
});
