import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileKeyOf } from '../../../server/age/header.ts';
import { parseIdentity, recipientOf, sealTo } from '../../../server/age/identity.ts';
import { openSmallFile } from '../../../server/age/small-file.ts';
import { AppError } from '../../../server/base/errors.ts';
import { silentLog } from '../../../server/base/log.ts';
import { PACKAGE_ROOT } from '../../../server/config.ts';
import { writeHousehold } from '../../../server/keys/household-file.ts';
import { HouseholdKeys, type HouseholdKeysParts } from '../../../server/keys/household-keys.ts';
import type { UnlockClaim } from '../../../server/keys/key-claims.ts';
import { UNLOCK_IDLE_MS, UNLOCK_MAX_MS } from '../../../server/keys/unlocks.ts';
import { CHEAP } from '../../doubles/test-api.ts';
import { TestClock } from '../../doubles/test-clock.ts';

// Each test starts processes of Node.js, up to five, half a second of processor each.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ENTRY = join(PACKAGE_ROOT, 'dist', 'server', 'keys', 'key-worker.js');

let folder = '';
let path = '';
let clock: TestClock;
let opened: HouseholdKeys[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-keys-'));
  path = join(folder, 'household.json');
  clock = new TestClock();
  opened = [];
});
afterEach(async () => {
  for (const keys of opened) await keys.lock();
  await rm(folder, { recursive: true });
});

async function open(change: Partial<HouseholdKeysParts> = {}): Promise<HouseholdKeys> {
  const parts = { path, boxId: 'b'.repeat(32), entry: ENTRY, clock, log: silentLog, cost: CHEAP };
  const keys = await HouseholdKeys.open({ ...parts, ...change });
  opened.push(keys);
  return keys;
}

const password = (text = 'three odd wombats'): Buffer => Buffer.from(text);

function claim(holder: string, typed = password(), userId = 1): UnlockClaim {
  const locks = opened.at(-1)?.locks ?? 0;
  return { holder, userId, password: typed, locks, isWanted: () => true };
}

/** The header of an age file, as a segment would have one. */
async function headerFor(recipient: string | undefined): Promise<Buffer> {
  const file = await sealTo(recipient ?? '', Buffer.from('footage'));
  const mac = file.indexOf('\n--- ');
  return file.subarray(0, file.indexOf('\n', mac + 1) + 1);
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the household', () => {
  it('is made once; its file is private and holds no secret', async () => {
    const keys = await open();
    const given = password();
    const sheet = (await keys.create(1, given)).toString();
    expect(await parseIdentity(sheet)).toBe(sheet);
    expect(await recipientOf(sheet)).toBe(keys.recipient);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const text = await readFile(path, 'utf8');
    expect(text).not.toMatch(/SECRET|wombat/i);
    // Bytes are zeroed, and nobody has unlocked yet: no process stays.
    expect([...given].every((byte) => byte === 0)).toBe(true);
    expect(keys.processId).toBeUndefined();
  });

  it('opens with the password after a restart, and gives file keys then only', async () => {
    const first = await open();
    const sheet = (await first.create(1, password())).toString();
    const keys = await open();
    const header = await headerFor(keys.recipient);
    await expect(keys.unwrapFileKey(header)).rejects.toMatchObject({ kind: 'locked' });
    expect(await keys.unlock(claim('a', password('not it')))).toBe(false);
    expect(await keys.unlock(claim('a', password(), 2))).toBe(false);
    expect(keys.processId).toBeUndefined();
    expect(await keys.unlock(claim('a'))).toBe(true);
    const fileKey = await keys.unwrapFileKey(header);
    expect(fileKey).toHaveLength(16);
    expect(fileKey).toEqual(await fileKeyOf(header, [sheet]));
    await expect(keys.unwrapFileKey(Buffer.from('no header'))).rejects.toMatchObject({
      kind: 'corrupt',
    });
  });

  it('does not take one member’s wrap for another’s', async () => {
    const keys = await open();
    await keys.create(1, password());
    const household = JSON.parse(await readFile(path, 'utf8')) as {
      wraps: { userId: number }[];
    };
    household.wraps[0]!.userId = 2;
    await writeHousehold(path, household as never);
    expect(await (await open()).unlock(claim('a', password(), 2))).toBe(false);
  });

  it('is never written over: the file of a household without an account is set aside', async () => {
    const first = await open();
    const sheet = (await first.create(1, password())).toString();
    const second = await open();
    await second.create(1, password());
    expect(second.recipient).not.toBe(first.recipient);
    const names = (await readdir(folder)).filter((name) => name !== 'household.json');
    expect(names).toEqual([`household-${first.recipient?.slice(-12) ?? ''}.json`]);
    expect(await recipientOf(sheet)).toBe(first.recipient);
  });

  it.each(['', '{}', 'null', '{"version":2}'])('is refused when the file says %j', async (text) => {
    await writeFile(path, text, { mode: 0o600 });
    await expect(open()).rejects.toMatchObject({ kind: 'conflict', reason: 'unsafe-file' });
  });
});

