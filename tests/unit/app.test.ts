import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApp, type App, type AppOptions } from '../../server/app.ts';
import { SystemClock } from '../../server/base/clock.ts';
import { createLog } from '../../server/base/log.ts';

let dataPath: string;
let printed: string[];
let logged: string[];
let defects: unknown[];
let started: App[];

beforeEach(async () => {
  dataPath = await mkdtemp(join(tmpdir(), 'doorkeep-app-'));
  ({ printed, logged, defects, started } = { printed: [], logged: [], defects: [], started: [] });
});

afterEach(async () => {
  for (const app of started) await app.stop();
  await rm(dataPath, { recursive: true, force: true });
  expect(defects).toEqual([]);
});

/** What a test makes different: the port, DOORKEEP_HOST, the person at the terminal. */
interface StartOptions extends Pick<AppOptions, 'ask'> {
  host?: string | undefined;
}

async function start(port = 0, options: StartOptions = { host: '127.0.0.1' }): Promise<App> {
  const { host, ask } = options;
  const app = await startApp({
    config: { dataPath, host, port, ffmpegPath: 'no-ffmpeg', version: '0.0.0' },
    ...(ask && { ask }),
    clock: new SystemClock(),
    log: createLog((line) => logged.push(line)),
    print: (line) => printed.push(line),
    onDefect: (error) => defects.push(error),
    onRestored: () => defects.push('restored'),
  });
  started.push(app);
  return app;
}

async function health(app: App): Promise<unknown> {
  return (await fetch(`${app.address}/api/health`)).json();
}

describe('starting', () => {
  it('answers, and greets with the code for the set-up', async () => {
    const app = await start();
    expect(await health(app)).toEqual({ status: 'ok', version: '0.0.0', setUp: false });
    const code = (await readFile(join(dataPath, 'setup-token'), 'utf8')).trim();
    expect(printed.join('\n')).toContain(app.address);
    expect(printed.join('\n')).toContain(code);
    // For the terminal only: a log is kept, copied and shown to others.
    expect(logged.join('')).not.toContain(code);
  });

  it('leaves Node nothing to warn of, which would stand below the greeting', async () => {
    const warned: string[] = [];
    const listener = ({ message }: Error): number => warned.push(message);
    process.on('warning', listener);
    const app = await start();
    // The loops have begun to wait when an answer or two were given.
    for (let asked = 0; asked < 20; asked += 1) await health(app);
    process.off('warning', listener);
    expect(warned).toEqual([]);
  });

  it('refuses a data folder that is in use, and leaves it to its owner', async () => {
    const app = await start();
    await expect(start()).rejects.toMatchObject({ kind: 'conflict', reason: 'in-use' });
    expect(await health(app)).toMatchObject({ status: 'ok' });
  });

  it('refuses a port that is taken, and gives back what it had opened', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start(port)).rejects.toMatchObject({
      ...{ kind: 'unavailable', reason: 'address-in-use' },
      hint: expect.stringContaining('DOORKEEP_PORT') as string,
    });
    other.close();
    expect(await health(await start())).toMatchObject({ status: 'ok' });
  });

  it('refuses a damaged box key, and gives back what it had opened', async () => {
    await (await start()).stop();
    const path = join(dataPath, 'keys', 'box.key');
    const whole = await readFile(path);
    await writeFile(path, 'short');
    await chmod(path, 0o600);
    await expect(start()).rejects.toMatchObject({ kind: 'conflict', reason: 'unsafe-file' });
    await writeFile(path, whole);
    expect(await health(await start())).toMatchObject({ status: 'ok' });
  });
});

describe('on a box without a screen', () => {
  it('a yes opens it to the home, and the greeting says where', async () => {
    const app = await start(0, { ask: () => Promise.resolve(true) });
    const { port } = new URL(app.address);
    await expect.poll(() => printed.join('\n')).toMatch(/use this code once/);
    expect(printed.join('\n')).toContain(`on this machine at http://127.0.0.1:${port}`);
    expect(await health(app)).toMatchObject({ status: 'ok' });
    const authority = await (await fetch(`${app.address}/ca.crt`)).text();
    expect(authority).toContain('BEGIN CERTIFICATE');
    const { fingerprint256 } = new X509Certificate(authority);
    expect(printed.join('').replaceAll(/\s/g, '')).toContain(fingerprint256.slice(0, 47));
  });

  it('the answer is remembered, and never asked for again', async () => {
    await (await start(0, { ask: () => Promise.resolve(false) })).stop();
    let asked = 0;
    await start(0, {
      ask: () => {
        asked += 1;
        return Promise.resolve(true);
      },
    });
    expect(asked).toBe(0);
    expect(printed.join('')).not.toContain('https://');
  });

  it('no answer decides nothing: the next start asks again', async () => {
    await (await start(0, { ask: () => Promise.resolve(undefined) })).stop();
    let asked = 0;
    const ask = (): Promise<undefined> => Promise.resolve(void (asked += 1));
    await start(0, { ask });
    expect(asked).toBe(1);
  });

  it('nobody is asked where DOORKEEP_HOST decides', async () => {
    let asked = 0;
    const ask = (): Promise<undefined> => Promise.resolve(void (asked += 1));
    await start(0, { host: '127.0.0.1', ask });
    expect(asked).toBe(0);
  });

  it('records and answers while it waits, and stops in the middle of the question', async () => {
    const ask = (signal: AbortSignal): Promise<undefined> =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve(undefined);
        });
      });
    const app = await start(0, { ask });
    expect(await health(app)).toMatchObject({ status: 'ok' });
    expect(printed).toEqual([]);
    await app.stop();
    expect(printed).toEqual([]);
  });
});

describe('stopping', () => {
  it('twenty times leaves no timer and no socket of ours', async () => {
    const before = await ours();
    for (let round = 0; round < 20; round += 1) {
      const app = await start();
      await health(app);
      await app.stop();
    }
    const left = await ours();
    // A round of the test's own HTTP client may have a timer at either moment.
    for (const kind of before) left.splice(left.indexOf(kind), left.includes(kind) ? 1 : 0);
    expect(left).toEqual([]);
  }, 60_000);

  it('may be asked for twice', async () => {
    const app = await start();
    await Promise.all([app.stop(), app.stop()]);
    await expect(health(app)).rejects.toThrow();
  });
});

/** What keeps this process alive and could be ours. What was closed is gone some turns later. */
async function ours(): Promise<string[]> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const kinds = /^(Timeout|TCP|UDP|ProcessWrap|FSEvent|DNS|GetAddrInfo)/;
  return process
    .getActiveResourcesInfo()
    .filter((kind) => kinds.test(kind))
    .sort();
}
