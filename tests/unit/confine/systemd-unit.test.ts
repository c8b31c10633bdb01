import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { networksThatMayComeIn } from '../../../server/confine/home-networks.ts';
import { systemdUnit, type UnitParts } from '../../../server/confine/systemd-unit.ts';

const PARTS: UnitParts = {
  nodePath: '/usr/bin/node',
  programPath: '/opt/doorkeep',
  dataPath: '/var/lib/doorkeep',
  user: 'doorkeep',
  port: 8080,
  environment: {},
  networks: networksThatMayComeIn(),
};

/** What `systemd-analyze security` may say at most (asked: 2.0; 0 is best, 10 worst). */
const EXPOSURE_MAX = 2;

const ANALYZE = '/usr/bin/systemd-analyze';

function linesOf(unit: string, name: string): string[] {
  return unit
    .split('\n')
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1));
}

describe('the unit', () => {
  it('lets in and out the home and nothing else', () => {
    const unit = systemdUnit(PARTS);
    expect(linesOf(unit, 'IPAddressDeny')).toEqual(['any']);
    const allowed = linesOf(unit, 'IPAddressAllow');
    expect(allowed).toContain('localhost');
    expect(allowed).toContain('192.168.0.0/16');
    expect(allowed).not.toContain('169.254.0.0/16');
    expect(allowed.every((range) => range === 'localhost' || !range.endsWith('/0'))).toBe(true);
  });

  it('runs as its user, in its folder, with its data', () => {
    const unit = systemdUnit({ ...PARTS, port: 8443, user: 'porch' });
    expect(linesOf(unit, 'User')).toEqual(['porch']);
    expect(linesOf(unit, 'Environment')).toContain('"DOORKEEP_PORT=8443"');
    expect(linesOf(unit, 'ExecStart')).toEqual(['"/usr/bin/node" dist/server/main.js']);
    expect(linesOf(unit, 'StateDirectory')).toEqual(['doorkeep']);
    expect(linesOf(unit, 'ProtectHome')).toEqual(['yes']);
  });

  it('keeps a data folder elsewhere writable, and reads a program in a home', () => {
    const unit = systemdUnit({
      ...PARTS,
      dataPath: '/mnt/big disk',
      programPath: '/home/a/doorkeep',
    });
    expect(linesOf(unit, 'ReadWritePaths')).toEqual(['"/mnt/big disk"']);
    expect(linesOf(unit, 'StateDirectory')).toEqual([]);
    expect(linesOf(unit, 'ProtectHome')).toEqual(['read-only']);
  });

  it('has one line per setting, whatever a path is called', () => {
    const nasty = '/opt/a"b%n$HOME\\c\nExecStartPre=/bin/evil';
    const unit = systemdUnit({ ...PARTS, programPath: nasty, dataPath: nasty, nodePath: nasty });
    expect(linesOf(unit, 'ExecStartPre')).toEqual([]);
    expect(linesOf(unit, 'ExecStart')[0]).toContain('a\\"b%%n$$HOME\\\\c');
  });
});

describe.skipIf(!existsSync(ANALYZE))('systemd itself', () => {
  let folder: string;
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function written(unit: string): string {
    folder = mkdtempSync(join(tmpdir(), 'doorkeep-unit-'));
    const path = join(folder, 'doorkeep.service');
    writeFileSync(path, unit);
    return path;
  }

  it.each([
    ['as it is installed', PARTS],
    [
      'with folders of the owner’s own',
      { ...PARTS, dataPath: '/mnt/big disk', programPath: '/tmp' },
    ],
  ])('understands every line %s', (_, parts) => {
    // A program that exists: it is looked for.
    const unit = systemdUnit({ ...parts, nodePath: process.execPath });
    const { status, stderr } = spawnSync(ANALYZE, ['verify', written(unit)], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('says what it does not understand', () => {
    const unit = systemdUnit({ ...PARTS, nodePath: process.execPath });
    const broken = unit.replace('IPAddressDeny=any', 'IPAdressDeny=any');
    const { stderr } = spawnSync(ANALYZE, ['verify', written(broken)], { encoding: 'utf8' });
    expect(stderr).toContain('IPAdressDeny');
  });

  it(`calls its exposure ${EXPOSURE_MAX.toFixed(1)} or less`, () => {
    const args = ['security', '--offline=true', '--no-pager', '--json=off'];
    const said = execFileSync(ANALYZE, [...args, written(systemdUnit(PARTS))], {
      encoding: 'utf8',
    });
    const exposure = Number(/Overall exposure level for \S+: (\d+\.\d+)/.exec(said)?.[1]);
    expect(exposure).toBeLessThanOrEqual(EXPOSURE_MAX);
    expect(exposure).toBeGreaterThan(0);
  });

  it('would say more of one that is not confined', () => {
    const open = systemdUnit(PARTS).replaceAll(
      /^(?:IPAddressDeny|SystemCallFilter|Capability.*?|Protect.*?|Private.*?)=.*$/gm,
      '',
    );
    const said = execFileSync(
      ANALYZE,
      ['security', '--offline=true', '--no-pager', written(open)],
      {
        encoding: 'utf8',
      },
    );
    const exposure = Number(/Overall exposure level for \S+: (\d+\.\d+)/.exec(said)?.[1]);
    expect(exposure).toBeGreaterThan(EXPOSURE_MAX);
  });
});
