/** The update file without Doorkeep: the commands of docs/design/updates.md. */
import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { onPath } from '../../fixtures/browser.ts';
import { newTestKey, testUpdate } from '../../fixtures/test-update.ts';
import { textOf } from '../../repo/tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'doorkeep-by-hand-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** As the page has them: between backquotes, over a few lines. */
const commands = /`(head -n 2 FILE[^`]*)`/.exec(textOf('docs/design/updates.md'))?.[1] ?? 'false';

function run(update: Buffer, pem: string | Buffer): { status: number | null; stdout: string } {
  writeFileSync(join(folder, 'FILE'), update);
  writeFileSync(join(folder, 'key.pem'), pem);
  const strict = `set -e; ${commands.replaceAll('\n', ' ')}`;
  return spawnSync('sh', ['-c', strict], { cwd: folder, encoding: 'utf8' });
}

describe.skipIf(onPath('openssl') === undefined || onPath('tar') === undefined)('by hand', () => {
  it('its signature is checked with openssl, its files are listed with tar', () => {
    const key = newTestKey();
    const pem = createPublicKey(key.privateKey).export({ format: 'pem', type: 'spki' });
    const good = run(testUpdate(key), pem);
    expect(good.status).toBe(0);
    expect(good.stdout).toMatch(/Verified Successfully[^]*server\/main\.ts/);
    const other = createPublicKey(newTestKey().privateKey).export({ format: 'pem', type: 'spki' });
    expect(run(testUpdate(key), other).status).not.toBe(0);
  });
});
