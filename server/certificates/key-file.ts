/**
 * Certificates and the key of the last of them in one PEM file (RFC 7468), so that no crash can leave
 * one without the other. The certificates are there for anybody to read; the key is sealed under the
 * box key and bound to its certificate.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { basename } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { AppError } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import type { BoxKey } from '../keys/box-key.ts';

/** Two certificates with the most addresses we name are 4 KiB. */
const FILE_MAX_BYTES = 64 * 1024;

/** Not `ENCRYPTED PRIVATE KEY`, which is PKCS #8 with a password: other tools must not ask for one. */
const SEALED_LABEL = 'DOORKEEP SEALED PRIVATE KEY';

/** RFC 7468 section 2: 64 characters a line. */
const LINE_CHARS = 64;

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/** What such a file holds. */
export interface CertifiedKey {
  /** From the one that vouches to the one the key belongs to. */
  readonly certificates: readonly X509Certificate[];
  /** PKCS #8, DER. */
  readonly key: Buffer;
}

/** A piece of a PEM file. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Buffer;
}

/** All blocks of a PEM text; what is around them is free text. */
export function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(BLOCK)].map(([, label = '', body = '']) => ({
    label,
    bytes: Buffer.from(body, 'base64'),
  }));
}

/** The certificates of a PEM text, in order. Throws what `X509Certificate` throws. */
export function certificatesOf(text: string): X509Certificate[] {
  return pemBlocks(text)
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ bytes }) => new X509Certificate(bytes));
}

/** Writes the file; the caller still owns `key` and overwrites it. */
export async function writeKeyFile(
  path: string,
  content: { certificates: readonly string[]; key: Buffer },
  boxKey: BoxKey,
): Promise<void> {
  const [certificate] = content.certificates.slice(-1).flatMap(certificatesOf);
  if (certificate === undefined) throw new AppError('internal', 'a key file without certificates');
  const sealed = boxKey.seal(content.key, purpose(path, certificate));
  await writeFileAtomic(path, content.certificates.join('') + pemOf(SEALED_LABEL, sealed), 0o600);
}

/**
 * Reads the file; undefined when there is none. Throws `conflict` when other accounts may read it,
 * and `corrupt` when it is damaged or was sealed on another box.
 */
export async function readKeyFile(path: string, boxKey: BoxKey): Promise<CertifiedKey | undefined> {
  const bytes = await readPrivateFile(path, FILE_MAX_BYTES);
  if (bytes === undefined) return undefined;
  try {
    const text = bytes.toString('latin1');
    const certificates = certificatesOf(text);
    const certificate = certificates.at(-1);
    const sealed = pemBlocks(text).find(({ label }) => label === SEALED_LABEL);
    if (certificate === undefined || sealed === undefined) throw new Error('a part is missing');
    const key = boxKey.open(sealed.bytes, purpose(path, certificate));
    const ofKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    if (!certificate.checkPrivateKey(ofKey)) throw new Error('the key is another one');
    return { certificates, key };
  } catch (cause) {
    throw new AppError('corrupt', `${basename(path)} is damaged or from another box`, { cause });
  }
}

/** PKCS #8 in DER as PEM, the form that node:tls takes. */
export function keyPem(key: Buffer): string {
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

function purpose(path: string, certificate: X509Certificate): string {
  return `tls:${basename(path)}:${certificate.fingerprint256}`;
}

function pemOf(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${String(LINE_CHARS)}}`, 'g')) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
