/** The keys that may sign an update: a list in the repository, so that a release can change it. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError } from '../base/errors.ts';

/** Where the list is, from the folder of package.json. */
export const RELEASE_KEYS_PATH = 'server/update/release-keys.json';

/** Two or three at a time; more is another file. */
const KEYS_MAX = 16;

const KEY_BYTES = 32;

const KeyList = Type.Object(
  {
    keys: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: '^[0-9a-f]{16}$' }),
          /** The 32 bytes of RFC 8032, in base64. */
          publicKey: Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }),
          /** The day it was made, for people. */
          from: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }),
        },
        { additionalProperties: false },
      ),
      { maxItems: KEYS_MAX },
    ),
  },
  { additionalProperties: false },
);

/** The list as it is written. */
export type KeyList = Static<typeof KeyList>;

/** By name. Empty until the maintainers have made a key. */
export type ReleaseKeys = ReadonlyMap<string, KeyObject>;

/** What the key is called: the start of the hash of its bytes. */
export function keyName(publicKey: Buffer): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

/** The list of an installation. */
export function readReleaseKeys(programPath: string): ReleaseKeys {
  return parseReleaseKeys(readFileSync(join(programPath, RELEASE_KEYS_PATH), 'utf8'));
}

/** Reads a list; `internal` for one that is wrong, because it came with the program. */
export function parseReleaseKeys(text: string): ReleaseKeys {
  const list: unknown = JSON.parse(text);
  if (!Value.Check(KeyList, list)) throw new AppError('internal', `${RELEASE_KEYS_PATH} is wrong`);
  return new Map(
    list.keys.map(({ name, publicKey }) => {
      const bytes = Buffer.from(publicKey, 'base64');
      if (bytes.length !== KEY_BYTES || keyName(bytes) !== name) {
        throw new AppError('internal', `the key ${name} in ${RELEASE_KEYS_PATH} has another name`);
      }
      return [name, publicKeyOf(bytes)];
    }),
  );
}

/** The 32 bytes of a key, public or private. */
export function publicBytesOf(key: KeyObject): Buffer {
  const { x } = key.export({ format: 'jwk' });
  if (key.asymmetricKeyType !== 'ed25519' || x === undefined) {
    throw new AppError('invalid', 'This is no Ed25519 key.', { hint: 'Make one with new-key.' });
  }
  return Buffer.from(x, 'base64url');
}

function publicKeyOf(bytes: Buffer): KeyObject {
  const key = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
  return createPublicKey({ key, format: 'jwk' });
}
