/** Where set-up looks for node-gyp and for headers. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../server/config.ts';

const url = pathToFileURL(join(PACKAGE_ROOT, 'server', 'setup', 'native-module.mjs')).href;
const { findNodeGyp, findNodeHeaders } = (await import(url)) as {
  findNodeGyp: (env: NodeJS.ProcessEnv) => string;
  findNodeHeaders: (env: NodeJS.ProcessEnv, prefix?: string) => string | undefined;
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-native-'));
  return () => rm(folder, { recursive: true });
});

async function headersOf(abi: string): Promise<void> {
  await mkdir(join(folder, 'include', 'node'), { recursive: true });
  const text = `#if 0\n#else\n#define NODE_MODULE_VERSION ${abi}\n#endif\n`;
  await writeFile(join(folder, 'include', 'node', 'node_version.h'), text);
}

describe('node-gyp', () => {
  it('is the one that npm names', async () => {
    const path = join(folder, 'node-gyp.js');
    await writeFile(path, '');
    expect(findNodeGyp({ npm_config_node_gyp: path })).toBe(path);
  });

  it('is the one beside the npm that runs us', async () => {
    const gyp = join(folder, 'node_modules', 'node-gyp', 'bin');
    await mkdir(gyp, { recursive: true });
    await writeFile(join(gyp, 'node-gyp.js'), '');
    const npm = join(folder, 'bin', 'npm-cli.js');
    expect(findNodeGyp({ npm_execpath: npm })).toBe(join(gyp, 'node-gyp.js'));
  });
});

describe('headers', () => {
  it('are those beside Node', async () => {
    await headersOf(process.versions.modules);
    expect(findNodeHeaders({}, folder)).toBe(folder);
  });

  it('are those of npm’s nodedir when there are none beside Node', async () => {
    await headersOf(process.versions.modules);
    expect(findNodeHeaders({ npm_config_nodedir: folder }, '/nowhere')).toBe(folder);
  });

  it('are not those of another Node', async () => {
    await headersOf('1');
    expect(findNodeHeaders({ npm_config_nodedir: folder }, '/nowhere')).toBeUndefined();
  });
});
