/** A camera's user name and password: sealed under the box key, bound to the camera's id. */
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { strictObject } from '../contract/schema.ts';
import type { BoxKey } from '../keys/box-key.ts';

/** What a camera asks for. */
export interface CameraCredentials {
  readonly username: string;
  readonly password: Secret;
}

const Plain = strictObject({ username: Type.String(), password: Type.String() });

/** Says what and whose it is, so that a row moved to another camera does not open. */
function binding(cameraId: string): string {
  return `camera-credentials:${cameraId}`;
}

/** For `camera.sealed_credentials`. */
export function sealCredentials(
  boxKey: BoxKey,
  cameraId: string,
  credentials: CameraCredentials,
): Buffer {
  const { username, password } = credentials;
  const plain = Buffer.from(JSON.stringify({ username, password: password.reveal() }));
  return boxKey.seal(plain, binding(cameraId));
}

/** Throws `corrupt` when the row does not belong to this camera or this box. */
export function openCredentials(
  boxKey: BoxKey,
  cameraId: string,
  sealed: Buffer,
): CameraCredentials {
  const value = parseJson(boxKey.open(sealed, binding(cameraId)));
  if (!Value.Check(Plain, value)) {
    throw new AppError('corrupt', 'a camera’s stored password cannot be read', {
      hint: 'Type the camera’s password again.',
    });
  }
  return { username: value.username, password: new Secret(value.password) };
}

/** Undefined for what is not JSON. No cause is kept: a SyntaxError quotes what it could not read. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
