/**
 * Making certificates: the only door to @peculiar/x509. Profiles follow RFC 5280 and what Apple,
 * Chromium and OpenSSL's strict mode demand on top; docs/design/https.md has them as a table.
 */
import { randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { EpochMs } from '../base/time.ts';
import { NAME_CONSTRAINTS_OID, nameConstraints } from './name-constraints.ts';

/** ECDSA with SHA-256 on P-256 (FIPS 186-5): the one curve that every browser, phone and TLS library
 * in use takes for certificates; Ed25519 is not. */
const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' };

/** RFC 5280 4.1.2.2 allows 20 bytes; 16 random ones never repeat. */
const SERIAL_BYTES = 16;

/** The life of the authority does not come from a clock: a box without a battery starts in 1970, and
 * this certificate cannot be made again. UTCTime ends in 2049 (RFC 5280 4.1.2.5.1). */
const AUTHORITY_FROM = Date.UTC(2026, 0, 1);
const AUTHORITY_TO = Date.UTC(2049, 11, 31, 23, 59, 59);

/** ub-common-name of RFC 5280 appendix A.1. */
const COMMON_NAME_MAX_CHARS = 64;

/** "Doorkeep at ", the year and ", signer" take 26 of them. */
const HOST_IN_NAME_MAX_CHARS = COMMON_NAME_MAX_CHARS - 26;

/** A chain with the key that signs with it. */
export interface IssuedAuthority {
  readonly rootPem: string;
  readonly intermediatePem: string;
  /** PKCS #8, DER; the caller seals it and overwrites it. */
  readonly intermediateKey: Buffer;
}

/** A certificate for a server, with its key. */
export interface IssuedLeaf {
  readonly certificatePem: string;
  /** PKCS #8, DER; the caller seals it and overwrites it. */
  readonly key: Buffer;
}

/**
 * A new authority. The root key is made inside WebCrypto as not extractable, signs the intermediate
 * and is gone when this returns: no code can write it down, ours included.
 */
export async function issueAuthority(options: {
  /** What people call the machine, for the name that phones list; undefined: "this box". */
  readonly hostName: string | undefined;
  /** DNS names that may ever be vouched for. */
  readonly names: readonly string[];
  readonly year: number;
}): Promise<IssuedAuthority> {
  const label = `Doorkeep at ${(options.hostName ?? 'this box').slice(0, HOST_IN_NAME_MAX_CHARS)}`;
  const year = String(options.year);
  const rootKeys = await newKeys(false);
  const keys = await newKeys(true);
  const root = await sign({
    subject: `${label}, ${year}`,
    issuer: `${label}, ${year}`,
    publicKey: rootKeys.publicKey,
    signingKey: rootKeys.privateKey,
    ...{ fromMs: AUTHORITY_FROM, toMs: AUTHORITY_TO },
    extensions: await authorityExtensions(rootKeys.publicKey, { pathLength: 1 }),
  });
  const intermediate = await sign({
    subject: `${label}, ${year}, signer`,
    issuer: `${label}, ${year}`,
    publicKey: keys.publicKey,
    signingKey: rootKeys.privateKey,
    ...{ fromMs: AUTHORITY_FROM, toMs: AUTHORITY_TO },
    extensions: [
      ...(await authorityExtensions(keys.publicKey, { pathLength: 0 })),
      await AuthorityKeyIdentifierExtension.create(rootKeys.publicKey),
      // Constraints name DNS and addresses only; this keeps it from mail and code signing as well.
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new Extension(NAME_CONSTRAINTS_OID, true, nameConstraints(options.names)),
    ],
  });
  return {
    rootPem: pemOf(root),
    intermediatePem: pemOf(intermediate),
    intermediateKey: await pkcs8Of(keys.privateKey),
  };
}

/** A new key and a certificate for it, signed by the intermediate. `names` may not be empty. */
export async function issueLeaf(options: {
  readonly intermediatePem: string;
  readonly intermediateKey: Uint8Array;
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}): Promise<IssuedLeaf> {
  const intermediate = new X509Certificate(options.intermediatePem);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    options.intermediateKey,
    KEY_ALGORITHM,
    false,
    ['sign'],
  );
  const keys = await newKeys(true);
  const certificate = await sign({
    // Inside the constraints as well: some verifiers still read a name here.
    subject: options.names.find((name) => name.length <= COMMON_NAME_MAX_CHARS) ?? 'localhost',
    issuer: intermediate.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    ...{ fromMs: options.fromMs, toMs: options.toMs },
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(intermediate.publicKey),
      new SubjectAlternativeNameExtension([
        ...options.names.map((value) => ({ type: 'dns' as const, value })),
        ...options.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
    ],
  });
  return { certificatePem: pemOf(certificate), key: await pkcs8Of(keys.privateKey) };
}

type KeyPair = webcrypto.CryptoKeyPair;

function newKeys(extractable: boolean): Promise<KeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, extractable, ['sign', 'verify']);
}

async function pkcs8Of(key: webcrypto.CryptoKey): Promise<Buffer> {
  return Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
}

async function authorityExtensions(
  publicKey: webcrypto.CryptoKey,
  { pathLength }: { pathLength: number },
): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

interface SignOptions {
  readonly subject: string;
  readonly issuer: string | Name;
  readonly publicKey: webcrypto.CryptoKey;
  readonly signingKey: webcrypto.CryptoKey;
  readonly fromMs: number;
  readonly toMs: number;
  readonly extensions: Extension[];
}

function sign(options: SignOptions): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: nameOf(options.subject),
    issuer: options.issuer instanceof Name ? options.issuer : nameOf(options.issuer),
    notBefore: new Date(options.fromMs),
    notAfter: new Date(options.toMs),
    publicKey: options.publicKey,
    signingKey: options.signingKey,
    signingAlgorithm: SIGNATURE_ALGORITHM,
    extensions: options.extensions,
  });
}

/** As an array, which is taken as it is; the text form would have to be escaped. */
function nameOf(commonName: string): Name {
  return new Name([{ CN: [{ utf8String: commonName }] }]);
}

/** Positive and of full length: the first bit 0, the next 1. */
function newSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
