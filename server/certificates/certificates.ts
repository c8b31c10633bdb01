/**
 * What the box shows to those who connect, and what they are asked to trust. Opened without making
 * anything: an authority is made when the box is first opened to the home, not before.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { supervise } from '../base/lifecycle.ts';
import { errorFields, type Log, type LogFields } from '../base/log.ts';
import { Secret } from '../base/secret.ts';
import type { BoxKey } from '../keys/box-key.ts';
import { Authority } from './authority.ts';
import { shortName, type BoxNames } from './box-names.ts';
import { keyPem } from './key-file.ts';
import { createLeaf, issuingTime, loadLeaf, needsNewLeaf, type Leaf } from './leaf.ts';
import {
  complaints,
  dnsNamesOf,
  loadOwnCertificate,
  type OwnCertificate,
} from './own-certificate.ts';

/** A router that hands out another address is followed within 20 s. Looking costs microseconds. */
const WATCH = { firstMs: 20_000, maxMs: 20_000, healthyAfterMs: 0 };

/** What a server shows: node:tls takes both as they are. */
export interface TlsIdentity {
  /** The box's certificate and what vouches for it, PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: Secret;
}

/** What phones are asked to trust. */
export interface AuthorityFile {
  /** One certificate, PEM: iOS, Android, Windows, macOS, Firefox and `curl --cacert` all take it. */
  readonly pem: string;
  /** For whoever finds it among downloads, e.g. `doorkeep-porchbox.crt`. */
  readonly fileName: string;
  /** SHA-256 in groups of two hexadecimal digits, as those systems show it. */
  readonly fingerprint: string;
}

/** What `Certificates` needs. */
export interface CertificatesOptions {
  /** DATA/keys/tls; made when something is stored. */
  readonly folder: string;
  readonly boxKey: BoxKey;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** What the box is called right now (`readBoxNames`). */
  readonly names: () => BoxNames;
}

/** See the head of this file. */
export class Certificates {
  readonly #options: CertificatesOptions;
  readonly #listeners = new Set<(identity: TlsIdentity) => void>();
  #own: OwnCertificate | undefined;
  #authority: Authority | undefined;
  #leaf: Leaf | undefined;
  #identity: TlsIdentity | undefined;
  /** Whether the box is open to the home, so that a certificate has to fit at all times. */
  #provided = false;
  /** Looks follow each other: one that saw fewer addresses must not show its certificate last. */
  #last: Promise<unknown> = Promise.resolve();
  /** What was complained about last, so that the log has it once and not every minute. */
  #saidLast = '';

  private constructor(options: CertificatesOptions) {
    this.#options = options;
  }

  /** Reads what is there. Throws `conflict` for what cannot be used, with what to do. */
  static async open(options: CertificatesOptions): Promise<Certificates> {
    const certificates = new Certificates(options);
    const { folder, boxKey } = options;
    certificates.#own = await loadOwnCertificate(certificates.#ownPaths());
    const authority = await Authority.load(join(folder, 'authority.pem'), boxKey);
    certificates.#authority = authority;
    if (authority !== undefined) {
      certificates.#leaf = await loadLeaf(join(folder, 'leaf.pem'), boxKey, authority);
    }
    certificates.#identity = certificates.#compose();
    return certificates;
  }

  /** What to show; undefined until `provide` ran once in the life of the data folder. */
  get identity(): TlsIdentity | undefined {
    return this.#identity;
  }

