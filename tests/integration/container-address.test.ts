/**
 * A container on a bridge, started as the image starts it, and a phone that knows it by the address of the
 * machine around it. What Docker's NAT does to a packet, its target, is done by connecting to the bridge's
 * address; Host, Origin and the name that the phone checks the certificate for are the machine's.
 */
import { once } from 'node:events';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkServerIdentity, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DoorkeepServer, OWNER, until } from '../doubles/doorkeep-server.ts';
import { CONTAINER_USER, containerCommand } from '../fixtures/container-command.ts';
import { canMakeNetworks, NetworkNamespace } from '../fixtures/network-namespace.ts';

const PORT = 8080;

/** Of the machine around the container; nobody in it has it. */
const MACHINE = '192.168.77.20';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

async function answerTo(
  sent: ReturnType<typeof plainRequest>,
  body: object | undefined,
): Promise<Answer> {
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += String(part);
  return { status: response.statusCode, headers: response.headers, body: text };
}

/** What the certificate names that is shown at an address. */
async function namedAt(host: string, port = PORT): Promise<string[]> {
  const socket = connect({ host, port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subjectaltname = '' } = socket.getPeerCertificate();
  const closed = once(socket, 'close');
  socket.end();
  await closed;
  return subjectaltname.split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
}

describe.skipIf(!canMakeNetworks)('a container that was told nothing', () => {
  let bridge: NetworkNamespace;
  let dataPath: string;
  let printed = '';
  let authority = '';
  let cookie = '';

  beforeAll(async () => {
    bridge = await NetworkNamespace.create();
    dataPath = await mkdtemp(join(tmpdir(), 'doorkeep-container-'));
    await chown(dataPath, CONTAINER_USER, CONTAINER_USER);
    const server = bridge.spawn('sh', containerCommand(), {
      ...{ PATH: process.env['PATH'], HOME: '/nowhere' },
      ...{ DOORKEEP_DATA: dataPath, DOORKEEP_HOST: '0.0.0.0', DOORKEEP_ADDRESSES: '' },
    });
    server.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await until(() => printed.includes('setup-token'), { withinMs: 30_000, what: 'a greeting' });
  });
  afterAll(async () => {
    await bridge.remove();
    await rm(dataPath, { recursive: true, force: true });
  });

  /** Plain HTTP, as a browser that was led to `host`. */
  const plain = (path: string, host: string): Promise<Answer> => {
    const target = { host: bridge.ownAddress, port: PORT, agent: false };
    return answerTo(plainRequest({ ...target, path, headers: { host } }), undefined);
  };

  /** HTTPS, as a phone that trusts the box and looks for the machine's address in the certificate. */
  const secure = ({ path, method = 'GET', headers = {}, body }: Asked): Promise<Answer> => {
    const sent = secureRequest({
      ...{ host: bridge.ownAddress, port: PORT, agent: false, ca: authority, path, method },
      checkServerIdentity: (_host, certificate) => checkServerIdentity(MACHINE, certificate),
      headers: {
        host: `${MACHINE}:${String(PORT)}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    return answerTo(sent, body);
  };

  const origin = `https://${MACHINE}:${String(PORT)}`;

  it('says what to fill in, and no address of its own', () => {
    expect(printed).toContain(`is at https://ADDRESS:${String(PORT)}`);
    expect(printed).toContain(`http://ADDRESS:${String(PORT)}/ca.crt`);
    expect(printed).not.toContain(bridge.ownAddress);
    expect(printed).not.toContain('127.0.0.1');
  });

  it('is warned of by a phone that comes by an address it has not learned', async () => {
    expect(await namedAt(bridge.ownAddress)).not.toContain(MACHINE);
  });

  it.each([
    ...[
      '93.184.216.34',
      '[2001:db8::1]',
      'evil.example',
      'constructor',
      '__proto__',
      '169.254.169.254',
    ],
    ...[
      '[::ffff:192.168.77.20]',
      '[::ffff:c0a8:4d14]',
      '192.168.77.20.nip.io',
      '192.168.77',
      '127.0.0.1',
    ],
    ...['localhost', '192.168.77.20@evil.example', ' '],
  ])('learns nothing from a visit to “%s”', async (host) => {
    const before = await namedAt(bridge.ownAddress);
    await plain('/ca.crt', host).catch(() => undefined);
    expect(await namedAt(bridge.ownAddress)).toEqual(before);
  });

  it('gives the phone its authority, and is trusted at that address from then on', async () => {
    const file = await plain('/ca.crt', `${MACHINE}:${String(PORT)}`);
    expect(file.status).toBe(200);
    authority = file.body;
    expect(await secure({ path: '/api/health' })).toMatchObject({ status: 200 });
    expect(await namedAt(bridge.ownAddress)).toContain(MACHINE);
  });

  it('takes what the page there does, and nothing of another page', async () => {
    const setupToken = /code once: (\S+)/.exec(printed)?.[1] ?? '';
    const mine = { origin, 'sec-fetch-site': 'same-origin' };
    const post = { method: 'POST', headers: mine };
    const made = await secure({ ...post, path: '/api/setup', body: { setupToken, ...OWNER } });
    expect([made.status, made.body]).toEqual([201, expect.any(String)]);
    const other = { ...post, headers: { origin: 'https://192.168.77.21:8080' } };
    expect((await secure({ ...other, path: '/api/session', body: OWNER })).status).toBe(403);
    const entered = await secure({ ...post, path: '/api/session', body: OWNER });
    expect(entered.status).toBe(200);
    cookie = (entered.headers['set-cookie'] ?? [''])[0]?.split(';')[0] ?? '';
    expect(cookie).toMatch(/^__Host-doorkeep=/);
    const settings = await secure({ path: '/api/settings', headers: { cookie } });
    expect(JSON.parse(settings.body)).toMatchObject({
      addresses: [origin],
      learnedAddresses: [{ address: MACHINE, isOwners: true }],
    });
  });

  it('goes on being trusted there, whatever a guest claims', async () => {
    for (let guest = 1; guest <= 20; guest += 1) await plain('/', `10.66.0.${String(guest)}`);
    expect(await secure({ path: '/api/health' })).toMatchObject({ status: 200 });
    const settings = await secure({ path: '/api/settings', headers: { cookie } });
    const { addresses, learnedAddresses } = JSON.parse(settings.body) as {
      addresses: string[];
      learnedAddresses: unknown[];
    };
    expect(learnedAddresses).toHaveLength(8);
    expect(addresses).toEqual([origin]);
    const named = await namedAt(bridge.ownAddress);
    expect(named.filter((address) => address.startsWith('10.66.'))).toHaveLength(7);
  });

  it('names no more what the owner leaves out', async () => {
    const change = { method: 'PATCH', headers: { cookie, origin } };
    const body = { learnedAddresses: [MACHINE] };
    expect((await secure({ ...change, path: '/api/settings', body })).status).toBe(200);
    const named = await namedAt(bridge.ownAddress);
    expect(named).toContain(MACHINE);
    expect(named.filter((address) => address.startsWith('10.66.'))).toEqual([]);
  });
});

describe('a box that was told where it is', () => {
  it('says so, names it, and answers to the name', async () => {
    const server = await DoorkeepServer.start({
      env: { DOORKEEP_HOST: '0.0.0.0', DOORKEEP_ADDRESSES: `${MACHINE} porchbox.home.arpa` },
    });
    try {
      const port = Number(new URL(server.baseUrl).port);
      expect(server.output).toContain(`is at https://${MACHINE}:${String(port)}`);
      expect(server.output).toContain(`also at https://porchbox.home.arpa:${String(port)}`);
      const named = await namedAt('127.0.0.1', port);
      expect(named).toEqual(expect.arrayContaining([MACHINE, 'porchbox.home.arpa']));
      const ask = (host: string): Promise<Answer> =>
        answerTo(
          plainRequest({ host: '127.0.0.1', port, path: '/api/health', headers: { host } }),
          undefined,
        );
      expect((await ask('porchbox.home.arpa')).status).toBe(200);
      expect((await ask('porchbox.example')).status).toBe(403);
    } finally {
      await server.dispose();
    }
  });
});
