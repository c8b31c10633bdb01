/** A token that lies in a file of its own, readable by this account only. */
import { writeFileAtomic } from '../base/atomic-file.ts';
import { AppError } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import { Secret } from '../base/secret.ts';
import { isTokenShaped, newToken } from './random-token.ts';

/** A token of 43 characters, and a line end or two that an editor left. */
const TOKEN_FILE_MAX_BYTES = 64;

/** The token in `path`, made when there is none. A file that others may read, or that does not hold
 * a token, is a `conflict` AppError. */
export async function loadOrCreateToken(path: string): Promise<Secret> {
  const bytes = await readPrivateFile(path, TOKEN_FILE_MAX_BYTES);
  return bytes === undefined ? createToken(path) : parseToken(bytes);
}

/** Writes a new token to `path`, whatever was there. */
export async function createToken(path: string): Promise<Secret> {
  const token = newToken();
  await writeFileAtomic(path, `${token}\n`, 0o600);
  return new Secret(token);
}

function parseToken(bytes: Buffer): Secret {
  const token = bytes.toString('utf8').trim();
  if (!isTokenShaped(token)) {
    throw new AppError('conflict', 'a file in the data folder that should hold a token does not', {
      reason: 'unsafe-file',
      hint: 'Delete the file; Doorkeep writes a new one at its next start.',
    });
  }
  return new Secret(token);
}
