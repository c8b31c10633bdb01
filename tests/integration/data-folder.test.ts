/** A data folder that cannot be used: the process says why and what to do, and ends. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DoorkeepServer } from '../doubles/doorkeep-server.ts';

/** docs/guide/running.md lists them. */
const EXIT_SETTINGS = 2;
const EXIT_DATA_FOLDER = 3;
const EXIT_ADDRESS_IN_USE = 4;

describe('a server that cannot start', () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'doorkeep-'));
  });

  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  /** What it said, after the log lines, and its exit status. */
  async function startedWith(
    dataPath: string,
    env = {},
  ): Promise<{ status: unknown; said: string }> {
    const server = await DoorkeepServer.spawn({ dataPath, env });
    const status = await server.ended();
    const said = server.output.slice(server.output.indexOf('Doorkeep did not start: '));
    // One sentence and one hint; no stack, no object.
    expect(said).toMatch(/^Doorkeep did not start: [^\n]+\n[^\n]+\.\n$/);
    expect(server.output).not.toMatch(/\n\s+at /);
    return { status, said };
  }

  it('says that the folder is a file', async () => {
    const path = join(root, 'file');
    await writeFile(path, 'mine');
    const { status, said } = await startedWith(path);
    expect([status, said]).toEqual([EXIT_DATA_FOLDER, expect.stringMatching(/is a file/)]);
  });

  // Nobody may make a folder there, not even root, whom permission bits do not stop.
  it('says that the folder cannot be written to', async () => {
    const { status, said } = await startedWith('/proc/doorkeep');
    expect([status, said]).toEqual([EXIT_DATA_FOLDER, expect.stringMatching(/may not write/)]);
  });

  it('says that the folder is another version’s, and leaves it alone', async () => {
    const path = await mkdtemp(join(root, 'other-'));
    await writeFile(join(path, 'layout-version'), '99\n');
    const { status, said } = await startedWith(path);
    expect([status, said]).toEqual([EXIT_DATA_FOLDER, expect.stringMatching(/another version/)]);
    await expect(stat(join(path, 'doorkeep.db'))).rejects.toThrow('ENOENT');
  });

  it('says that the folder is in use, and the one that uses it goes on', async () => {
    const first = await DoorkeepServer.start();
    try {
      const { status, said } = await startedWith(first.dataPath);
      const sentence = new RegExp(`another Doorkeep \\(process ${String(first.pid)}\\) uses`, 'i');
      expect([status, said]).toEqual([EXIT_DATA_FOLDER, expect.stringMatching(sentence)]);
      expect((await fetch(`${first.baseUrl}/api/health`)).status).toBe(200);
      const port = new URL(first.baseUrl).port;
      const elsewhere = await startedWith(join(root, 'port'), { DOORKEEP_PORT: port });
      expect(elsewhere.status).toBe(EXIT_ADDRESS_IN_USE);
      expect(elsewhere.said).toContain(port);
      expect(await first.stop()).toBe(0);
    } finally {
      await first.dispose();
    }
  });

  it.each([
    ['DOORKEEP_HOST', 'porch.example'],
    ['DOORKEEP_PORT', 'eighty'],
  ])('says what is wrong with %s', async (name, value) => {
    const { status, said } = await startedWith(join(root, 'settings'), { [name]: value });
    expect([status, said]).toEqual([EXIT_SETTINGS, expect.stringContaining(`${name} is ${value}`)]);
  });
});
