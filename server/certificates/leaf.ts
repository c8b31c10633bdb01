/** The certificate that the box shows: signed by its authority, made anew when it no longer fits. */
import { X509Certificate } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import type { BoxKey } from '../keys/box-key.ts';
import type { Authority } from './authority.ts';
import type { BoxNames } from './box-names.ts';
import { readKeyFile, writeKeyFile } from './key-file.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** 397 days is the most that browsers take from public authorities, and the limit of decision 12. */
const LIFE_MS = 397 * DAY_MS;

/** A phone's clock may be a day behind the box's. Part of the 397 days. */
const BACKDATED_MS = DAY_MS;

/** Made anew this long before the end: a box that is switched on once a season still manages. */
const RENEW_BEFORE_MS = 120 * DAY_MS;

/** Doorkeep is younger than a clock that shows less: such a clock was never set. */
const CLOCK_FLOOR_MS = Date.UTC(2026, 0, 1);

/** Of every box, whatever its network. */
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1'] as const;

/** A certificate for this box and its key. */
export interface Leaf {
  readonly certificate: X509Certificate;
  /** PKCS #8, DER. */
  readonly key: Buffer;
}

/** Reads the stored one; undefined when there is none, or none that can be used: it is derived from
 * the authority, so nothing is lost by making another. */
export async function loadLeaf(
  path: string,
  boxKey: BoxKey,
  authority: Authority,
): Promise<Leaf | undefined> {
  try {
    const file = await readKeyFile(path, boxKey);
    const [certificate] = file?.certificates ?? [];
    if (file === undefined || certificate === undefined) return undefined;
    if (!certificate.verify(authority.intermediate.publicKey)) return undefined;
    return { certificate, key: file.key };
  } catch (thrown) {
    const isDamaged =
      thrown instanceof AppError && (thrown.kind === 'corrupt' || thrown.reason === 'unsafe-file');
    if (isDamaged) return undefined;
    throw thrown;
  }
}

/** Makes one for `names` and stores it: L1 key and certificate in memory, L2 sealed, L3 one atomic
 * file. It is shown only after that, so a crash never changes what was shown. */
export async function createLeaf(
  path: string,
  boxKey: BoxKey,
  options: { authority: Authority; names: BoxNames; nowMs: EpochMs },
): Promise<Leaf> {
  const { authority, nowMs } = options;
  const { issueLeaf } = await import('./issue.ts');
  const fromMs = Math.floor((nowMs - BACKDATED_MS) / 1000) * 1000;
  const { certificatePem, key } = await issueLeaf({
    intermediatePem: authority.intermediate.toString(),
    intermediateKey: authority.intermediateKey,
    ...coverage(authority, options.names),
    fromMs: epochMs(fromMs),
    // Both ends count (RFC 5280 4.1.2.5), so a second less.
    toMs: epochMs(fromMs + LIFE_MS - 1000),
  });
  await writeKeyFile(path, { certificates: [certificatePem], key }, boxKey);
  return { certificate: new X509Certificate(certificatePem), key };
}

/** What a certificate for these names covers. A name that came after the authority lies outside its
 * constraints, and one such name would spoil the certificate for all others. */
export function coverage(
  authority: Authority,
  { names, addresses }: BoxNames,
): { names: string[]; addresses: string[] } {
  return {
    names: names.filter((name) => authority.permits(name)),
    addresses: [...LOOPBACK_ADDRESSES, ...addresses],
  };
}

/**
 * Whether another one is needed: a name or an address is not covered, the end is near, or it begins
 * in the future (the clock was ahead when it was made). What it covers beyond today's names does no
 * harm, so an interface that comes and goes costs nothing.
 */
export function needsNewLeaf(
  { certificate }: Leaf,
  options: { authority: Authority; names: BoxNames; nowMs: EpochMs },
): boolean {
  const needed = coverage(options.authority, options.names);
  const covered =
    needed.names.every((name) => certificate.checkHost(name) !== undefined) &&
    needed.addresses.every((address) => certificate.checkIP(address) !== undefined);
  const { nowMs } = options;
  return (
    !covered ||
    nowMs < Date.parse(certificate.validFrom) ||
    nowMs > Date.parse(certificate.validTo) - RENEW_BEFORE_MS
  );
}

/**
 * The time to put into a certificate. A clock that was never set (a board without a battery starts
 * in 1970) knows less than the certificate it left behind: then it is some time after that one began.
 */
export function issuingTime(wallMs: EpochMs, leaf: Leaf | undefined): EpochMs {
  if (wallMs >= CLOCK_FLOOR_MS) return wallMs;
  const began = leaf === undefined ? 0 : Date.parse(leaf.certificate.validFrom) + BACKDATED_MS;
  return epochMs(Math.max(CLOCK_FLOOR_MS, began));
}
