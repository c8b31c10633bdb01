/** What set-up says about Node and node_modules. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../server/config.ts';

const url = pathToFileURL(join(PACKAGE_ROOT, 'server', 'setup', 'dependencies.mjs')).href;
const { checkNode, checkDependencies } = (await import(url)) as {
  checkNode: (version: string) => void;
  checkDependencies: (root: string) => void;
};

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '100.1.0'])('%s will do', (version) => {
    expect(() => {
      checkNode(version);
    }).not.toThrow();
  });

  it.each(['20.18.3', '18.99.0', '9.0.0'])('%s is too old', (version) => {
    expect(() => {
      checkNode(version);
    }).toThrow(`Node ${version}`);
  });
});

describe('node_modules', () => {
  let root: string;
  const wanted = {
    '': {},
    'node_modules/fastify': { version: '5.0.0' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'doorkeep-dependencies-'));
    await mkdir(join(root, 'node_modules'));
    await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
    return () => rm(root, { recursive: true });
  });

  async function install(packages: object): Promise<void> {
    const path = join(root, 'node_modules', '.package-lock.json');
    await writeFile(path, JSON.stringify({ packages }));
  }
  const check = (): void => {
    checkDependencies(root);
  };

  it('are complete without the packages of other platforms', async () => {
    await install({ 'node_modules/fastify': { version: '5.0.0' } });
    expect(check).not.toThrow();
  });

  it('are wrong with another version, and npm ci is what helps', async () => {
    await install({ 'node_modules/fastify': { version: '4.9.0' } });
    expect(check).toThrow('fastify');
    expect(check).toThrow(expect.objectContaining({ hint: 'Run: npm ci' }) as Error);
  });

  it('are wrong when nothing was installed', () => {
    expect(check).toThrow('fastify');
  });
});

it('the packages of this very tree are complete', () => {
  expect(() => {
    checkDependencies(PACKAGE_ROOT);
  }).not.toThrow();
});
