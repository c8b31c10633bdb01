import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../../../server/audit/audit-log.ts';
import { AuditKeyFile, RealSlotDisk } from '../../../server/audit/key-file.ts';
import { audit } from '../../../server/cli/audit.ts';
import { KeyHolder } from '../../../server/keys/key-holder.ts';
import { BoxKey } from '../../../server/keys/box-key.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { commandAround } from '../../fixtures/command-around.ts';
import { openTestHousehold, type TestHousehold } from '../../fixtures/test-household.ts';

let home: TestHousehold;
let identityPath: string;

/** A record of a household whose key is on a sheet. */
beforeEach(async () => {
  home = await openTestHousehold();
  const { db, folder, household, recoveryKey } = home;
  identityPath = join(folder.path, 'sheet');
  writeFileSync(identityPath, `${recoveryKey}\n`);
  const holder = new KeyHolder();
  const password = Buffer.from('three odd wombats');
  await holder.answer({ type: 'unlock', household, userId: 1, password });
  const boxKey = await BoxKey.load(join(folder.keysPath, 'box.key'));
  const disk = new RealSlotDisk(join(folder.keysPath, 'audit.key'));
  const log = await AuditLog.open({
    ...{ db, clock: new TestClock(), keyFile: new AuditKeyFile(disk, { boxKey, boxId: db.boxId }) },
    household: {
      generation: 1,
      begin: async () => {
        const begun = await holder.answer({ type: 'audit-begin' });
        if (begun.type !== 'audit-begun') throw new Error(begun.type);
        const { epochId, generation, key } = begun;
        return { epochId: Buffer.from(epochId), generation, key: Buffer.from(key) };
      },
    },
  });
  await log.bind();
  for (let index = 0; index < 5; index += 1) {
    await log.append({ kind: 'signed-in', who: { userId: 1, username: 'Ada' } });
  }
  await log.close();
});
afterEach(() => {
  home.remove();
});

async function run(...args: string[]) {
  const around = commandAround(home.folder.path);
  const status = await audit(['verify', ...args], around);
  return { status, said: around.printed.join('\n') };
}

describe('audit verify', () => {
  it('says that the record is whole, with the recovery key', async () => {
    const { status, said } = await run('--identity', identityPath);
    expect(said).toBe('Whole: entries 1 to 7; 6 carry the tag that only this box made.');
    expect(status).toBe(0);
  });

  it('names what was changed, and exits with 1', async () => {
    home.db.run("UPDATE audit_entry SET who = 'Sam' WHERE sequence = 5");
    const { status, said } = await run('--identity', identityPath);
    expect(said).toContain('Entry 5 does not fit to what stands before it: it was changed.');
    expect(status).toBe(1);
  });

  it('says what it proves less without the key', async () => {
    const { status, said } = await run('--without-key');
    expect(said).toContain('proves less');
    expect(status).toBe(0);
  });

  it('does not make a box key, and says what is missing', async () => {
    rmSync(join(home.folder.keysPath, 'box.key'));
    const { status, said } = await run('--identity', identityPath, '--json');
    expect(JSON.parse(said)).toMatchObject({ findings: [{ name: 'end-not-ours', sequence: 7 }] });
    expect(status).toBe(1);
  });

  it('refuses what it does not know', async () => {
    const around = commandAround(home.folder.path);
    await expect(audit(['forget'], around)).rejects.toThrow('audit knows one thing');
  });
});
