/**
 * `unseal FILE... [--out DIR] [--identity FILE]`: footage as playable MP4, with the recovery key alone.
 * It works without database and server, also beside a running one; it never overwrites, and goes on
 * after a damaged file.
 */
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError, cancelled, errnoCode, toAppError } from '../base/errors.ts';
import { fileError } from '../storage/file-error.ts';
import type { FootageKeys } from '../storage/file-keys.ts';
import type { SegmentLabel } from '../storage/segment-label.ts';
import {
  EXIT_COULD_NOT,
  EXIT_FINE,
  EXIT_FOUND,
  type ExitStatus,
  parseStrictly,
  type Surroundings,
} from './command.ts';
import { keysFromFile, keysFromPrompt, refuseKeyArgument } from './recovery-key.ts';
import { openSealedSegment, type SealedSegment } from './sealed-segment.ts';
import { type FragmentReport, wholeFragments } from './whole-fragments.ts';

/** How it is called. */
export const UNSEAL_USAGE = 'Use: unseal FILE... [--out DIR] [--identity FILE]';

/** What became of one file. */
type Outcome = 'whole' | 'damaged' | 'failed';

/** See the head of this file. */
export async function unseal(args: readonly string[], around: Surroundings): Promise<ExitStatus> {
  refuseKeyArgument(args);
  const { values, positionals: files } = parseStrictly(
    args,
    { out: { type: 'string' }, identity: { type: 'string' } },
    UNSEAL_USAGE,
  );
  if (files.length === 0) {
    throw new AppError('invalid', 'Name the files to open.', { hint: UNSEAL_USAGE });
  }
  const outPath = resolve(around.workingPath, values.out ?? '.');
  await mustBeFolder(outPath);
  const keys =
    values.identity === undefined
      ? await keysFromPrompt(around)
      : await keysFromFile(resolve(around.workingPath, values.identity));
  const outcomes: Outcome[] = [];
  for (const [index, file] of files.entries()) {
    around.remark(`${index + 1} of ${files.length}: ${file}`);
    outcomes.push(await unsealOne(resolve(around.workingPath, file), { outPath, keys, around }));
  }
  const count = (outcome: Outcome): number => outcomes.filter((each) => each === outcome).length;
  const [whole, damaged, failed] = [count('whole'), count('damaged'), count('failed')];
  around.remark(`${whole} opened whole, ${damaged} in part, ${failed} not at all.`);
  if (failed === files.length) return EXIT_COULD_NOT;
  return whole === files.length ? EXIT_FINE : EXIT_FOUND;
}

async function unsealOne(
  path: string,
  into: {
    readonly outPath: string;
    readonly keys: FootageKeys;
    readonly around: Surroundings;
  },
): Promise<Outcome> {
  const { outPath, keys, around } = into;
  let segment: SealedSegment | undefined;
  try {
    segment = await openSealedSegment(path, keys);
    const target = join(outPath, outputName(segment.label));
    const report = await copy(segment, target, around.signal);
    around.print(target);
    const { reader, sizeBytes, isExchanged } = segment;
    const isFinished = report.lostBytes === 0 && (await reader.endsWith(sizeBytes));
    const remarks = remarksOn({ report, isFinished, isExchanged });
    for (const remark of remarks) around.remark(`  ${remark}`);
    return remarks.length === 0 ? 'whole' : 'damaged';
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.kind === 'cancelled' || error.kind === 'internal') throw error;
    around.remark(`  not opened: ${failureWords(error)}`);
    return 'failed';
  } finally {
    await segment?.reader.close();
  }
}

/** Camera, run, sequence, and when it begins, in UTC without characters that some disks refuse. */
export function outputName({ cameraId, runId, sequence, startMs }: SegmentLabel): string {
  const start = new Date(startMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
  return `${cameraId}-${runId}-${String(sequence).padStart(6, '0')}-${start}.mp4`;
}

/** What a person has to know of a file that was opened; nothing when it is whole. */
export function remarksOn(of: {
  readonly report: FragmentReport;
  readonly isFinished: boolean;
  readonly isExchanged: boolean;
}): string[] {
  const { lostBytes, copiedBytes, fragments } = of.report;
  const remarks: string[] = [];
  if (lostBytes > 0) {
    const all = lostBytes + copiedBytes;
    remarks.push(
      `damaged: ${lostBytes} of ${all} bytes are left out; the other ${fragments} parts are in it`,
    );
  } else if (!of.isFinished) {
    remarks.push(
      'torn: it was being written; all that is there was opened, nothing says that it is all',
    );
  }
  if (of.isExchanged) {
    remarks.push('it lay in the place of another one; it is named by what it says of itself');
  }
  return remarks;
}

function failureWords(error: AppError): string {
  switch (error.reason) {
    case 'header-no-key':
      return 'this recovery key does not open it (an older sheet may), or its header is damaged';
    case 'header-format':
    case 'header-truncated':
      return 'it is not a sealed file, or its header is damaged';
    case 'segment-short':
    case 'chunk-changed':
      return 'its beginning is damaged; without that, no picture can be shown';
    default:
      return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  }
}

/** Writes what is whole into a new file; removes it again when that cannot be finished. */
async function copy(
  { reader, sizeBytes }: SealedSegment,
  target: string,
  signal: AbortSignal,
): Promise<FragmentReport> {
  const report: FragmentReport = { fragments: 0, copiedBytes: 0, lostBytes: 0 };
  const file = await create(target);
  try {
    try {
      const read = (bytes: Buffer, at: number): Promise<void> => reader.read(bytes, at);
      for await (const bytes of wholeFragments({ sizeBytes, read }, report)) {
        if (signal.aborted) throw cancelled(signal);
        await file.writeFile(bytes);
      }
      if (report.fragments === 0) throw new AppError('corrupt', 'it holds no picture');
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (thrown) {
    await rm(target, { force: true });
    throw fileError(thrown);
  }
  return report;
}

/** For its owner alone: it is no longer sealed. */
async function create(target: string): Promise<FileHandle> {
  try {
    return await open(target, 'wx', 0o600);
  } catch (thrown) {
    if (errnoCode(thrown) !== 'EEXIST') throw fileError(thrown);
    throw new AppError('conflict', `${target} is there already and was left as it is`, {
      cause: thrown,
    });
  }
}

async function mustBeFolder(path: string): Promise<void> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return;
  throw new AppError('not-found', `${path} is not a folder`, {
    hint: 'Make it first, or name another one: --out DIR.',
  });
}
