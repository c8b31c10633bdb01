/** The package manager is used as root only, and asked for new lists only when the old ones fail. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../server/config.ts';

const MODULE = join(PACKAGE_ROOT, 'server', 'setup', 'system-packages.mjs');

let folder: string;

/** A program that writes its arguments down; `body` says how it ends. */
async function fakeProgram(name: string, body: string): Promise<void> {
  const log = `echo "$DEBIAN_FRONTEND $*" >> "${folder}/log"`;
  await writeFile(join(folder, name), `#!/bin/sh\n${log}\n${body}\n`);
  await chmod(join(folder, name), 0o755);
}

/** Installs ffmpeg with only `folder` on the PATH; "true", "false" or "none". */
function install(userId: number): Promise<string> {
  const script = `import { packageManager } from ${JSON.stringify(MODULE)};
    const result = packageManager(${userId})?.install(['ffmpeg']);
    console.log(result === undefined ? 'none' : result.ok);`;
  return new Promise((resolve, reject) => {
    const args = ['--input-type=module', '-e', script];
    execFile(process.execPath, args, { env: { PATH: folder } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(stderr, { cause: error }));
    });
  });
}

const log = async (): Promise<string[]> =>
  (await readFile(join(folder, 'log'), 'utf8')).trimEnd().split('\n');

describe.skipIf(process.platform === 'win32')('the package manager', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorkeep-packages-'));
    return () => rm(folder, { recursive: true });
  });

  it('is not touched by anybody but root', async () => {
    await fakeProgram('apt-get', 'exit 0');
    expect(await install(1000)).toBe('none');
    await expect(log()).rejects.toThrow('ENOENT');
  });

  it('is none where we know none', async () => {
    expect(await install(0)).toBe('none');
  });

  it('installs without questions and without new lists when it can', async () => {
    await fakeProgram('apt-get', 'exit 0');
    expect(await install(0)).toBe('true');
    const lines = await log();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^noninteractive install -y --no-install-recommends .*ffmpeg$/);
  });

  it('fetches the lists once and tries again when they are missing or old', async () => {
    const untilUpdated = `case "$1" in update) : > "${folder}/lists" ;; *) [ -e "${folder}/lists" ] ;; esac`;
    await fakeProgram('apt-get', untilUpdated);
    expect(await install(0)).toBe('true');
    expect((await log()).map((line) => line.split(' ')[1])).toEqual([
      'install',
      'update',
      'install',
    ]);
  });

  it('gives up after that', async () => {
    await fakeProgram('apt-get', 'exit 100');
    expect(await install(0)).toBe('false');
    expect((await log()).map((line) => line.split(' ')[1])).toEqual(['install', 'update']);
  });

  it('is apk on Alpine', async () => {
    await fakeProgram('apk', 'exit 0');
    expect(await install(0)).toBe('true');
    expect(await log()).toEqual([' add --no-cache ffmpeg']);
  });
});
