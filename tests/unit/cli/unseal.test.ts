import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newIdentity } from '../../../server/age/identity.ts';
import { AppError } from '../../../server/base/errors.ts';
import { epochMs } from '../../../server/base/time.ts';
import { placeOfPath } from '../../../server/cli/sealed-segment.ts';
import { outputName, remarksOn, unseal } from '../../../server/cli/unseal.ts';
import { type FragmentReport, wholeFragments } from '../../../server/cli/whole-fragments.ts';
import { box } from '../../../server/fmp4/box-writer.ts';
import { commandAround } from '../../fixtures/command-around.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorkeep-unseal-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('arguments', () => {
  it('never hold the key, and it is not repeated', async () => {
    const key = await newIdentity();
    const refused = await unseal(['a.age', key.toLowerCase()], commandAround(folder)).catch(
      (thrown: unknown) => thrown as AppError,
    );
    expect(refused).toMatchObject({ kind: 'invalid' });
    const { message, hint } = refused as AppError;
    expect(message + (hint ?? '')).not.toContain(key.slice(20));
  });

  it.each([[[]], [['--what', 'a.age']], [['--identity']]])('%j are refused', async (args) => {
    await expect(unseal(args, commandAround(folder))).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('name a folder that is there', async () => {
    const args = ['a.age', '--out', 'nowhere'];
    await expect(unseal(args, commandAround(folder))).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('the key', () => {
  it.each(['', 'no key\n', '# only a comment\n', 'AGE-SECRET-KEY-1QQQ\n'])(
    'is refused when the file says %j',
    async (text) => {
      writeFileSync(join(folder, 'sheet.txt'), text);
      const asked = unseal(['a.age', '--identity', 'sheet.txt'], commandAround(folder));
      await expect(asked).rejects.toMatchObject({ kind: 'invalid' });
    },
  );

  it('may be typed again, three times', async () => {
    const key = await newIdentity();
    const typed = commandAround(folder, { answers: ['no', 'neither', ` ${key.toLowerCase()} `] });
    expect(await unseal(['a.age'], typed)).toBe(2);
    expect(typed.remarked.join('\n')).toContain('there is no such file');
    const wrong = commandAround(folder, { answers: ['no', 'no', 'no', key] });
    await expect(unseal(['a.age'], wrong)).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('is missed where nobody answers', async () => {
    await expect(unseal(['a.age'], commandAround(folder))).rejects.toMatchObject({
      hint: expect.stringContaining('--identity') as string,
    });
  });
});

describe('names', () => {
  it('come from the label', () => {
    const label = {
      ...{ cameraId: '00000000000000c1', runId: 12, sequence: 3, anchorMs: epochMs(0) },
      startMs: epochMs(Date.UTC(2026, 10, 27, 16, 5, 9, 250)),
    };
    expect(outputName(label)).toBe('00000000000000c1-12-000003-20261127T160509Z.mp4');
  });

  it.each([
    ['/d/footage/00000000000000c1/12/000003.age', 3],
    ['/d/footage/00000000000000c1/12/1234567.age', 1_234_567],
    ['/d/footage/00000000000000c1/12/0000003.age', undefined],
    ['/d/footage/00000000000000c1/x/000003.age', undefined],
    ['/d/copies/000003.age', undefined],
  ])('%s is segment %s', (path, sequence) => {
    expect(placeOfPath(path)?.sequence).toBe(sequence);
  });
});

describe('what is said of a file', () => {
  const report = { fragments: 3, copiedBytes: 100, lostBytes: 0 };
  it.each([
    [{ report, isFinished: true, isExchanged: false }, []],
    [{ report, isFinished: false, isExchanged: false }, [/^torn/]],
    [
      { report: { ...report, lostBytes: 20 }, isFinished: false, isExchanged: false },
      [/20 of 120/],
    ],
    [{ report, isFinished: true, isExchanged: true }, [/place of another/]],
  ])('%#', (of, expected) => {
    const said = remarksOn(of);
    expect(said).toHaveLength(expected.length);
    expected.forEach((pattern, index) => {
      expect(said[index]).toMatch(pattern);
    });
  });
});

describe('whole fragments', () => {
  const CHUNK = 65_536;
  const init = Buffer.concat([box('ftyp', Buffer.alloc(16)), box('moov', Buffer.alloc(200))]);
  const fragment = (i: number): Buffer =>
    Buffer.concat([box('moof', Buffer.alloc(100, i)), box('mdat', Buffer.alloc(40_000, i))]);
  const all = Buffer.concat([init, ...[1, 2, 3, 4, 5].map(fragment)]);

  async function copied(
    bytes: Buffer,
    isDamaged: (chunk: number) => boolean = () => false,
  ): Promise<{ bytes: Buffer; report: FragmentReport }> {
    const report = { fragments: 0, copiedBytes: 0, lostBytes: 0 };
    const read = (target: Buffer, at: number): Promise<void> => {
      const last = Math.floor((at + target.length - 1) / CHUNK);
      for (let chunk = Math.floor(at / CHUNK); chunk <= last; chunk += 1) {
        if (isDamaged(chunk)) return Promise.reject(new AppError('corrupt', 'changed'));
      }
      bytes.copy(target, 0, at);
      return Promise.resolve();
    };
    const pieces: Buffer[] = [];
    const segment = { sizeBytes: bytes.length, read };
    for await (const piece of wholeFragments(segment, report)) pieces.push(piece);
    return { bytes: Buffer.concat(pieces), report };
  }

  it('are all of it where nothing is damaged', async () => {
    const { bytes, report } = await copied(all);
    expect(bytes.equals(all)).toBe(true);
    expect(report).toEqual({ fragments: 5, copiedBytes: all.length, lostBytes: 0 });
  });

  it('go on behind a damaged chunk, and every byte is accounted for', async () => {
    const { bytes, report } = await copied(all, (chunk) => chunk === 1);
    // Chunk 1 holds the end of the second, the third, and the beginning of the fourth.
    expect(bytes.equals(Buffer.concat([init, fragment(1), fragment(5)]))).toBe(true);
    expect(report.copiedBytes + report.lostBytes).toBe(all.length);
  });

  it('end before what is not whole at the end', async () => {
    const torn = all.subarray(0, -1);
    const { bytes, report } = await copied(torn);
    expect(bytes.equals(all.subarray(0, all.length - fragment(5).length))).toBe(true);
    expect(report.lostBytes).toBe(fragment(5).length - 1);
  });

  it('are none without the beginning', async () => {
    await expect(copied(all, (chunk) => chunk === 0)).rejects.toMatchObject({ kind: 'corrupt' });
  });
});
