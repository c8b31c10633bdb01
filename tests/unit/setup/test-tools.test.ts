/** The browser of the tests and what it trusts: found, installed by root on Debian, or missing. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../server/config.ts';

const MODULE = join(PACKAGE_ROOT, 'server', 'setup', 'test-tools.mjs');

let folder: string;

/** A program on the PATH of the set-up under test. */
async function program(name: string, body: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

interface Prepared {
  /** "true", "false", or the message of what was thrown. */
  outcome: string;
  said: string;
}

/** Runs the step with only `folder` on the PATH, as this user. */
function prepare(
  userId: number,
  env: Record<string, string> = {},
  ...tools: readonly ('CHROMIUM' | 'CERTUTIL')[]
): Promise<Prepared> {
  const names = tools.length === 0 ? 'CHROMIUM' : tools.join();
  const script = `process.getuid = () => ${userId};
    const { ${names}, prepareTools } = await import(${JSON.stringify(MODULE)});
    try { console.log(prepareTools([${names}])); }
    catch (thrown) { console.log(thrown.message + ' ' + thrown.hint); }`;
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: folder, ...env } };
    const args = ['--input-type=module', '-e', script];
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ outcome: stdout.trim(), said: stderr });
      else reject(new Error(stderr, { cause: error }));
    });
  });
}

/** An apt-get that brings these programs when asked for anything. */
async function debian(...brings: readonly string[]): Promise<void> {
  const log = `echo "$*" >> "${folder}/log"`;
  const lines = (brings.length === 0 ? ['chromium'] : brings).map((name) => {
    const path = `"${folder}/${name}"`;
    return `printf '#!/bin/sh\\n' > ${path} && /bin/chmod 755 ${path}`;
  });
  await program('apt-get', [log, ...lines].join('\n'));
}

describe.skipIf(process.platform === 'win32')('Chromium for the browser tests', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorkeep-tools-'));
    return () => rm(folder, { recursive: true });
  });

  it('is found on the PATH', async () => {
    await program('chromium-browser', 'exit 0');
    expect(await prepare(1000)).toEqual({ outcome: 'false', said: '' });
  });

  it('is found where DOORKEEP_CHROMIUM says', async () => {
    const path = await program('my-own-browser', 'exit 0');
    const env = { DOORKEEP_CHROMIUM: path };
    expect(await prepare(1000, env)).toEqual({ outcome: 'false', said: '' });
  });

  it('is not replaced when DOORKEEP_CHROMIUM names nothing that runs', async () => {
    await program('chromium', 'exit 0');
    const { outcome } = await prepare(0, { DOORKEEP_CHROMIUM: join(folder, 'nothing') });
    expect(outcome).toMatch(/^DOORKEEP_CHROMIUM names .*nothing, which is no program\. .*unset it/);
  });

  it('is installed by root on Debian', async () => {
    await debian();
    const { outcome, said } = await prepare(0);
    expect(outcome).toBe('true');
    expect(said).toContain('installing Chromium with apt-get, for the browser tests');
    expect(await readFile(join(folder, 'log'), 'utf8')).toMatch(/install -y .*\bchromium$/m);
  });

  it('is said to be missing, with what is skipped, where it cannot be installed', async () => {
    await debian();
    const { outcome, said } = await prepare(1000);
    expect(outcome).toBe('true');
    expect(said).toContain('Chromium is not installed: the browser tests are SKIPPED.');
    expect(said).toContain('apt-get install chromium');
    await expect(readFile(join(folder, 'log'))).rejects.toThrow('ENOENT');
  });

  it('ends the set-up when root on Debian cannot install it', async () => {
    await program('apt-get', 'exit 100');
    const { outcome } = await prepare(0);
    expect(outcome).toContain('could not be installed. Install by hand: apt-get install chromium');
  });
});

describe.skipIf(process.platform === 'win32')('certutil, for a browser that trusts the box', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorkeep-tools-'));
    return () => rm(folder, { recursive: true });
  });

  it('is found on the PATH', async () => {
    await program('certutil', 'exit 0');
    expect(await prepare(1000, {}, 'CERTUTIL')).toEqual({ outcome: 'false', said: '' });
  });

  it('is installed by root on Debian', async () => {
    await debian('certutil');
    expect((await prepare(0, {}, 'CERTUTIL')).outcome).toBe('true');
    expect(await readFile(join(folder, 'log'), 'utf8')).toMatch(/install -y .*\blibnss3-tools$/m);
  });

  it('is said to be missing, with what is skipped, where it cannot be installed', async () => {
    const { outcome, said } = await prepare(1000, {}, 'CERTUTIL');
    expect(outcome).toBe('true');
    expect(said).toContain('the tests of a browser that trusts the box are SKIPPED');
  });
});

describe.skipIf(process.platform === 'win32')('several tools', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorkeep-tools-'));
    return () => rm(folder, { recursive: true });
  });

  it('are installed with one call of apt-get, and only those that are missing', async () => {
    await debian('chromium', 'certutil');
    expect((await prepare(0, {}, 'CHROMIUM', 'CERTUTIL')).outcome).toBe('true');
    const calls = (await readFile(join(folder, 'log'), 'utf8')).trim().split('\n');
    expect(calls).toEqual([expect.stringMatching(/install -y .*\bchromium libnss3-tools$/)]);
    expect((await prepare(0, {}, 'CHROMIUM', 'CERTUTIL')).outcome).toBe('false');
  });

  it('that are still missing afterwards are named', async () => {
    await debian('chromium');
    const { outcome } = await prepare(0, {}, 'CHROMIUM', 'CERTUTIL');
    expect(outcome).toMatch(/^certutil could not be installed\. .*apt-get install libnss3-tools$/);
  });
});
