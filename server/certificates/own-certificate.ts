/** The certificate that an owner puts in place of ours: DATA/keys/tls/own.crt and own.key. */
import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AppError, errnoCode } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import { Secret } from '../base/secret.ts';
import { toRfc3339, epochMs, type EpochMs } from '../base/time.ts';
import type { BoxNames } from './box-names.ts';
import { certificatesOf } from './key-file.ts';

/** A chain of four large RSA certificates is 10 KiB. */
const FILE_MAX_BYTES = 64 * 1024;

/** A certificate of the owner's with its chain. */
export interface OwnCertificate {
  /** The box's own first, as node:tls wants it. */
  readonly certificates: readonly X509Certificate[];
  /** PEM. */
  readonly key: Secret;
}

/**
 * Reads both files; undefined when neither is there. Throws a `conflict` AppError with reason
 * `own-certificate` that says what is wrong with them; `unsafe-file` when others may read the key.
 */
export async function loadOwnCertificate(paths: {
  certificate: string;
  key: string;
}): Promise<OwnCertificate | undefined> {
  const certificateText = await readText(paths.certificate);
  const keyBytes = await readPrivateFile(paths.key, FILE_MAX_BYTES);
  if (certificateText === undefined && keyBytes === undefined) return undefined;
  if (certificateText === undefined || keyBytes === undefined) {
    const [there, missing] =
      keyBytes === undefined ? ['own.crt', 'own.key'] : ['own.key', 'own.crt'];
    throw wrong(`keys/tls/${there} is there, but ${missing} is not`, {
      hint: `Add ${missing}, or take ${there} away to go back to Doorkeep’s own certificate.`,
    });
  }
  const certificates = parseCertificates(certificateText);
  const keyText = keyBytes.toString('utf8');
  const [first] = certificates;
  if (first?.checkPrivateKey(parseKey(keyText)) !== true) {
    throw wrong('keys/tls/own.key does not belong to the first certificate in own.crt', {
      hint: 'The box’s own certificate comes first in own.crt, those that vouch for it after it.',
    });
  }
  return { certificates, key: new Secret(keyText) };
}

/** What browsers will complain about, one sentence each; empty when all is well. It is shown all the
 * same: a browser's warning is better than a box that stopped recording over a date. */
export function complaints(
  { certificates }: OwnCertificate,
  { names, addresses }: BoxNames,
  nowMs: EpochMs,
): string[] {
  const [certificate] = certificates;
  if (certificate === undefined) return [];
  const from = epochMs(Date.parse(certificate.validFrom));
  const to = epochMs(Date.parse(certificate.validTo));
  const isForUs =
    names.some((name) => name !== 'localhost' && certificate.checkHost(name) !== undefined) ||
    addresses.some((address) => certificate.checkIP(address) !== undefined);
  return [
    ...(nowMs > to ? [`own.crt ended on ${toRfc3339(to)}; put a newer one in its place.`] : []),
    ...(nowMs < from ? [`own.crt begins on ${toRfc3339(from)}; is the box’s clock right?`] : []),
    ...(isForUs || certificate.subjectAltName !== undefined
      ? []
      : ['own.crt names no host (subjectAltName), so no browser takes it.']),
  ];
}

/** The DNS names it was made for, wildcards included. */
export function dnsNamesOf(certificate: X509Certificate): string[] {
  return [...(certificate.subjectAltName ?? '').matchAll(/DNS:([^,\s"]+)/g)].map(
    (match) => match[1] ?? '',
  );
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const stat = await file.stat();
      if (!stat.isFile() || stat.size > FILE_MAX_BYTES) {
        throw wrong('keys/tls/own.crt is not a file of certificates', {
          hint: 'Put the certificate and its chain there, as PEM.',
        });
      }
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    if (errnoCode(thrown) === 'ENOENT') return undefined;
    throw new AppError('io', 'could not read keys/tls/own.crt', {
      cause: thrown,
      hint: 'Check that Doorkeep may read its data folder.',
    });
  }
}

function parseCertificates(text: string): X509Certificate[] {
  const hint = 'It has to begin with -----BEGIN CERTIFICATE-----; .p12 and .der files do not.';
  try {
    const certificates = certificatesOf(text);
    if (certificates.length > 0) return certificates;
  } catch (cause) {
    throw wrong('keys/tls/own.crt cannot be read as certificates in PEM', { cause, hint });
  }
  throw wrong('keys/tls/own.crt holds no certificate in PEM', { hint });
}

function parseKey(text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw wrong('keys/tls/own.key cannot be read as a private key in PEM', {
      cause,
      hint: 'It must not have a passphrase: nobody is there to type it when the box starts.',
    });
  }
}

function wrong(message: string, options: { hint: string; cause?: unknown }): AppError {
  return new AppError('conflict', message, { reason: 'own-certificate', ...options });
}