describe('unlocks', () => {
  it('are each their own, and the process lives as long as one of them', async () => {
    const keys = await open();
    await keys.create(1, password());
    await keys.unlock(claim('a'));
    await keys.unlock(claim('b'));
    const pid = keys.processId;
    expect(isAlive(pid)).toBe(true);
    keys.keepUnlocks((holder) => holder === 'b');
    expect([keys.isUnlocked('a'), keys.isUnlocked('b')]).toEqual([false, true]);
    expect(() => {
      keys.requireUnlocked('a');
    }).toThrow(expect.objectContaining({ kind: 'locked' }));
    // B reads, A is gone: 15 minutes later B is still there, without reads it ends.
    await clock.advance(UNLOCK_IDLE_MS - 1);
    keys.requireUnlocked('b');
    await clock.advance(UNLOCK_IDLE_MS - 1);
    expect(keys.isUnlocked('b')).toBe(true);
    await clock.advance(1);
    expect(keys.isUnlocked('b')).toBe(false);
    await keys.lock();
    expect(isAlive(pid)).toBe(false);
  });

  it('end after 12 hours, whatever is read', async () => {
    const keys = await open();
    await keys.create(1, password());
    await keys.unlock(claim('a'));
    const pid = keys.processId;
    for (let ms = UNLOCK_IDLE_MS / 2; ms < UNLOCK_MAX_MS; ms += UNLOCK_IDLE_MS / 2) {
      await clock.advance(UNLOCK_IDLE_MS / 2);
      keys.requireUnlocked('a');
    }
    await clock.advance(UNLOCK_IDLE_MS / 2);
    expect(keys.isUnlocked('a')).toBe(false);
    expect(keys.processId).toBeUndefined();
    await keys.lock();
    expect(isAlive(pid)).toBe(false);
  });

  it('tell whose they were when they run out by themselves, and not when somebody ends them', async () => {
    const ranOut: number[] = [];
    const keys = await open({ onRanOut: (userId) => ranOut.push(userId) });
    await keys.create(7, password());
    await keys.unlock(claim('a', password(), 7));
    await keys.unlock(claim('b', password(), 7));
    keys.keepUnlocks((holder) => holder === 'a');
    await clock.advance(UNLOCK_IDLE_MS - 1);
    expect(ranOut).toEqual([]);
    await clock.advance(1);
    expect(ranOut).toEqual([7]);
    await keys.unlock(claim('a', password(), 7));
    await keys.lock();
    await clock.advance(UNLOCK_MAX_MS);
    expect(ranOut).toEqual([7]);
  });

  it('end at Lock, and the process is gone when it has answered', async () => {
    const keys = await open();
    await keys.create(1, password());
    await keys.unlock(claim('a'));
    const pid = keys.processId;
    expect(isAlive(pid)).toBe(true);
    await keys.lock();
    expect(isAlive(pid)).toBe(false);
    expect(keys.isUnlocked('a')).toBe(false);
    expect(await keys.unlock(claim('a'))).toBe(true);
    expect(keys.processId).not.toBe(pid);
  });

  it('all end when the process is killed; the next one starts a new process', async () => {
    const keys = await open();
    await keys.create(1, password());
    await keys.unlock(claim('a'));
    process.kill(keys.processId!, 'SIGKILL');
    await expect.poll(() => keys.isUnlocked('a')).toBe(false);
    expect(await keys.unlock(claim('a'))).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('leave no core dump', async () => {
    const keys = await open();
    await keys.create(1, password());
    await keys.unlock(claim('a'));
    const limits = await readFile(`/proc/${String(keys.processId)}/limits`, 'utf8');
    expect(limits).toMatch(/Max core file size\s+0\s+0/);
    const environment = await readFile(`/proc/${String(keys.processId)}/environ`, 'utf8');
    expect(environment).not.toMatch(/HOME|PATH=|DOORKEEP/);
  });
});

describe('recovery', () => {
  it('replaces a lost password, for right keys only', async () => {
    const keys = await open();
    const sheet = (await keys.create(1, password())).toString();
    const recover = (recoveryKey: string, userId: number | undefined, commit: () => void) =>
      keys.recover(
        { recoveryKey: Buffer.from(recoveryKey), userId, password: password('new words here') },
        commit,
      );
    const never = (): void => {
      throw new Error('must not be reached');
    };
    const wrongs = [
      sheet.slice(0, -1) + (sheet.endsWith('Q') ? 'P' : 'Q'),
      '',
      'AGE-SECRET-KEY-1',
      sheet.slice(1),
    ];
    for (const wrong of wrongs) expect(await recover(wrong, 1, never)).toBe(false);
    expect(await recover(sheet, undefined, never)).toBe(false);
    const typed = `  ${sheet.toLowerCase().replaceAll(/(.{4})/g, '$1 ')}`;
    expect(await recover(typed, 1, () => undefined)).toBe(true);
    expect(await keys.unlock(claim('a'))).toBe(false);
    expect(await keys.unlock(claim('a', password('new words here')))).toBe(true);
  });

  it('cut off before the row is written leaves both passwords working', async () => {
    const keys = await open();
    const sheet = (await keys.create(1, password())).toString();
    const input = { recoveryKey: Buffer.from(sheet), userId: 1, password: password('new words') };
    await expect(
      keys.recover(input, () => {
        throw new Error('the power went');
      }),
    ).rejects.toThrow('the power went');
    const after = await open();
    expect(await after.unlock(claim('a', password('new words')))).toBe(true);
    // The one that the row knew was used, so the other one has left the file.
    expect(await (await open()).unlock(claim('a'))).toBe(false);
  });
});

describe('a household whose accounts were lost', () => {
  it('goes on for who knows a password, and for nobody else whose account that was', async () => {
    const keys = await open();
    const sheet = (await keys.create(7, password())).toString();
    const header = await headerFor(keys.recipient);
    const recovered = { recoveryKey: Buffer.from(sheet), userId: 9, password: password('another') };
    expect(await keys.recover(recovered, () => undefined)).toBe(true);
    const after = await open();
    const adopt = (typed: Buffer, recoveryKey?: string) =>
      after.adopt({
        password: typed,
        recoveryKey: recoveryKey === undefined ? undefined : Buffer.from(recoveryKey),
      });
    const before = await readFile(path, 'utf8');
    expect(await adopt(password('not it'))).toBeUndefined();
    expect(
      await adopt(password('not it'), `${sheet.slice(0, -1)}${sheet.endsWith('Q') ? 'P' : 'Q'}`),
    ).toBeUndefined();
    expect(await readFile(path, 'utf8')).toBe(before);
    const given = password();
    expect(await adopt(given)).toBe(7);
    expect([...given].every((byte) => byte === 0)).toBe(true);
    expect(after.processId).toBeUndefined();
    expect(after.holders()).toEqual({ generation: 1, userIds: [7] });
    expect(await after.unlock(claim('b', password('another'), 9))).toBe(false);
    expect(await after.unlock(claim('a', password(), 7))).toBe(true);
    await after.unwrapFileKey(header);
    expect((await readdir(folder)).filter((name) => name.endsWith('.json'))).toHaveLength(1);
  });

  it('goes on for who has the sheet, with a new password', async () => {
    const keys = await open();
    const sheet = (await keys.create(7, password())).toString();
    const header = await headerFor(keys.recipient);
    const after = await open();
    const claimed = { password: password('new words here'), recoveryKey: Buffer.from(sheet) };
    expect(await after.adopt(claimed)).toBe(7);
    expect(await after.unlock(claim('a', password(), 7))).toBe(false);
    expect(await after.unlock(claim('a', password('new words here'), 7))).toBe(true);
    await after.unwrapFileKey(header);
    // Cut off before the row was written, it is done once more.
    expect(await (await open()).adopt({ ...adoptBy('new words here') })).toBe(7);
  });

  function adoptBy(words: string): { password: Buffer; recoveryKey: undefined } {
    return { password: password(words), recoveryKey: undefined };
  }
});

describe('New key', () => {
  it('lets members read all, and the old sheet nothing that is sealed later', async () => {
    const keys = await open();
    const old = (await keys.create(1, password())).toString();
    const before = await headerFor(keys.recipient);
    await expect(keys.newKey('a')).rejects.toMatchObject({ kind: 'locked' });
    await keys.unlock(claim('a'));
    const sheets = [await keys.newKey('a'), await keys.newKey('a')].map(String);
    const after = await headerFor(keys.recipient);
    for (const header of [before, after]) await keys.unwrapFileKey(header);
    expect(await fileKeyOf(before, [old])).toHaveLength(16);
    for (const sheet of [old, sheets[0]!]) {
      await expect(fileKeyOf(after, [sheet])).rejects.toMatchObject({ kind: 'corrupt' });
    }
    expect(await fileKeyOf(after, [sheets[1]!])).toHaveLength(16);
    const again = await open();
    await again.unlock(claim('a'));
    for (const header of [before, after]) await again.unwrapFileKey(header);
    const recovery = { userId: 1, password: password('new words') };
    const recover = (sheet: string): Promise<boolean> =>
      again.recover({ ...recovery, recoveryKey: Buffer.from(sheet) }, () => undefined);
    expect(await recover(old)).toBe(false);
  });
});

describe('the process killed', () => {
  type Step = 'before the file' | 'after the file';

  /** Ends the process around the nth write of the file. */
  function killingWrite(step: Step, nth: number, of: () => HouseholdKeys | undefined) {
    let writes = 0;
    return async (place: string, household: Parameters<typeof writeHousehold>[1]) => {
      writes += 1;
      const kill = (): void => {
        if (writes === nth) process.kill(of()!.processId!, 'SIGKILL');
      };
      if (step === 'before the file') {
        kill();
        if (writes === nth) throw new Error('the disk went with it');
      }
      await writeHousehold(place, household);
      kill();
    };
  }

  it.each(['before the file', 'after the file'] as const)('in creation, %s', async (step) => {
    const keys = await open({ write: killingWrite(step, 1, () => opened[0]) });
    const made = await keys.create(1, password()).catch(() => undefined);
    const after = await open();
    if (step === 'before the file') {
      expect([made, after.recipient]).toEqual([undefined, undefined]);
      expect(String(await after.create(1, password()))).toMatch(/^AGE-SECRET-KEY-1/);
    } else {
      expect(await recipientOf(String(made))).toBe(after.recipient);
    }
    expect(await after.unlock(claim('a'))).toBe(true);
  });

  it.each(['before the file', 'after the file'] as const)('in New key, %s', async (step) => {
    const keys = await open({ write: killingWrite(step, 2, () => opened[0]) });
    const old = (await keys.create(1, password())).toString();
    const oldRecipient = keys.recipient;
    const before = await headerFor(oldRecipient);
    await keys.unlock(claim('a'));
    const made = await keys.newKey('a').catch(() => undefined);
    const after = await open();
    expect(after.recipient === oldRecipient).toBe(step === 'before the file');
    expect(await recipientOf(String(made ?? old))).toBe(after.recipient);
    expect(await after.unlock(claim('a'))).toBe(true);
    await after.unwrapFileKey(before);
    await after.unwrapFileKey(await headerFor(after.recipient));
  });

  it('while it works, in each request, leaves the file as it was', async () => {
    const keys = await open({ cost: { memoryKib: 64 * 1024, passes: 3 } });
    const making = keys.create(1, password());
    await expect.poll(() => keys.processId).toBeDefined();
    process.kill(keys.processId!, 'SIGKILL');
    await expect(making).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await readdir(folder)).toEqual([]);
    await keys.create(1, password());
    const text = await readFile(path, 'utf8');
    const unlocking = keys.unlock(claim('a'));
    await expect.poll(() => keys.processId).toBeDefined();
    process.kill(keys.processId!, 'SIGKILL');
    await expect(unlocking).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(await keys.unlock(claim('a'))).toBe(true);
  });
});

describe('what comes together', () => {
  it('two who ask for a missing household get one, and one sheet', async () => {
    const keys = await open();
    const sheets = await Promise.all([1, 1].map((id) => keys.createMissing(id, password())));
    expect(sheets.filter((sheet) => sheet !== undefined)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['household.json']);
    expect(await keys.unlock(claim('a'))).toBe(true);
  });

  it('a lock is not undone by what was typed before it', async () => {
    const keys = await open();
    await keys.create(1, password());
    const underWay = keys.unlock(claim('a'));
    const queued = keys.unlock(claim('b'));
    const outcomes = Promise.allSettled([underWay, queued]);
    await keys.lock();
    for (const outcome of await outcomes) {
      expect(outcome.status === 'rejected' || !outcome.value).toBe(true);
    }
    expect([keys.isUnlocked('a'), keys.isUnlocked('b')]).toEqual([false, false]);
    expect(keys.isOpen).toBe(false);
    // What is typed after it counts.
    expect(await keys.unlock(claim('b'))).toBe(true);
    expect([keys.isUnlocked('a'), keys.isUnlocked('b')]).toEqual([false, true]);
  });

  it('who signs out while the password is looked at leaves nothing unlocked', async () => {
    const keys = await open();
    await keys.create(1, password());
    expect(await keys.unlock({ ...claim('a'), isWanted: () => false })).toBe(false);
    expect(keys.isUnlocked('a')).toBe(false);
    expect(keys.processId).toBeUndefined();
  });
});

describe('file keys that others hold', () => {
  it('are called back by a lock, by the end of the last unlock and by the end of the process', async () => {
    let locks = 0;
    const keys = await open({
      onLocked: () => {
        locks += 1;
      },
    });
    await keys.create(1, password());
    const ways: readonly (() => Promise<unknown>)[] = [
      () => keys.lock(),
      () => {
        keys.keepUnlocks(() => false);
        return Promise.resolve();
      },
      () => clock.advance(UNLOCK_IDLE_MS + 1),
      () => Promise.resolve(process.kill(keys.processId!, 'SIGKILL')),
    ];
    for (const [index, way] of ways.entries()) {
      expect(await keys.unlock(claim('a'))).toBe(true);
      const before = locks;
      await way();
      await expect.poll(() => [index, locks > before, keys.isOpen]).toEqual([index, true, false]);
    }
  });
});

describe('a disk that refuses the last step of a recovery', () => {
  it('refuses nobody: the new password counts, and the old wrap goes with a later unlock', async () => {
    let refusals = 0;
    let writes = 0;
    const keys = await open({
      write: async (to, household) => {
        writes += 1;
        // Creation, the new wrap, then twice the step that takes the old wrap away.
        if (writes === 3 || writes === 4) {
          refusals += 1;
          throw Object.assign(new Error('ENOSPC by the test'), { code: 'ENOSPC' });
        }
        await writeHousehold(to, household);
      },
    });
    const sheet = (await keys.create(1, password())).toString();
    let isCommitted = false;
    const input = { recoveryKey: Buffer.from(sheet), userId: 1, password: password('new words') };
    const commit = (): void => {
      isCommitted = true;
    };
    expect(await keys.recover(input, commit)).toBe(true);
    expect([isCommitted, refusals]).toEqual([true, 1]);
    expect(await keys.unlock(claim('a', password('new words')))).toBe(true);
    expect(refusals).toBe(2);
    expect(await keys.unlock(claim('b', password('new words')))).toBe(true);
    expect(await keys.unlock(claim('c'))).toBe(false);
  });
});

describe('a kept phone', () => {
  const secret = (byte = 7): Buffer => Buffer.alloc(32, byte);
  const phone = { id: '00000000000000a1', name: 'Phone' };

  async function keptHome(): Promise<HouseholdKeys> {
    const keys = await open();
    await keys.create(1, password());
    expect(await keys.unlock({ ...claim('a'), phone: { ...phone, secret: secret() } })).toBe(true);
    await keys.close();
    return keys;
  }

  function kept(keys: HouseholdKeys, change: object = {}): Promise<string> {
    const { holder, userId, isWanted } = claim('b');
    const asked = {
      holder,
      userId,
      isWanted,
      locks: keys.locks,
      secret: secret(),
      isPressed: false,
    };
    return keys.unlockKept({ ...asked, ...change });
  }

  it('opens the past by its secret, also after a restart; the file does not hold it', async () => {
    const header = await headerFor((await keptHome()).recipient);
    const keys = await open();
    expect(await kept(keys)).toBe('open');
    expect(keys.isUnlocked('b')).toBe(true);
    expect(await keys.unwrapFileKey(header)).toHaveLength(16);
    const file = await readFile(path, 'utf8');
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      expect(file).not.toContain(secret().toString(form).slice(0, 40));
    }
  });

  it('opens nothing by another secret, for another member, or in another phone’s place', async () => {
    const keys = await keptHome();
    for (const change of [{ secret: secret(8) }, { secret: Buffer.alloc(0) }, { userId: 2 }]) {
      expect(await kept(keys, change)).toBe('unknown');
    }
    expect(keys.isOpen).toBe(false);
    const file = JSON.parse(await readFile(path, 'utf8')) as { kept: { id: string }[] };
    file.kept[0]!.id = '00000000000000a2';
    await writeHousehold(path, file as never);
    expect(await kept(await open())).toBe('unknown');
  });

  it('waits for a press after a lock, also after a restart, and after the end of a server does not', async () => {
    const keys = await keptHome();
    await keys.lock();
    expect(await kept(keys)).toBe('waits');
    const again = await open();
    expect(await kept(again)).toBe('waits');
    expect(await kept(again, { isPressed: true })).toBe('open');
    await again.close();
    expect(await kept(await open())).toBe('open');
  });

  it('waits for a press also when the disk refuses to note the lock', async () => {
    await keptHome();
    let refuses = false;
    const keys = await open({
      write: async (...args) => {
        if (refuses) throw new AppError('io', 'full');
        await writeHousehold(...args);
      },
    });
    refuses = true;
    await keys.lock();
    expect(await kept(keys)).toBe('waits');
  });

  it('waits no longer when the password is typed on it', async () => {
    const keys = await keptHome();
    await keys.lock();
    expect(await keys.unlock({ ...claim('b'), kept: secret() })).toBe(true);
    await keys.close();
    expect(await kept(keys)).toBe('open');
  });

  it('is replaced when it is kept once more, and forgotten when it is taken off the list', async () => {
    const keys = await keptHome();
    const next = { id: '00000000000000a2', name: 'Phone', secret: secret(9) };
    await keys.unlock({ ...claim('a'), phone: next, kept: secret() });
    expect(keys.keptPhones().map(({ id }) => id)).toEqual([next.id]);
    await keys.close();
    expect(await kept(keys, { secret: secret(9) })).toBe('open');
    expect(keys.isUnlocked('b')).toBe(true);
    expect(await keys.forgetPhone(next.id, 'a')).toBe(true);
    expect(keys.isUnlocked('b')).toBe(false);
    expect(await kept(keys, { secret: secret(9), isPressed: true })).toBe('unknown');
    expect(await keys.forgetPhone(next.id, 'a')).toBe(false);
  });

  describe('that was taken off the list', () => {
    async function takenOff(): Promise<HouseholdKeys> {
      const keys = await keptHome();
      expect(await keys.forgetPhone(phone.id, 'a')).toBe(true);
      // The file has forgotten it at once.
      expect((await open()).keptPhones()).toEqual([]);
      return keys;
    }

    it('is put back as it was, but waits for a press', async () => {
      const keys = await takenOff();
      expect(await keys.bringBackPhone(phone.id, 'a')).toBe(true);
      const again = await open();
      expect(await kept(again)).toBe('waits');
      expect(await kept(again, { isPressed: true })).toBe('open');
      expect(await keys.bringBackPhone(phone.id, 'a')).toBe(false);
    });

    it('is not put back by another session, nor another phone by this one', async () => {
      const keys = await takenOff();
      expect(await keys.bringBackPhone(phone.id, 'b')).toBe(false);
      expect(await keys.bringBackPhone('00000000000000a9', 'a')).toBe(false);
      expect(await keys.bringBackPhone(phone.id, 'a')).toBe(true);
    });

    it('is gone after 15 seconds, a lock, a new key, and accounts that are made anew', async () => {
      const ends: ((keys: HouseholdKeys) => Promise<unknown>)[] = [
        () => clock.advance(15_000),
        (keys) => keys.lock(),
        async (keys) => {
          expect(await keys.unlock({ ...claim('a'), locks: keys.locks })).toBe(true);
          await keys.newKey('a');
        },
        (keys) => keys.adopt({ password: password(), recoveryKey: undefined }),
      ];
      for (const end of ends) {
        await rm(path, { force: true });
        const keys = await takenOff();
        await end(keys);
        expect(await keys.bringBackPhone(phone.id, 'a')).toBe(false);
        expect((await open()).keptPhones()).toEqual([]);
      }
    });
  });

  it('is forgotten when its household goes on with accounts that are made anew', async () => {
    await keptHome();
    const keys = await open();
    expect(await keys.adopt({ password: password(), recoveryKey: undefined })).toBe(1);
    expect(keys.keptPhones()).toEqual([]);
    expect(await kept(keys, { isPressed: true })).toBe('unknown');
  });

  it('is forgotten at New key', async () => {
    const keys = await keptHome();
    await keys.unlock(claim('a'));
    await keys.newKey('a');
    expect(keys.keptPhones()).toEqual([]);
    expect(await kept(keys, { isPressed: true })).toBe('unknown');
  });

  it('is forgotten when the lost password is replaced, or was not used for 90 days', async () => {
    const keys = await open();
    const sheet = await keys.create(1, password());
    await keys.unlock({ ...claim('a'), phone: { ...phone, secret: secret() } });
    clock.stepWall(90 * 86_400_000 - 1);
    expect(await kept(keys)).toBe('open');
    clock.stepWall(90 * 86_400_000);
    expect(await kept(keys)).toBe('unknown');
    clock.stepWall(-86_400_000);
    expect(await kept(keys)).toBe('open');
    const input = { recoveryKey: sheet, userId: 1, password: password('new words') };
    expect(await keys.recover(input, () => undefined)).toBe(true);
    expect(await kept(keys, { isPressed: true })).toBe('unknown');
  });

  it('keeps no more than eight of a member, those that were used last', async () => {
    const keys = await open();
    await keys.create(1, password());
    for (let at = 0; at < 9; at += 1) {
      const one = { id: `00000000000000b${String(at)}`, name: 'x', secret: secret(at) };
      await keys.unlock({ ...claim('a'), phone: one });
      clock.stepWall(3_600_000);
    }
    const ids = keys.keptPhones().map(({ id }) => id);
    expect(ids).toHaveLength(8);
    expect(ids).not.toContain('00000000000000b0');
  });
});