  /** What to trust; undefined without one of our own, and when the owner's certificate is shown. */
  get authority(): AuthorityFile | undefined {
    if (this.#own !== undefined || this.#authority === undefined) return undefined;
    const { root } = this.#authority;
    const name = shortName(this.#options.names());
    return {
      pem: root.toString(),
      fileName: `doorkeep${name === undefined ? '' : `-${name}`}.crt`,
      fingerprint: root.fingerprint256,
    };
  }

  /** Whether a browser may call the box by this name: one of the machine's, or one that an owner's
   * certificate was made for. Lower case, no trailing dot. */
  has(name: string): boolean {
    if (this.#options.names().names.includes(name)) return true;
    return this.#own?.certificates[0]?.checkHost(name) !== undefined;
  }

  /** Names of the machine that came after its authority, which therefore cannot vouch for them. */
  get namesOutside(): readonly string[] {
    const authority = this.#authority;
    if (this.#own !== undefined || authority === undefined) return [];
    return this.#options.names().names.filter((name) => !authority.permits(name));
  }

  /** Names that an owner's certificate was made for and that can be typed; empty without one. */
  get ownNames(): readonly string[] {
    const certificate = this.#own?.certificates[0];
    const names = certificate === undefined ? [] : dnsNamesOf(certificate);
    return names.filter((name) => !name.startsWith('*'));
  }

  /** Told of each new identity, so that it is shown without a restart. */
  onChange(listener: (identity: TlsIdentity) => void): void {
    this.#listeners.add(listener);
  }

  /** Sees to it that there is a certificate that fits, and keeps it so from here on: called before
   * the box is opened to the home. */
  async provide(): Promise<TlsIdentity> {
    this.#provided = true;
    await this.#refresh();
    if (this.#identity === undefined) {
      throw new AppError('internal', 'there is no certificate to show');
    }
    return this.#identity;
  }

  /** Looks now instead of at the next turn, because the names have changed. `without`: one of them is
   * gone, and the certificate must not name it any longer. What goes wrong is said as in `run`. */
  async fit({ without = false } = {}): Promise<void> {
    if (!this.#provided) return;
    try {
      await this.#refresh({ anew: without });
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#say(error.message, errorFields(error));
    }
  }

  /** The box is this machine's again: nothing has to fit. */
  retire(): void {
    this.#provided = false;
  }

  /** Looks after names, dates and the owner's files until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    await supervise({
      ...{ clock, random, signal, policy: WATCH },
      runOnce: () => (this.#provided ? this.#refresh() : Promise.resolve()),
      onEnd: (end) => {
        if (end !== undefined) this.#say(end.message, errorFields(end));
      },
    });
  }

  #refresh({ anew = false } = {}): Promise<void> {
    const look = this.#last.then(() => {
      // A certificate that covers more than today's names would pass for one that fits.
      if (anew) this.#leaf = undefined;
      return this.#look();
    });
    this.#last = look.catch(() => undefined);
    return look;
  }

  async #look(): Promise<void> {
    // A pair of files is replaced one after the other: what cannot be used leaves the old in place.
    this.#own = await loadOwnCertificate(this.#ownPaths());
    if (this.#own === undefined) await this.#refreshOurs();
    else this.#complain(this.#own);
    const identity = this.#compose();
    if (identity === undefined || identity.cert === this.#identity?.cert) return;
    this.#identity = identity;
    // No names: a log is shown to others, and the name of a machine may be a family's.
    this.#options.log.info({ own: this.#own !== undefined }, 'showing a new certificate');
    for (const listener of this.#listeners) listener(identity);
  }

  #compose(): TlsIdentity | undefined {
    if (this.#own !== undefined) {
      const cert = this.#own.certificates.map((certificate) => certificate.toString()).join('');
      return { cert, key: this.#own.key };
    }
    if (this.#authority === undefined || this.#leaf === undefined) return undefined;
    return {
      cert: this.#leaf.certificate.toString() + this.#authority.intermediate.toString(),
      key: new Secret(keyPem(this.#leaf.key)),
    };
  }

  async #refreshOurs(): Promise<void> {
    const { folder, boxKey, clock } = this.#options;
    const names = this.#options.names();
    const nowMs = issuingTime(clock.wallMs(), this.#leaf);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const authority =
      this.#authority ??
      (await Authority.create(join(folder, 'authority.pem'), boxKey, { names, nowMs }));
    this.#authority = authority;
    const options = { authority, names, nowMs };
    if (this.#leaf === undefined || needsNewLeaf(this.#leaf, options)) {
      this.#leaf = await createLeaf(join(folder, 'leaf.pem'), boxKey, options);
    }
    if (this.namesOutside.length > 0) {
      this.#say('the box has another name than when its authority was made', {
        hint: 'Open it by its address or old name; docs/guide/phones.md says how to start over.',
      });
    }
  }

  #complain(own: OwnCertificate): void {
    const text = complaints(own, this.#options.names(), this.#options.clock.wallMs()).join(' ');
    if (text !== '') this.#say(text, {});
  }

  #say(text: string, fields: LogFields): void {
    if (text === this.#saidLast) return;
    this.#saidLast = text;
    this.#options.log.warn(fields, text);
  }

  #ownPaths(): { certificate: string; key: string } {
    const { folder } = this.#options;
    return { certificate: join(folder, 'own.crt'), key: join(folder, 'own.key') };
  }
}
