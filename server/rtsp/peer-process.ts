/** Whether the program at the other end of a loopback connection is a given process. */
import { readFile, readdir, readlink } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** The state column of /proc/net/tcp for ESTABLISHED (Linux, include/net/tcp_states.h). */
const ESTABLISHED = '01';

/**
 * True when process `pid` holds the other end of `socket`, an IPv4 loopback connection. On Linux the
 * kernel says so: the peer's inode in `/proc/net/tcp` is one of the process's descriptors. Where
 * there is no such table, true: there the unguessable path alone protects.
 */
export async function peerIsProcess(socket: Socket, pid: number | undefined): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (pid === undefined || remoteAddress === undefined || localAddress === undefined) return false;
  if (remotePort === undefined || localPort === undefined) return false;
  // Seen from the peer, its own end is the local one.
  const ends = `${tableForm(remoteAddress, remotePort)} ${tableForm(localAddress, localPort)}`;
  try {
    const inode = findInode(await readFile('/proc/net/tcp', 'latin1'), ends);
    return inode !== undefined && (await holdsSocket(pid, inode));
  } catch {
    // The process is gone, or /proc is hidden from us: not shown to be ours.
    return false;
  }
}

// Columns: slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode.
function findInode(table: string, ends: string): string | undefined {
  for (const row of table.split('\n')) {
    const columns = row.trim().split(/\s+/);
    if (`${columns[1] ?? ''} ${columns[2] ?? ''}` !== ends || columns[3] !== ESTABLISHED) continue;
    return columns[9];
  }
  return undefined;
}

async function holdsSocket(pid: number, inode: string): Promise<boolean> {
  const directory = `/proc/${String(pid)}/fd`;
  for (const descriptor of await readdir(directory)) {
    // A descriptor may close between the listing and the look.
    const target = await readlink(`${directory}/${descriptor}`).catch(() => '');
    if (target === `socket:[${inode}]`) return true;
  }
  return false;
}

// An IPv4 address as the kernel prints it: four bytes in host order (little-endian on every
// machine that Node.js supports but s390x), then the port.
function tableForm(address: string, port: number): string {
  const bytes = address.replace('::ffff:', '').split('.').map(Number);
  const hex = (value: number, digits: number): string =>
    value.toString(16).toUpperCase().padStart(digits, '0');
  return `${bytes
    .reverse()
    .map((byte) => hex(byte, 2))
    .join('')}:${hex(port, 4)}`;
}
