/** The guard of the build, each time in a process of its own: it cannot be taken out again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../server/config.ts';
import { importsOf, pathOf } from '../../repo/imports-of.ts';
import {
  type Guarded,
  inGuardedProcess,
  inOneGuardedProcess,
} from '../../fixtures/guarded-process.ts';

/** Reserved for documentation (RFC 5737, RFC 3849, RFC 2606): nobody is there. */
const V4 = '192.0.2.1';
const V6 = '2001:db8::1';
const NAME = 'doorkeep.example';

/** Resolves with an emitter's error. */
const FAILS = `globalThis.fails = (emitter) => new Promise((resolve, reject) => {
  emitter.on('error', reject);
  for (const event of ['connect', 'secureConnect', 'response']) emitter.on(event, resolve);
});
globalThis.answered = (ask) => new Promise((resolve, reject) => {
  ask((error, value) => (error ? reject(error) : resolve(String(value))));
});`;

interface Try {
  readonly what: string;
  readonly script: string;
  readonly way: string;
  readonly to: string | RegExp;
}

const TRIES: readonly Try[] = [
  ...[
    ['net.connect', `(await import('node:net')).connect(443, '${V4}')`],
    [
      'net.connect with options',
      `(await import('node:net')).connect({ host: '${V4}', port: 443 })`,
    ],
    [
      'a Socket of its own',
      `new (await import('node:net')).Socket().connect({ host: '${V4}', port: 443 })`,
    ],
    ['tls.connect', `(await import('node:tls')).connect(443, '${V4}')`],
    ['http.get', `(await import('node:http')).get('http://${V4}:443/')`],
    ['https.get', `(await import('node:https')).get('https://${V4}/')`],
    ['http2.connect', `(await import('node:http2')).connect('https://${V4}')`],
    [
      'require, not import',
      `(await import('node:module')).createRequire(built + '/x.js')('net').connect(443, '${V4}')`,
    ],
  ].map(([what = '', script = '']) => ({
    ...{ what, script: `await fails(${script});`, way: 'connection', to: `${V4}:443` },
  })),
  {
    what: 'IPv6',
    script: `await fails((await import('node:net')).connect(443, '${V6}'));`,
    ...{ way: 'connection', to: `[${V6}]:443` },
  },
  {
    what: 'a connection to a name',
    script: `await fails((await import('node:net')).connect(443, '${NAME}'));`,
    ...{ way: 'connection', to: `${NAME}:443` },
  },
  {
    what: 'a socket of the file system',
    script: `await fails((await import('node:net')).connect('/var/run/docker.sock'));`,
    ...{ way: 'connection', to: '/var/run/docker.sock' },
  },
  {
    what: 'fetch',
    script: `await fetch('http://${V4}:81/secret?of=ours');`,
    ...{ way: 'connection', to: `${V4}:81` },
  },
  ...[
    'bind(0)',
    `send('x', 53, '${V4}')`,
    `connect(53, '${V4}')`,
    `addMembership('224.0.0.251')`,
  ].map((call) => ({
    what: `dgram: ${call}`,
    script: `(await import('node:dgram')).createSocket('udp4').${call};`,
    ...{ way: 'datagram', to: /./ },
  })),
  {
    what: 'dgram over IPv6',
    script: `(await import('node:dgram')).createSocket('udp6').send('x', 53, '${V6}');`,
    ...{ way: 'datagram', to: `${V6}:53` },
  },
  ...['lookup', 'resolve', 'resolve4', 'resolveTxt', 'reverse'].flatMap((query) => {
    const to = query === 'reverse' ? V4 : NAME;
    const ways = [
      `await answered((done) => dns.${query}('${to}', done));`,
      `await dns.promises.${query}('${to}');`,
      ...(query === 'lookup'
        ? []
        : [
            `const own = new dns.Resolver(); own.setServers(['${V4}']);
             await answered((done) => own.${query}('${to}', done));`,
            `const own = new dns.promises.Resolver(); own.setServers(['${V4}']);
             await own.${query}('${to}');`,
          ]),
    ];
    return ways.map((script, index) => ({
      what: `dns ${query}, way ${index}`,
      script: `const dns = (await import('node:dns')).default; ${script}`,
      ...{ way: 'look-up', to },
    }));
  }),
  {
    what: 'lookupService',
    script: `await (await import('node:dns/promises')).lookupService('${V4}', 80);`,
    ...{ way: 'look-up', to: V4 },
  },
  ...[
    `spawn('curl', ['http://${V4}/'])`,
    `exec('curl http://${V4}/')`,
    `execFile('/usr/bin/curl', ['http://${V4}/'])`,
    `spawnSync('curl', [])`,
    `execSync('curl http://${V4}/')`,
    `execFileSync('curl', [])`,
  ].map((call) => ({
    what: call,
    script: `(await import('node:child_process')).${call};`,
    ...{ way: 'program', to: /^(curl|sh)$/ },
  })),
  {
    what: 'fork',
    script: `(await import('node:child_process')).fork('/nothing.js');`,
    ...{ way: 'program', to: 'node' },
  },
  {
    what: 'node:cluster',
    script: `const { default: cluster } = await import('node:cluster');
      cluster.setupPrimary({ exec: '/nothing.js' }); cluster.fork();`,
    ...{ way: 'program', to: 'node' },
  },
  {
    what: 'a worker thread',
    script: `new (await import('node:worker_threads')).Worker('0', { eval: true });`,
    ...{ way: 'thread', to: 'worker thread' },
  },
  {
    what: 'the inspector',
    script: `(await import('node:inspector')).open(0);`,
    ...{ way: 'inspector', to: 'inspector' },
  },
  {
    what: 'a binding below the modules',
    script: `process.binding('tcp_wrap');`,
    ...{ way: 'internals', to: 'tcp_wrap' },
  },
];

