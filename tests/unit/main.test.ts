import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';

/** Built output: processes are started from nothing else. */
const ENTRY = join(PACKAGE_ROOT, 'dist', 'server', 'main.js');

let folder: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-main-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the server; `onUp` is called when it has said where it is. */
async function run(
  env: Record<string, string>,
  onUp: (child: ChildProcess) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [ENTRY], {
    cwd: folder,
    env: { PATH: process.env['PATH'], DOORKEEP_DATA: 'data', DOORKEEP_PORT: '0', ...env },
  });
  children.push(child);
  const ended = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const wasUp = ended.stdout.includes('Doorkeep');
    ended.stdout += text;
    if (!wasUp && ended.stdout.includes('Doorkeep')) onUp(child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ended.stderr += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { ...ended, code, signal };
}

const mustNotStart = (child: ChildProcess): void => {
  child.kill('SIGKILL');
};

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s stops in order', async (signal) => {
    const ended = await run({}, (child) => child.kill(signal));
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.stderr).toContain('"msg":"stopped"');
    // Nor has Node anything to warn of, which would stand below the greeting.
    expect(ended.stderr).not.toContain('Warning');
  });

  it('that come twice for one press do no harm: npm passes on what the terminal sent', async () => {
    const ended = await run({}, (child) => {
      child.kill('SIGINT');
      // The first one is being acted on; a signal that still waits would only be merged with it.
      child.stderr?.once('data', () => {
        child.kill('SIGINT');
        child.kill('SIGTERM');
      });
    });
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.stderr.split('"msg":"stopping"')).toHaveLength(2);
    expect(ended.stderr).toContain('"msg":"stopped"');
  });
});

describe('what keeps it from starting has an exit status and a sentence', () => {
  it.each([
    ['DOORKEEP_PORT', 'http', 2],
    ['DOORKEEP_HOST', 'doorkeep.lan', 2],
    // TEST-NET-3 (RFC 5737): no machine has it.
    ['DOORKEEP_HOST', '203.0.113.7', 2],
    ['DOORKEEP_DATA', '/proc/doorkeep', 3],
  ])('%s=%s: %i', async (name, value, code) => {
    const ended = await run({ [name]: value }, mustNotStart);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(/\nDoorkeep did not start: [^\n]+\n[^\n]+\n$/);
    expect(ended.stdout).toBe('');
  });

  it('a data folder of another version: 3', async () => {
    await run({}, (child) => child.kill('SIGTERM'));
    await writeFile(join(folder, 'data', 'layout-version'), '999\n');
    expect((await run({}, mustNotStart)).code).toBe(3);
  });

  it('a port that is taken: 4', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const ended = await run({ DOORKEEP_PORT: String(port) }, mustNotStart);
    other.close();
    expect(ended.code).toBe(4);
  });
});