describe('day keys', () => {
  const dayKey = { day: 20_000, id: Buffer.alloc(8, 7), key: Buffer.alloc(32, 9) };

  it('are sealed while locked, and open in order while somebody has unlocked', async () => {
    const keys = await open();
    await expect(keys.sealDayKey(dayKey)).rejects.toMatchObject({ kind: 'io' });
    await keys.create(1, password());
    const sealed = await keys.sealDayKey(dayKey);
    expect(keys.processId).toBeUndefined();
    await expect(keys.unwrapDayKeys([sealed])).rejects.toMatchObject({ kind: 'locked' });
    await keys.unlock(claim('a'));
    const many = Array.from({ length: 150 }, () => sealed);
    expect(await keys.unwrapDayKeys(many)).toEqual(many.map(() => dayKey));
    expect(await keys.unwrapDayKeys([Buffer.from('none'), sealed])).toEqual([undefined, dayKey]);
    expect(await keys.unwrapDayKeys([])).toEqual([]);
  });

  it('of before New key open after it; those of after it do not open with the old sheet', async () => {
    const keys = await open();
    const oldSheet = (await keys.create(1, password())).toString();
    const before = await keys.sealDayKey(dayKey);
    await keys.unlock(claim('a'));
    const newSheet = (await keys.newKey('a')).toString();
    const after = await keys.sealDayKey(dayKey);
    expect(await keys.unwrapDayKeys([before, after])).toEqual([dayKey, dayKey]);
    const opens = async (sheet: string, sealed: Buffer): Promise<boolean> =>
      (await openSmallFile([sheet], sealed)) !== undefined;
    expect([await opens(oldSheet, before), await opens(oldSheet, after)]).toEqual([true, false]);
    expect([await opens(newSheet, before), await opens(newSheet, after)]).toEqual([false, true]);
  });

  it('are all that is handed out: not the older identities, which are sealed to the household, too', async () => {
    const keys = await open();
    const oldSheet = (await keys.create(1, password())).toString();
    await keys.unlock(claim('a'));
    const newSheet = (await keys.newKey('a')).toString();
    const { older } = JSON.parse(await readFile(path, 'utf8')) as { older: { sealed: string }[] };
    const identity = Buffer.from(older[0]!.sealed, 'base64');
    // It is what it is taken for, and the key process holds what opens it.
    expect((await openSmallFile([newSheet], identity))?.toString()).toBe(oldSheet);
    expect(await keys.unwrapDayKeys([identity])).toEqual([undefined]);
    const short = await sealTo(keys.recipient!, Buffer.from('doorkeep day key v1\n'));
    expect(await keys.unwrapDayKeys([short])).toEqual([undefined]);
  });
});

