import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { FileKeys } from '../../../server/storage/file-keys.ts';
import { TestFootageKeys } from '../../doubles/test-footage-keys.ts';

let household: TestFootageKeys;
let keys: FileKeys;
let text: Buffer;

beforeEach(async () => {
  household = await TestFootageKeys.create();
  keys = new FileKeys(household);
  const { bytes } = await household.newHeader();
  text = bytes.subarray(0, bytes.indexOf('\n', bytes.indexOf('\n---') + 1) + 1);
});

describe('file keys', () => {
  it('are asked for once, and each caller has a copy of its own', async () => {
    const first = await keys.of(text);
    const second = await keys.of(text);
    expect([first.isNew, second.isNew, household.opened]).toEqual([true, false, 1]);
    expect(second.fileKey.equals(first.fileKey)).toBe(true);
    first.fileKey.fill(0);
    expect((await keys.of(text)).fileKey.equals(second.fileKey)).toBe(true);
  });

  it('are gone after a lock, without anybody asking; what a caller holds is the caller’s', async () => {
    const { fileKey } = await keys.of(text);
    const before = Buffer.from(fileKey);
    keys.forget();
    expect(fileKey.equals(before)).toBe(true);
    expect((await keys.of(text)).isNew).toBe(true);
    expect(household.opened).toBe(2);
  });

  it('say that the header does not open, whatever the key process says of it', async () => {
    const { isOpen } = household;
    const refusing = new FileKeys({
      isOpen,
      newHeader: () => household.newHeader(),
      // Kind and sentence are all that comes from another process.
      unwrapFileKey: () => Promise.reject(new AppError('corrupt', 'sealed footage is damaged')),
    });
    await expect(refusing.of(text)).rejects.toMatchObject({
      ...{ kind: 'corrupt', reason: 'header-no-key' },
    });
    household.isOpen = false;
    await expect(keys.of(text)).rejects.toMatchObject({ kind: 'locked' });
  });

  it('are not kept where somebody locked while one was opened', async () => {
    const asked = keys.of(text);
    household.isOpen = false;
    await asked.catch(() => undefined);
    household.isOpen = true;
    expect((await keys.of(text)).isNew).toBe(true);
  });
});
