/** `npm run demo` from its first word to its last: what it prints works, and nothing is left over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';
import type { Camera, CameraList } from '../../server/contract/camera.ts';
import { until } from '../doubles/doorkeep-server.ts';
import { childrenOf, type RunningProcess, stillRunning } from '../fixtures/process-table.ts';

/** Three cameras are drawn, encoded and looked at: 10 s on two free cores. */
const READY_WITHIN_MS = 90_000;

/** Five seconds of silence make a camera stalled; the rest is a busy machine's. */
const NOTICED_WITHIN_MS = 20_000;

const ENTRY = join(PACKAGE_ROOT, 'dist', 'tests', 'demo', 'demo.js');

let demo: ChildProcess;
let output = '';
let address: string;
let control: string;
let cookie: string;

beforeAll(async () => {
  const environment = { PATH: process.env.PATH, DOORKEEP_PORT: '0' };
  demo = spawn(process.execPath, [ENTRY], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [demo.stdout!, demo.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await until(
    () => {
      if (demo.exitCode !== null) throw new Error(`the demo ended:\n${output}`);
      return output.includes('Ctrl-C');
    },
    { withinMs: READY_WITHIN_MS, what: 'the demo' },
  );
  address = /Open\s+(\S+)/.exec(output)![1]!;
  control = /fail: (\S+)/.exec(output)![1]!;
});

afterAll(() => {
  demo.kill('SIGKILL');
});

function printed(label: string): string {
  return new RegExp(`${label}\\s+(.+)`).exec(output)![1]!;
}

async function cameras(): Promise<readonly Camera[]> {
  const response = await fetch(`${address}/api/cameras`, { headers: { cookie } });
  return ((await response.json()) as CameraList).cameras;
}

async function stateOf(name: string): Promise<string | undefined> {
  return (await cameras()).find((camera) => camera.name === name)?.state;
}

function press(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${control}${path}`, { method: 'POST', headers, redirect: 'manual' });
}

/** The demo and all below it. */
function family(pid: number): RunningProcess[] {
  return childrenOf(pid).flatMap((child) => [child, ...family(child.pid)]);
}

describe('npm run demo', () => {
  it('prints a name and a password that sign in', async () => {
    const response = await fetch(`${address}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: printed('Name'), password: printed('Password') }),
    });
    expect(response.ok).toBe(true);
    cookie = response.headers.getSetCookie()[0]!.split(';')[0]!;
  });

  it('has three cameras of three shapes, and all deliver', async () => {
    await until(async () => (await cameras()).every(({ state }) => state === 'online'), {
      ...{ withinMs: NOTICED_WITHIN_MS, what: 'all cameras online' },
    });
    const shapes = (await cameras()).map(({ name, video }) => [name, video!.width / video!.height]);
    expect(Object.fromEntries(shapes)).toEqual({
      ...{ 'Front door': 3 / 4, 'Garden gate': 16 / 9, Garage: 4 / 3 },
    });
  });

  it('has a page that names every camera, and sends a browser back to it', async () => {
    const page = await (await fetch(control)).text();
    for (const name of ['Front door', 'Garden gate', 'Garage']) expect(page).toContain(name);
    const response = await press('/cameras/garage/visit/dog', { accept: 'text/html' });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/#garage');
  });

  it('does nothing for pages from elsewhere, nor what it does not know', async () => {
    const elsewhere = await press('/cameras/garage/drop', { origin: 'http://example.com' });
    expect(elsewhere.status).toBe(403);
    for (const path of ['/cameras/attic/drop', '/cameras/garage/trouble/flood/on', '/nothing']) {
      expect((await press(path)).status).toBe(404);
    }
  });

  it('makes a camera stand still, which Doorkeep sees, and makes it well again', async () => {
    const answer = await press('/cameras/garden-gate/trouble/stall/on');
    expect(await answer.json()).toMatchObject({ trouble: ['stall'] });
    const seen = (state: string): Promise<void> =>
      until(async () => (await stateOf('Garden gate')) === state, {
        ...{ withinMs: NOTICED_WITHIN_MS, what: `Garden gate ${state}` },
      });
    await seen('stalled');
    expect(await stateOf('Garage')).toBe('online');
    expect((await press('/well')).status).toBe(200);
    await seen('online');
  });

  it('ends with Ctrl-C, and leaves nothing running and nothing on the disk', async () => {
    const all = family(demo.pid!);
    // The server, and an ffmpeg for each camera; the server's own come and go.
    expect(all.length).toBeGreaterThanOrEqual(4);
    const folder = join(PACKAGE_ROOT, '.cache', 'demo', String(demo.pid));
    expect(existsSync(folder)).toBe(true);
    const exit = once(demo, 'exit');
    demo.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    expect(stillRunning(all)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });
});
