/** The container's start, as root in a network namespace of its own: rules first, then no privileges at all. */
import { readFileSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { until } from '../doubles/doorkeep-server.ts';
import {
  CONTAINER_START,
  CONTAINER_USER,
  containerCommand,
} from '../fixtures/container-command.ts';
import { canMakeNetworks, NetworkNamespace } from '../fixtures/network-namespace.ts';

describe.skipIf(!canMakeNetworks)('the container’s start', () => {
  let box: NetworkNamespace;
  let dataPath: string;
  beforeAll(async () => {
    box = await NetworkNamespace.create();
    dataPath = await mkdtemp(join(tmpdir(), 'doorkeep-container-'));
    await chown(dataPath, CONTAINER_USER, CONTAINER_USER);
  });
  afterAll(async () => {
    await box.remove();
    await rm(dataPath, { recursive: true, force: true });
  });

  const env = (): NodeJS.ProcessEnv => ({
    ...{ PATH: process.env['PATH'], HOME: '/nowhere' },
    ...{ DOORKEEP_DATA: dataPath, DOORKEEP_HOST: '0.0.0.0' },
  });

  it('refuses a namespace with network cards, which is the whole machine’s', async () => {
    const withCard = 'mount -t tmpfs none /sys/class/net && mkdir -p /sys/class/net/eth0/device';
    const ran = await box.run('sh', containerCommand(withCard));
    expect(ran.stderr).toContain('shares the network of the whole machine');
    expect(ran.status).toBe(1);
    expect((await box.run('nft', ['list', 'tables'])).stdout).toBe('');
  });

  it('does not start the server where the rules cannot be written', async () => {
    // Whoever may not administrate the namespace.
    const drop = 'setpriv --bounding-set=-net_admin --inh-caps=-all';
    const ran = await box.run('sh', [
      '-c',
      `cd '${PACKAGE_ROOT}' && exec ${drop} ./${CONTAINER_START}`,
    ]);
    expect(ran.status).not.toBe(0);
    expect(ran.stdout).not.toContain('Doorkeep ');
  });

  it('loads the rules, gives up every privilege, and serves', async () => {
    const server = box.spawn('sh', containerCommand(), env());
    let printed = '';
    server.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    server.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await until(() => printed.includes('Doorkeep '), { withinMs: 30_000, what: 'a greeting' });
    const status = readFileSync(`/proc/${String(server.pid)}/status`, 'utf8');
    const field = (name: string): string =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1] ?? '';
    expect(field('Uid').split('\t')).toEqual(Array<string>(4).fill(String(CONTAINER_USER)));
    expect(field('Groups').trim()).toBe('');
    for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect([name, field(name)]).toEqual([name, '0000000000000000']);
    }
    expect(field('NoNewPrivs')).toBe('1');
    const rules = (await box.run('nft', ['list', 'table', 'inet', 'doorkeep'])).stdout;
    expect(rules).toContain('hook output priority filter; policy drop;');
    expect(rules).toContain('hook input priority filter; policy drop;');
    // The server itself can no longer take them back.
    const asServer = ['--reuid=1000', '--regid=1000', '--clear-groups', '--bounding-set=-all'];
    const flush = await box.run('setpriv', [...asServer, 'nft', 'flush', 'ruleset']);
    expect(flush.status).not.toBe(0);
    expect((await box.run('nft', ['list', 'tables'])).stdout).toContain('inet doorkeep');
  });
});
