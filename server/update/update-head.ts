/** The three lines before the tar of an update: docs/design/updates.md, "The file". Pure. */
import { sign, verify, type KeyObject } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError } from '../base/errors.ts';
import { keyName, publicBytesOf, type ReleaseKeys } from './release-keys.ts';
import { VERSION } from './version-order.ts';

/** All three lines; more is not ours. */
export const HEAD_MAX_BYTES = 4 * 1024;

/** Ten times what a release has today. */
export const PACKED_MAX_BYTES = 64 * 1024 * 1024;

/** What a tar of the largest size may become: source code packs to a quarter. */
export const UNPACKED_MAX_BYTES = 256 * 1024 * 1024;

/** A release today has a thousand. */
export const FILES_MAX = 20_000;

const FIRST_LINE = 'doorkeep-update-1';

const ANY_FORMAT = /^doorkeep-update-\d{1,4}$/;

const SIGNATURE_LINE = /^ed25519 ([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)$/;

const LINE_FEED = 0x0a;

/** See the head of this file. */
export const UpdateHead = Type.Object(
  {
    version: Type.String({ pattern: VERSION }),
    releasedOn: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }),
    /** Of the database that this version writes. */
    schemaVersion: Type.Integer({ minimum: 1, maximum: 10_000 }),
    /** Of the tar as it lies in the file. */
    sizeBytes: Type.Integer({ minimum: 1, maximum: PACKED_MAX_BYTES }),
    sha512: Type.String({ pattern: '^[0-9a-f]{128}$' }),
    unpackedBytes: Type.Integer({ minimum: 1, maximum: UNPACKED_MAX_BYTES }),
    files: Type.Integer({ minimum: 1, maximum: FILES_MAX }),
  },
  { additionalProperties: false },
);

/** What is said of an update. */
export type UpdateHead = Static<typeof UpdateHead>;

/** A head whose signature holds, and where the tar begins. */
export interface SignedHead {
  readonly head: UpdateHead;
  readonly keyName: string;
  readonly tarAt: number;
}

/** The three lines, signed. `internal` for a head that nobody may write. */
export function writeHead(head: UpdateHead, privateKey: KeyObject): Buffer {
  if (!Value.Check(UpdateHead, head)) throw new AppError('internal', 'an update that nobody takes');
  const signed = Buffer.from(`${FIRST_LINE}\n${JSON.stringify(head)}\n`, 'utf8');
  const name = keyName(publicBytesOf(privateKey));
  const signature = sign(null, signed, privateKey).toString('base64');
  return Buffer.concat([signed, Buffer.from(`ed25519 ${name} ${signature}\n`, 'latin1')]);
}

/**
 * update 1: the head of the update that starts with these bytes. `unprocessable` for what is no update, or
 * not signed by one of `keys`, or changed.
 */
export function readHead(start: Buffer, keys: ReleaseKeys): SignedHead {
  const first = lineAt(start, 0);
  if (first === undefined || !ANY_FORMAT.test(first.text)) throw notAnUpdate();
  if (first.text !== FIRST_LINE) {
    throw new AppError(
      'unprocessable',
      'This update is in a form that this Doorkeep cannot read.',
      {
        reason: 'update-form',
        hint: 'Take an update in between first; its release notes say which.',
      },
    );
  }
  const second = lineAt(start, first.endsAt);
  const third = second && lineAt(start, second.endsAt);
  if (second === undefined || third === undefined) throw notAnUpdate();
  const [, name = '', signature = ''] = SIGNATURE_LINE.exec(third.text) ?? [];
  const key = keys.get(name);
  if (key === undefined) throw notSigned();
  const signed = start.subarray(0, second.endsAt);
  if (!verify(null, signed, key, Buffer.from(signature, 'base64'))) throw notSigned();
  return { head: parsed(second.text), keyName: name, tarAt: third.endsAt };
}

interface Line {
  readonly text: string;
  /** Behind its line feed. */
  readonly endsAt: number;
}

function lineAt(bytes: Buffer, from: number): Line | undefined {
  const end = bytes.indexOf(LINE_FEED, from);
  if (end === -1 || end >= HEAD_MAX_BYTES) return undefined;
  return { text: bytes.toString('utf8', from, end), endsAt: end + 1 };
}

/** Signed, so it is ours; what does not fit is for a newer Doorkeep. */
function parsed(text: string): UpdateHead {
  try {
    const value: unknown = JSON.parse(text);
    if (Value.Check(UpdateHead, value)) return value;
  } catch {
    // Said below.
  }
  throw new AppError(
    'unprocessable',
    'This update says of itself what this Doorkeep cannot read.',
    {
      reason: 'update-form',
      hint: 'Take an update in between first; its release notes say which.',
    },
  );
}

function notAnUpdate(): AppError {
  return new AppError('unprocessable', 'This file is no update of Doorkeep.', {
    reason: 'no-update',
    hint: 'Name the file doorkeep-….update of the release. Nothing was changed.',
  });
}

function notSigned(): AppError {
  return new AppError(
    'unprocessable',
    'This update is not signed by Doorkeep’s maintainers, or it was changed.',
    {
      reason: 'not-signed',
      hint: 'Fetch it again from where Doorkeep is published. Nothing was changed.',
    },
  );
}
