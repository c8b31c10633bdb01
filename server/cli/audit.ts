/**
 * `audit verify [--identity FILE | --without-key] [--json]`: whether the record is whole. It reads beside a
 * running server, locked or not. With the recovery key it proves that each entry was written by this box at its
 * turn; without it, only that entries fit together.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { recipientOf } from '../age/identity.ts';
import { AUDIT_KEY_NAME, type AuditState, peekAuditState } from '../audit/key-file.ts';
import { type TagChecker, verifyRecord } from '../audit/verify.ts';
import { AppError } from '../base/errors.ts';
import type { AuditFindingName, AuditOutcome } from '../contract/audit.ts';
import { AuditKeys } from '../keys/audit-key.ts';
import { BoxKey } from '../keys/box-key.ts';
import { readHousehold } from '../keys/household-file.ts';
import { withOlder } from '../keys/key-holder.ts';
import type { Household } from '../keys/key-messages.ts';
import { type DataPaths, findDataFolder } from '../storage/data-folder.ts';
import { Database } from '../storage/database.ts';
import {
  EXIT_FINE,
  EXIT_FOUND,
  type ExitStatus,
  parseStrictly,
  type Surroundings,
} from './command.ts';
import {
  keysFromFile,
  keysFromPrompt,
  refuseKeyArgument,
  type RecoveryKeys,
} from './recovery-key.ts';

/** How it is called. */
export const AUDIT_USAGE = 'Use: audit verify [--identity FILE | --without-key] [--json]';

/** What a server beside it writes while it is looked at. */
const LOOK_AGAIN_MS = 500;

const WORDS: Readonly<Record<AuditFindingName, string>> = {
  'entry-changed': 'does not fit to what stands before it: it was changed',
  'entry-not-ours': 'was not written by this box at its turn',
  'entries-missing': 'is missing',
  'beginning-missing': 'is missing, and nothing says that it was pruned',
  'end-missing': 'is missing: the record was cut off here',
  'end-not-ours': 'is the last one, but the key that lies beside the record is not the next one',
  'pruned-too-much': 'says that younger entries were pruned than may be',
  'key-lost': 'says that the key of the record was lost before it',
  'from-the-future': 'is from the future',
  'not-checkable': 'was written while nobody had unlocked, or under a key that is not this one',
};

/** See the head of this file. */
export async function audit(args: readonly string[], around: Surroundings): Promise<ExitStatus> {
  refuseKeyArgument(args);
  const { values, positionals } = parseStrictly(
    args,
    {
      identity: { type: 'string' },
      'without-key': { type: 'boolean' },
      json: { type: 'boolean' },
    },
    AUDIT_USAGE,
  );
  if (positionals.length !== 1 || positionals[0] !== 'verify') {
    throw new AppError('invalid', 'audit knows one thing to do: verify', { hint: AUDIT_USAGE });
  }
  const paths = await findDataFolder(around.dataPath);
  const keys =
    values['without-key'] === true
      ? undefined
      : values.identity === undefined
        ? await keysFromPrompt(around)
        : await keysFromFile(resolve(around.workingPath, values.identity));
  const tags = keys === undefined ? undefined : await checkerOf(paths, keys);
  let outcome = await look(paths, { tags, around });
  if (!outcome.whole) {
    await around.clock.sleep(LOOK_AGAIN_MS, around.signal);
    outcome = await look(paths, { tags, around });
  }
  if (values.json === true) around.print(JSON.stringify(outcome));
  else for (const line of linesOf(outcome)) around.print(line);
  return outcome.whole ? EXIT_FINE : EXIT_FOUND;
}

async function look(
  paths: DataPaths,
  { tags, around }: { readonly tags: TagChecker | undefined; readonly around: Surroundings },
): Promise<AuditOutcome> {
  const db = Database.openReadOnly(paths.databasePath);
  try {
    const { clock, signal } = around;
    return await db.snapshot(async () =>
      verifyRecord({
        ...{ db, tags, signal, nowMs: clock.wallMs() },
        state: await stateOf(paths, db.boxId),
        onProgress: () => undefined,
      }),
    );
  } finally {
    db.close();
  }
}

/** Undefined where the box key is gone: it is read here, never made. */
async function stateOf({ keysPath }: DataPaths, boxId: string): Promise<AuditState | undefined> {
  const path = join(keysPath, 'box.key');
  if (!existsSync(path)) return undefined;
  const boxKey = await BoxKey.load(path);
  return peekAuditState(join(keysPath, AUDIT_KEY_NAME), { boxKey, boxId });
}

/** The newest sheet opens all older keys, too; an older one opens those before it. */
async function checkerOf({ keysPath }: DataPaths, keys: RecoveryKeys): Promise<TagChecker> {
  const household = await readHousehold(join(keysPath, 'household.json'));
  if (household === undefined) {
    throw new AppError('not-found', 'keys/household.json is missing in the data folder', {
      hint: 'Use --without-key, or put the file back from a backup.',
    });
  }
  for (const identity of keys.identities) {
    const recipient = await recipientOf(identity);
    const generation = generationOf(household, recipient);
    if (generation === undefined) continue;
    const older = household.older.filter((one) => one.generation < generation);
    const all = await withOlder(identity, { ...household, recipient, generation, older });
    const checker = new AuditKeys((wanted) => all[generation - wanted]);
    return { check: (batch) => Promise.resolve(checker.check(batch)) };
  }
  throw new AppError('invalid', 'This recovery key is of another household.', {
    hint: 'Use the sheet of this box; the newest one checks everything.',
  });
}

function generationOf(household: Household, recipient: string): number | undefined {
  if (household.recipient === recipient) return household.generation;
  return household.older.find((one) => one.recipient === recipient)?.generation;
}

function linesOf(outcome: AuditOutcome): string[] {
  const { first, last, bound, withKey, findings, findingsTotal, restores } = outcome;
  const lines = findings.map(({ name, sequence }) => `Entry ${sequence} ${WORDS[name]}.`);
  if (findingsTotal > findings.length) {
    lines.push(`${findingsTotal - findings.length} more findings are not listed.`);
  }
  for (const at of restores)
    lines.push(`A backup from ${at} was put back: what came after it went.`);
  if (findingsTotal > 0) lines.push(`${findingsTotal} findings.`);
  else if (withKey) {
    lines.push(
      `Whole: entries ${first} to ${last}; ${bound} carry the tag that only this box made.`,
    );
  } else {
    lines.push(
      `Entries ${first} to ${last} fit together. Without the recovery key that proves less: somebody ` +
        'with the disk could have written all of them anew.',
    );
  }
  return lines;
}
