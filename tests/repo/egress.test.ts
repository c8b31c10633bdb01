/** G1 in the source: whatever could leave the process stands in one of the files named here, and in
 * what way. A new way is a new row, with its reason, for somebody to read. */
import { describe, expect, it } from 'vitest';
import { importsOf, pathOf } from './imports-of.ts';
import { codeBelow, textOf } from './tree.ts';
import { waysOutOf } from './ways-out-of.ts';

/** By file: the ways out that it has. */
const DOORS: Readonly<Record<string, { ways: readonly string[]; why: string }>> = {
  'server/api/error-reply.ts': { ways: ['http STATUS_CODES'], why: 'A table of words.' },
  'server/api/front-door.ts': {
    ways: ['http createServer', 'net Socket', 'tls createServer'],
    why: 'It takes connections; it opens none.',
  },
  'server/api/http-server.ts': { ways: ['http createServer'], why: 'It listens.' },
  'server/base/give-back.ts': {
    ways: ['worker_threads MessageChannel'],
    why: 'Moves a buffer to nowhere; no thread.',
  },
  'server/egress/guard-probe.ts': {
    ways: ['net connect'],
    why: 'Announces nothing: it is there to be refused.',
  },
  'server/egress/kernel-probe.ts': {
    ways: ['dgram createSocket', 'net isIPv6'],
    why: 'Two empty datagrams to nobody, by hand or where the kernel should refuse them.',
  },
  'server/egress/networks-in.ts': {
    ways: ['net BlockList,isIPv4'],
    why: 'Opens no socket.',
  },
  'server/config.ts': { ways: ['net isIP'], why: 'Opens no socket.' },
  'server/egress/network-ranges.ts': { ways: ['net isIP'], why: 'Opens no socket.' },
  'server/confine/system-programs.ts': {
    ways: ['child_process execFile'],
    why: 'Makes a service, once, by hand.',
  },
  'server/egress/policy.ts': { ways: ['net BlockList,isIP'], why: 'Opens no socket.' },
  'server/egress/gateway.ts': {
    ways: ['net connect', 'tls TLSSocket,connect'],
    why: 'The one place that connects.',
  },
  'server/egress/resolve.ts': {
    ways: ['dns/promises getServers,lookup'],
    why: 'A name that a person typed.',
  },
  'server/egress/guard-sockets.ts': { ways: ['dgram default', 'net Socket'], why: 'Guards them.' },
  'server/egress/guard-names.ts': { ways: ['dns default', 'net isIP'], why: 'Guards it.' },
  'server/egress/guard-programs.ts': {
    ways: ['child_process default', 'inspector default', 'worker_threads default'],
    why: 'Guards them.',
  },
  'server/ffmpeg/ffmpeg-process.ts': { ways: ['child_process spawn'], why: 'Starts ffmpeg.' },
  'server/keys/key-process.ts': { ways: ['child_process fork'], why: 'Starts the key process.' },
  'server/rtsp/relay.ts': { ways: ['net createServer'], why: 'It listens, on loopback.' },
};

/** Who may announce something to the guard. */
const ANNOUNCERS: Readonly<Record<string, string>> = {
  'server/egress/gateway.ts': 'Connections.',
  'server/egress/resolve.ts': 'Look-ups.',
  'server/egress/guard-sockets.ts': 'Asks whether it was.',
  'server/egress/guard-names.ts': 'Asks whether it was.',
  'server/egress/guard-programs.ts': 'Asks whether it was.',
  'server/egress/program-rules.ts': 'The names of programs.',
  'server/confine/system-programs.ts': 'systemctl and useradd.',
  'server/ffmpeg/ffmpeg-process.ts': 'ffmpeg.',
  'server/keys/key-process.ts': 'The key process.',
  'server/egress/kernel-probe.ts': 'Its datagrams.',
  'server/open-egress.ts': 'Where ffmpeg is.',
};

// server/setup runs before anything is compiled, as npm does, and never beside the server.
const files = codeBelow('server').filter((path) => !path.startsWith('server/setup/'));

describe('the ways out of the process', () => {
  it('are in these files and in no other', () => {
    const found = files
      .map((path) => ({ path, ways: waysOutOf(textOf(path), path).sort() }))
      .filter(({ ways }) => ways.length > 0);
    const named = Object.entries(DOORS).map(([path, { ways }]) => ({ path, ways }));
    const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);
    expect(found.sort(byPath)).toEqual(named.sort(byPath));
  });

  it('are announced by these files and by no other', () => {
    const found = files.filter((path) =>
      importsOf(path).some((one) => pathOf(one) === 'server/egress/permits.ts'),
    );
    expect(found.sort()).toEqual(Object.keys(ANNOUNCERS).sort());
  });

  it.each([
    [`import { connect } from 'node:net';`, 'net connect'],
    [`import { connect } from 'net';`, 'net connect'],
    [`import { type Socket, connect as c } from 'node:tls';`, 'tls connect'],
    [`import * as http from 'node:https';`, 'https *'],
    [`import http2 from 'node:http2';`, 'http2 default'],
    [`export { lookup } from 'node:dns/promises';`, 'dns/promises *'],
    [`import 'node:inspector';`, 'inspector '],
    [`const { spawn } = await import('node:child_process');`, 'child_process *'],
    ['await import(`node:dgram`);', 'dgram *'],
    [`await import(name);`, 'import of a value'],
    [`import { Worker } from 'node:worker_threads';`, 'worker_threads Worker'],
    [`import cluster from 'node:cluster';`, 'cluster default'],
    [`await fetch('http://x/');`, 'global fetch'],
    [`await globalThis.fetch('http://x/');`, 'global fetch'],
    [`await globalThis['fetch']('http://x/');`, 'global fetch'],
    [`const go = { go: fetch };`, 'global fetch'],
    [`new WebSocket('ws://x/');`, 'global WebSocket'],
    [`new EventSource('http://x/');`, 'global EventSource'],
    [`require('net');`, 'global require'],
    [`process.binding('tcp_wrap');`, 'process.binding'],
    [`process.getBuiltinModule('net');`, 'process.getBuiltinModule'],
    [`new Function('return fetch')();`, 'global Function'],
  ])('are found when they are planted: %s', (planted, way) => {
    expect(waysOutOf(planted)).toContain(way);
  });

  it.each([
    `import type { Socket } from 'node:net';`,
    `import { type Socket } from 'node:net';`,
    `let socket: WebSocket | undefined; interface Own extends WebSocket { fetch: string }`,
    `own.fetch(); ({ fetch: 1 });`,
    `await import('./fsck.ts');`,
  ])('are not seen where there are none: %s', (harmless) => {
    expect(waysOutOf(harmless)).toEqual([]);
  });
});
