/** The download that is believed only by its hash: ffmpeg-static's own script, a server of ours. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../server/config.ts';

const BINARY = Buffer.from('#!/bin/sh\necho ffmpeg version 0\n');
const RIGHT = createHash('sha256').update(BINARY).digest('hex');
const WRONG = RIGHT.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
const MODULE = join(PACKAGE_ROOT, 'server', 'setup', 'static-ffmpeg.mjs');

let home: string;
let folder: string;
let server: Server;
let asked: string[];

/** Runs it in a process of its own, because it waits for its child without an event loop. */
function install(sha256: Record<string, string>, environment: NodeJS.ProcessEnv = {}) {
  const options = JSON.stringify({ folder, sha256 });
  const script = `import { installStaticFfmpeg } from ${JSON.stringify(MODULE)};
    try { console.log(installStaticFfmpeg(${options})); } catch (e) { console.log(e.message, e.hint); }`;
  const { port } = server.address() as AddressInfo;
  return new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      ['--input-type=module', '-e', script],
      {
        env: {
          ...process.env,
          ...{ HOME: home, XDG_CACHE_HOME: home },
          FFMPEG_BINARIES_URL: `http://127.0.0.1:${port}/releases`,
          ...environment,
        },
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(new Error(stderr, { cause: error }));
      },
    );
  });
}

const here = `${process.platform}-${process.arch}`;

describe.skipIf(process.platform === 'win32')('ffmpeg from ffmpeg-static', () => {
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const found = request.url === `/releases/b6.1.1/ffmpeg-${here}.gz`;
      response.writeHead(found ? 200 : 404).end(found ? gzipSync(BINARY) : 'no such file');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  beforeEach(async () => {
    asked = [];
    await mkdir(join(PACKAGE_ROOT, '.cache'), { recursive: true });
    // Below the project, so that the copy of the package finds its own dependencies.
    home = await mkdtemp(join(PACKAGE_ROOT, '.cache', 'test-'));
    folder = join(home, 'node_modules', 'ffmpeg-static');
    for (const name of ['package.json', 'index.js', 'install.js']) {
      await cp(join(PACKAGE_ROOT, 'node_modules', 'ffmpeg-static', name), join(folder, name));
    }
    return () => rm(home, { recursive: true });
  });

  it('is taken when its SHA-256 is the known one', async () => {
    expect(await install({ [here]: RIGHT })).toBe(join(folder, 'ffmpeg'));
    expect(await readFile(join(folder, 'ffmpeg'))).toEqual(BINARY);
    expect((await stat(join(folder, 'ffmpeg'))).mode & 0o111).toBe(0o111);
  });

  it('is deleted when it is another file', async () => {
    const answer = await install({ [here]: WRONG });
    expect(answer).toContain('not the one we know');
    expect(answer).toContain('apt-get install ffmpeg');
    expect(existsSync(join(folder, 'ffmpeg'))).toBe(false);
  });

  it('is not even asked for without a known hash', async () => {
    expect(await install({ 'plan9-mips': RIGHT })).toContain('none for');
    expect(asked).toEqual([]);
  });

  it('is fetched again when an earlier set-up was interrupted before the comparison', async () => {
    await writeFile(join(folder, 'ffmpeg'), 'half', { mode: 0o755 });
    expect(await install({ [here]: RIGHT })).toBe(join(folder, 'ffmpeg'));
    expect(asked[0]).toBe(`/releases/b6.1.1/ffmpeg-${here}.gz`);
  });

  it('stays the release of the hashes, whatever ffmpeg-static’s settings say', async () => {
    const other = { FFMPEG_BINARY_RELEASE: 'b0', FFMPEG_BIN: join(home, 'elsewhere') };
    expect(await install({ [here]: RIGHT }, other)).toBe(join(folder, 'ffmpeg'));
    expect(existsSync(join(home, 'elsewhere'))).toBe(false);
  });

  it('is refused when the package names another release', async () => {
    const text = await readFile(join(folder, 'package.json'), 'utf8');
    await writeFile(join(folder, 'package.json'), text.replace('b6.1.1', 'b7.0'));
    expect(await install({ [here]: RIGHT })).toContain('none for');
  });

  it('says what to do when the download does not work', async () => {
    const answer = await install(
      { [here]: RIGHT },
      { FFMPEG_BINARIES_URL: 'http://127.0.0.1:1/releases' },
    );
    expect(answer).toContain('could not be downloaded');
    expect(answer).toContain('DOORKEEP_FFMPEG');
  });
});