describe('the guard', () => {
  let tried: readonly Guarded[];
  beforeAll(async () => {
    tried = await inOneGuardedProcess([FAILS, ...TRIES.map(({ script }) => script)]);
  });

  it.each(TRIES.map((one, index) => ({ ...one, index })))(
    'refuses and records $what',
    ({ index, way, to }) => {
      const { outcome, refusals } = tried[index + 1]!;
      expect(outcome).toBe('not-announced');
      const stated = { way, reason: 'not-announced', who: { kind: 'program' } };
      expect(refusals).toEqual([expect.objectContaining({ way, reason: 'not-announced' })]);
      expect(refusals[0]).toMatchObject(stated);
      if (typeof to === 'string') expect(refusals[0]!.to).toBe(to);
      else expect(refusals[0]!.to).toMatch(to);
    },
  );

  it('is what refuses: without it the same script fails by itself, later and otherwise', async () => {
    const script = `${FAILS} await fails((await import('node:net')).connect(1, '127.0.0.1'));`;
    const free = await inGuardedProcess(script, { unguarded: true });
    expect(free).toEqual({ outcome: 'ECONNREFUSED', refusals: [] });
    expect((await inGuardedProcess(script)).outcome).toBe('not-announced');
  });

  it('holds for names that were imported before it', async () => {
    const before = `import { connect } from 'node:net'; import { lookup } from 'node:dns/promises';
      import { spawn } from 'node:child_process'; import { Worker } from 'node:worker_threads';`;
    const calls = [
      `await fails(connect(443, '${V4}'));`,
      `await lookup('${NAME}');`,
      `spawn('curl');`,
      `new Worker('0', { eval: true });`,
    ];
    const [, ...all] = await inOneGuardedProcess([FAILS, ...calls], { before });
    expect(all.map(({ outcome }) => outcome)).toEqual(calls.map(() => 'not-announced'));
  });

  it('cannot be taken out again', async () => {
    const script = `
      const { Socket } = await import('node:net');
      Socket.prototype.connect = function () { return this; };`;
    expect((await inGuardedProcess(script)).outcome).toMatch(/read only|Cannot assign/);
  });

  it('leaves listening, accepting and literals alone', async () => {
    const script = `
      const { createServer } = await import('node:net');
      const server = createServer((socket) => socket.end('hello'));
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { lookup } = await import('node:dns/promises');
      return (await lookup('127.0.0.1')).address;`;
    expect(await inGuardedProcess(script)).toEqual({ outcome: '127.0.0.1', refusals: [] });
  });

  it('lets the gateway go where it announced, once, and nowhere else', async () => {
    const after = `import { withPermit } from 'file://${join(PACKAGE_ROOT, 'dist')}/server/egress/permits.js';
      import { connect } from 'node:net';`;
    const permit = `{ kind: 'connection', address: '127.0.0.1', port: 1 }`;
    const scripts = [
      `withPermit(${permit}, () => connect(1, '127.0.0.1'))`,
      `withPermit(${permit}, () => connect(2, '127.0.0.1'))`,
      `withPermit(${permit}, () => connect(1, '127.0.0.2'))`,
      `withPermit(${permit}, () => (connect(1, '127.0.0.1').on('error', () => {}), connect(1, '127.0.0.1')))`,
      `await withPermit(${permit}, async () => { await 0; return connect(1, '127.0.0.1'); })`,
    ].map((script) => `await fails(${script});`);
    const [, there, ...elsewhere] = await inOneGuardedProcess([FAILS, ...scripts], { after });
    expect(there).toEqual({ outcome: 'ECONNREFUSED', refusals: [] });
    expect(elsewhere.map(({ outcome }) => outcome)).toEqual(Array(4).fill('not-announced'));
  });

  it('starts ffmpeg from its one place, with pipes and loopback, and in no other way', async () => {
    const { outcome, refusals } = await inGuardedProcess(
      `nameProgram('ffmpeg', '/bin/true');
       const start = (path, args, env = {}) => {
         try {
           withPermit({ kind: 'program', program: 'ffmpeg', path }, () => spawn(path, args, { env }));
           return 'started';
         } catch (error) { return error.reason; }
       };
       const fine = ['-i', 'pipe:0', '-f', 'mjpeg', 'pipe:1'];
       return [
         start('/bin/true', fine),
         start('/bin/false', fine),
         start('/bin/true', ['-i', 'http://${V4}/', 'pipe:1']),
         start('/bin/true', fine, { LD_PRELOAD: 'x' }),
       ].join();`,
      {
        after: `import { nameProgram, withPermit } from 'file://${join(PACKAGE_ROOT, 'dist')}/server/egress/permits.js';
          import { spawn } from 'node:child_process';`,
      },
    );
    expect(outcome).toBe('started,not-announced,not-announced,not-announced');
    expect(refusals.map(({ to }) => to)).toEqual(['false', 'true', 'true']);
  });

  it('gives SIGUSR1 no inspector, and closes one that was asked for', async () => {
    const { outcome, refusals } = await inGuardedProcess(
      `process.kill(process.pid, 'SIGUSR1');
       await new Promise((resolve) => setTimeout(resolve, 200));
       return String((await import('node:inspector')).url());`,
      { flags: ['--inspect=127.0.0.1:0'] },
    );
    expect(outcome).toBe('undefined');
    expect(refusals.map(({ way, to }) => `${way} ${to}`)).toEqual([
      ...['inspector --inspect', 'inspector SIGUSR1'],
    ]);
  });

  it('says which part of the program it was, and no path of the machine', async () => {
    const { refusals } = await inGuardedProcess(
      `await fetch('http://${V4}/').catch(() => undefined);`,
    );
    expect(refusals[0]?.who).toEqual({ kind: 'program', name: '[eval1]' });
  });

  it('is the first import of every process of ours', () => {
    const entries = ['main.ts', 'keys/key-worker.ts', 'cli/doorkeep.ts'];
    for (const entry of entries) {
      const text = readFileSync(join(PACKAGE_ROOT, 'server', entry), 'utf8');
      expect(/^import .*$/m.exec(text)?.[0]).toMatch(/^import '\.\.?\/egress\/guard\.ts';$/);
    }
  });

  it('imports no package, which could keep what it found', () => {
    const files = new Set(['server/egress/guard.ts']);
    const packages: string[] = [];
    for (const file of files) {
      for (const found of importsOf(file).filter(({ typeOnly }) => !typeOnly)) {
        const path = pathOf(found);
        if (path !== undefined) files.add(path);
        else if (!found.specifier.startsWith('node:')) packages.push(found.specifier);
      }
    }
    expect(files.size).toBeGreaterThan(5);
    expect(packages).toEqual([]);
  });
});
