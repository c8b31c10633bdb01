/** An update that is killed while it is unpacked: the old installation stands, no half of a new one does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { keyName, publicBytesOf } from '../../server/update/release-keys.ts';
import { newTestKey, testUpdate } from '../fixtures/test-update.ts';

const PROGRAM = join(PACKAGE_ROOT, 'dist', 'tests', 'fixtures', 'update-program.js');

/** Each is synced, so that a kill has its time. */
const FILES = 120;

const key = newTestKey();
const publicKey = publicBytesOf(key.privateKey);
const list = JSON.stringify({
  keys: [
    {
      ...{ name: keyName(publicKey), publicKey: publicKey.toString('base64'), from: '2027-01-01' },
    },
  ],
});
const update = testUpdate(key, {
  files: Object.fromEntries(
    Array.from({ length: FILES }, (_, index) => [`web/f${String(index)}.ts`, 'x'.repeat(5_000)]),
  ),
});

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'doorkeep-killed-'));
  mkdirSync(join(place, 'doorkeep'));
  writeFileSync(join(place, 'doorkeep', 'main.js'), 'old');
  writeFileSync(join(place, 'doorkeep', 'new.update'), update);
});

afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

function start(): ReturnType<typeof spawn> {
  const file = join(place, 'doorkeep', 'new.update');
  return spawn(process.execPath, [PROGRAM, file, place, list], { stdio: ['ignore', 'pipe', 2] });
}

/** How many files lie in the folder that is being unpacked. */
function unpacked(): number {
  const part = readdirSync(place).find((name) => name.includes('.part-'));
  if (part === undefined) return -1;
  return readdirSync(join(place, part), { recursive: true }).length;
}

describe('an update', () => {
  it.each([0, 20, 90])('killed with %i files out leaves the old one alone', async (count) => {
    const killed = start();
    const ended = once(killed, 'exit');
    await expect.poll(unpacked, { interval: 1, timeout: 30_000 }).toBeGreaterThanOrEqual(count);
    killed.kill('SIGKILL');
    await ended;
    const left = readdirSync(place);
    expect(left).toHaveLength(2);
    expect(left).toContain('doorkeep');
    expect(left.filter((name) => name.startsWith('doorkeep-'))).toEqual([]);
    expect(readFileSync(join(place, 'doorkeep', 'main.js'), 'utf8')).toBe('old');

    const again = start();
    const said = JSON.parse(await text(again.stdout!)) as { path: string; leftOver: string[] };
    expect(said.leftOver).toHaveLength(1);
    expect(readdirSync(join(said.path, 'web'))).toHaveLength(FILES);
  });
});