describe('a header of another box, with a key that somebody typed', () => {
  it('opens with its own key in any spelling, and leaves nobody unlocked', async () => {
    const other = await open();
    const recoveryKey = (await other.create(1, password())).toString();
    const header = await headerFor(other.recipient);
    await rm(path);
    const keys = await open();
    const typed = recoveryKey.toLowerCase().replaceAll(/.{5}/g, '$& ');
    const bytes = Buffer.from(typed);
    const fileKey = await keys.openHeader(header, bytes);
    const identity = (await parseIdentity(recoveryKey))!;
    expect(fileKey?.equals(await fileKeyOf(header, [identity]))).toBe(true);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect([keys.isOpen, keys.processId]).toEqual([false, undefined]);
  });

  it('does not open with another key, and is no header when it is none or too long', async () => {
    const keys = await open();
    const recoveryKey = await keys.create(1, password());
    const stranger = await headerFor('age1' + 'q'.repeat(58)).catch(() => Buffer.from('none'));
    const own = await headerFor(keys.recipient);
    const tries = [
      await keys.openHeader(stranger, Buffer.from(recoveryKey)),
      await keys.openHeader(own, Buffer.from('AGE-SECRET-KEY-1' + 'Q'.repeat(58))),
      await keys.openHeader(own, Buffer.from('hello')),
      await keys.openHeader(Buffer.alloc(5_000, 'x'), Buffer.from(recoveryKey)),
    ];
    expect(tries).toEqual([undefined, undefined, undefined, undefined]);
    expect(await keys.openHeader(own, Buffer.from(recoveryKey))).toBeDefined();
  });
});
