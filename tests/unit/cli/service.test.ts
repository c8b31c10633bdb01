import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { EXIT_FINE } from '../../../server/cli/command.ts';
import { type Machine, serviceOn } from '../../../server/cli/service.ts';
import { Database } from '../../../server/storage/database.ts';
import { replaceNetworksIn } from '../../../server/storage/networks-in.ts';
import { commandAround } from '../../fixtures/command-around.ts';

describe('service', () => {
  let rootPath: string;
  let started: string[];
  let machine: Machine;
  const around = commandAround('/nowhere');

  beforeEach(() => {
    rootPath = mkdtempSync(join(tmpdir(), 'doorkeep-service-'));
    chmodSync(rootPath, 0o755);
    started = [];
    const programPath = join(rootPath, 'opt/doorkeep');
    mkdirSync(join(programPath, 'dist/server'), { recursive: true });
    mkdirSync(join(rootPath, 'etc/systemd/system'), { recursive: true });
    writeFileSync(join(programPath, 'dist/server/main.js'), '');
    writeFileSync(join(rootPath, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
    const nodePath = join(rootPath, 'node');
    writeFileSync(nodePath, '', { mode: 0o755 });
    machine = {
      ...{ rootPath, programPath, nodePath },
      isRoot: true,
      run: (program, args) => {
        started.push([program, ...args].join(' '));
        return Promise.resolve();
      },
    };
    around.printed.length = 0;
  });
  afterEach(() => {
    rmSync(rootPath, { recursive: true, force: true });
  });

  const unitPath = (): string => join(rootPath, 'etc/systemd/system/doorkeep.service');
  const run = (...args: string[]): Promise<number> => serviceOn(machine)(args, around);

  it('install makes the user, the unit, and starts it, in this order', async () => {
    expect(await run('install', '--port', '8443')).toBe(EXIT_FINE);
    expect(started).toEqual([
      'useradd --system --home-dir /var/lib/doorkeep --shell /usr/sbin/nologin doorkeep',
      'systemctl daemon-reload',
      'systemctl enable doorkeep.service',
      'systemctl restart doorkeep.service',
    ]);
    const unit = readFileSync(unitPath(), 'utf8');
    expect(unit).toContain('Environment="DOORKEEP_PORT=8443"');
    expect(unit).toContain(`WorkingDirectory=${machine.programPath}`);
    // Others read it too: it has no secrets.
    expect(statSync(unitPath()).mode & 0o777).toBe(0o644);
    expect(around.printed.at(-1)).toContain('journalctl -u doorkeep');
  });

  it('install leaves a user that is there', async () => {
    writeFileSync(
      join(rootPath, 'etc/passwd'),
      'doorkeep:x:990:990::/var/lib/doorkeep:/bin/false\n',
    );
    await run('install');
    expect(started[0]).toBe('systemctl daemon-reload');
  });

  it('unit prints what install would write, without root and without a trace', async () => {
    machine = { ...machine, isRoot: false };
    expect(await run('unit')).toBe(EXIT_FINE);
    expect(around.printed.join('\n')).toContain('IPAddressDeny=any');
    expect(existsSync(unitPath())).toBe(false);
    expect(started).toEqual([]);
  });

  it('unit and rules have the networks that the owner added', async () => {
    const folder = join(rootPath, 'var/lib/doorkeep');
    mkdirSync(folder, { recursive: true });
    const db = Database.open(join(folder, 'doorkeep.db'));
    replaceNetworksIn(db, ['100.64.0.0/10']);
    db.close();
    await run('unit');
    expect(around.printed.join('\n')).toContain('IPAddressAllow=100.64.0.0/10');
    const inContainer = commandAround(folder);
    await serviceOn(machine)(['rules'], inContainer);
    expect(inContainer.printed.join('\n')).toContain('100.64.0.0/10');
  });

  it.each([
    ['older, as an update finds it', 'UPDATE meta SET schema_version = 1'],
    ['newer', 'UPDATE meta SET schema_version = 9999'],
    ['damaged', undefined],
  ])(
    'rules has the home, and says so, where the index is %s: the start goes on',
    async (_, sql) => {
      const folder = join(rootPath, 'data');
      mkdirSync(folder);
      const path = join(folder, 'doorkeep.db');
      const db = Database.open(path);
      replaceNetworksIn(db, ['100.64.0.0/10']);
      if (sql !== undefined) db.run(sql);
      db.close();
      if (sql === undefined) writeFileSync(path, 'not a database');
      const inContainer = commandAround(folder);
      expect(await serviceOn(machine)(['rules'], inContainer)).toBe(EXIT_FINE);
      expect(inContainer.printed.join('\n')).toContain('192.168.0.0/16');
      expect(inContainer.printed.join('\n')).not.toContain('100.64.0.0/10');
      expect(inContainer.remarked.join('\n')).toContain('added by hand');
    },
  );

  it('rules prints rules for nft', async () => {
    expect(await run('rules')).toBe(EXIT_FINE);
    expect(around.printed.join('\n')).toMatch(/^table inet doorkeep$/m);
  });

  it.each([
    ['no action', []],
    ['an unknown action', ['constructor']],
    ['two actions', ['install', 'unit']],
    ['root as its user', ['unit', '--user', 'root']],
    ['a user that is a line', ['unit', '--user', 'a\nUser=root']],
    ['a port that needs a privilege', ['unit', '--port', '443']],
    ['a port that is none', ['unit', '--port', '65536']],
    ['a data folder that is not whole', ['unit', '--data', 'data']],
    ['an option that is none', ['unit', '--force']],
  ])('refuses %s', async (_, args) => {
    await expect(run(...args)).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('install refuses anybody but root, and writes nothing', async () => {
    machine = { ...machine, isRoot: false };
    await expect(run('install')).rejects.toMatchObject({ kind: 'forbidden' });
    expect(existsSync(unitPath())).toBe(false);
  });

  it('install refuses a program that is not compiled', async () => {
    rmSync(join(machine.programPath, 'dist'), { recursive: true });
    await expect(run('install')).rejects.toThrow('is not compiled yet');
  });

  it('install refuses a program that its user could not read, and names the folder', async () => {
    chmodSync(join(rootPath, 'opt'), 0o700);
    await expect(run('install')).rejects.toThrow(join(rootPath, 'opt'));
    expect(started).toEqual([]);
  });

  it('install says which step did not work, and starts no later one', async () => {
    machine = {
      ...machine,
      run: (program) => {
        started.push(program);
        const failed = new AppError('unavailable', `${program} did not work.`);
        return program === 'systemctl' ? Promise.reject(failed) : Promise.resolve();
      },
    };
    await expect(run('install')).rejects.toThrow('systemctl did not work.');
    expect(started).toEqual(['useradd', 'systemctl']);
  });
});
