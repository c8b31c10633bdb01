import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT, readConfig } from '../../server/config.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-config-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('without any setting', () => {
  it('leaves the address to the page and keeps data beside where it was started', () => {
    expect(readConfig({}, '/srv/home')).toMatchObject({
      ...{ dataPath: '/srv/home/data', host: undefined, port: 8080 },
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    });
  });

  it('takes an empty setting for none', () => {
    const env = { DOORKEEP_DATA: '', DOORKEEP_HOST: '', DOORKEEP_PORT: '', DOORKEEP_FFMPEG: '' };
    expect(readConfig(env, '/srv')).toEqual(readConfig({}, '/srv'));
  });
});

describe('DOORKEEP_ADDRESSES', () => {
  it('is names and addresses, none unless said, and refused when it is neither', () => {
    expect(readConfig({}, '/').addresses).toEqual({ names: [], addresses: [] });
    const env = { DOORKEEP_ADDRESSES: '192.168.1.20 porchbox.local' };
    expect(readConfig(env, '/').addresses).toEqual({
      names: ['porchbox.local'],
      addresses: ['192.168.1.20'],
    });
    expect(() => readConfig({ DOORKEEP_ADDRESSES: 'bank.com' }, '/')).toThrow(
      expect.objectContaining({ reason: 'settings' }),
    );
  });
});

describe('DOORKEEP_DATA', () => {
  it.each([
    ['/var/lib/doorkeep', '/var/lib/doorkeep'],
    ['footage', '/srv/footage'],
    ['../x', '/x'],
  ])('%s', (value, expected) => {
    expect(readConfig({ DOORKEEP_DATA: value }, '/srv').dataPath).toBe(expected);
  });
});

describe('DOORKEEP_HOST', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['localhost', '127.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['192.168.1.2', '192.168.1.2'],
  ])('%s', (value, expected) => {
    expect(readConfig({ DOORKEEP_HOST: value }, '/').host).toBe(expected);
  });

  it.each(['doorkeep.lan', ' 127.0.0.1', '192.168.1', '[::1]', '127.0.0.1:80'])(
    'refuses %s: a name would have to be asked for',
    (value) => {
      expect(() => readConfig({ DOORKEEP_HOST: value }, '/')).toThrow(
        expect.objectContaining({
          ...{ kind: 'invalid', reason: 'settings' },
          message: expect.stringContaining('DOORKEEP_HOST') as string,
          hint: expect.stringContaining('127.0.0.1') as string,
        }),
      );
    },
  );
});

describe('DOORKEEP_PORT', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['65535', 65_535],
    ['08080', 8080],
  ])('%s', (value, expected) => {
    expect(readConfig({ DOORKEEP_PORT: value }, '/').port).toBe(expected);
  });

  it.each(['65536', '99999', '-1', '80.5', '0x50', '1e3', 'http', '8080 ', '123456'])(
    'refuses %s',
    (value) => {
      expect(() => readConfig({ DOORKEEP_PORT: value }, '/')).toThrow(
        expect.objectContaining({
          ...{ kind: 'invalid', reason: 'settings' },
          message: expect.stringContaining('DOORKEEP_PORT') as string,
        }),
      );
    },
  );
});

describe('DOORKEEP_FFMPEG', () => {
  it('is taken as it stands when it is a path', () => {
    const read = (value: string): string =>
      readConfig({ DOORKEEP_FFMPEG: value, PATH: '/usr/bin' }, '/srv').ffmpegPath;
    expect(read('/opt/ffmpeg/bin/ffmpeg')).toBe('/opt/ffmpeg/bin/ffmpeg');
    expect(read('./ffmpeg')).toBe('/srv/ffmpeg');
  });

  it('is looked for on the PATH when it is a name, because ffmpeg is started without one', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    await mkdir(first);
    await mkdir(second);
    // The first one cannot be run.
    await writeFile(join(first, 'my-ffmpeg'), '');
    await writeFile(join(second, 'my-ffmpeg'), '#!/bin/sh\n');
    await chmod(join(second, 'my-ffmpeg'), 0o755);
    const env = { DOORKEEP_FFMPEG: 'my-ffmpeg', PATH: `:${first}:${second}` };
    expect(readConfig(env, '/srv').ffmpegPath).toBe(join(second, 'my-ffmpeg'));
  });

  it('stays a name when it is nowhere: starting it says so', () => {
    const env = { DOORKEEP_FFMPEG: 'no-such-ffmpeg', PATH: folder };
    expect(readConfig(env, '/srv').ffmpegPath).toBe('no-such-ffmpeg');
    expect(readConfig({ DOORKEEP_FFMPEG: 'no-such-ffmpeg' }, '/srv').ffmpegPath).toBe(
      'no-such-ffmpeg',
    );
  });
});

it('finds the root of the package', () => {
  expect(PACKAGE_ROOT.endsWith('/server')).toBe(false);
  expect(join(PACKAGE_ROOT, 'tests', 'unit', 'config.test.ts')).toBe(import.meta.filename);
});
