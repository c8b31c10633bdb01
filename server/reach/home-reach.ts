/** Who can open Doorkeep: the stored choice or DOORKEEP_HOST, and what follows from it. */
import { AppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import type { Certificates, TlsIdentity } from '../certificates/certificates.ts';
import type { Reach, Settings, SettingsPatch } from '../contract/settings.ts';
import { classifyAddress } from '../egress/policy.ts';
import type { NetworksIn } from '../egress/networks-in.ts';
import type { Database } from '../storage/database.ts';
import { networksIn, replaceNetworksIn } from '../storage/networks-in.ts';
import { chooseReach, chosenReach } from '../storage/settings.ts';
import { homeAddresses, httpsAddress, inUrl } from './box-addresses.ts';
import type { KnownAddresses } from './known-addresses.ts';

/** All addresses of the machine, both families through one socket; without IPv6 the old ones. */
const EVERYWHERE = ['::', '0.0.0.0'] as const;

const THIS_MACHINE = ['127.0.0.1'] as const;

/** What takes connections (api/listening.ts, api/front-door.ts). */
export interface Entrance {
  readonly port: number;
  listen(hosts: readonly string[]): Promise<void>;
  useIdentity(identity: TlsIdentity): void;
  dismissOthers(): void;
}

/** What `HomeReach` needs. */
export interface HomeReachOptions {
  readonly db: Database;
  readonly certificates: Certificates;
  readonly entrance: Entrance;
  readonly known: KnownAddresses;
  /** Who may come in; kept as it is stored. */
  readonly networks: NetworksIn;
  readonly log: Log;
  /** DOORKEEP_HOST; undefined leaves the choice to the page. */
  readonly fixedHost: string | undefined;
}

/** See the head of this file. */
export class HomeReach {
  readonly #options: HomeReachOptions;
  #reach: Reach = 'this-machine';
  /** Changes follow each other: two browsers may press at once. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HomeReachOptions) {
    this.#options = options;
    options.certificates.onChange((identity) => {
      options.entrance.useIdentity(identity);
    });
  }

  /** Listens where the environment or the stored choice says; without either, for this machine. */
  async start(): Promise<void> {
    const { db, fixedHost, networks } = this.#options;
    networks.set(networksIn(db));
    if (fixedHost === undefined) await this.#open(chosenReach(db) ?? 'this-machine');
    else await this.#open(isLoopback(fixedHost) ? 'this-machine' : 'home');
  }

  /** Nobody has said who may open the box, in the environment or in the page. */
  get isUndecided(): boolean {
    const { db, fixedHost } = this.#options;
    return fixedHost === undefined && chosenReach(db) === undefined;
  }

  /** Where a program on this machine finds the server. */
  get ownAddress(): string {
    const { entrance, fixedHost } = this.#options;
    const onlyHost = this.#onlyHost();
    if (onlyHost !== undefined && !isLoopback(onlyHost)) {
      return httpsAddress(onlyHost, entrance.port);
    }
    const host = fixedHost !== undefined && isLoopback(fixedHost) ? fixedHost : THIS_MACHINE[0];
    return `http://${inUrl(host)}:${String(entrance.port)}`;
  }

  /** What the page shows. */
  get(): Settings {
    const { certificates, entrance, known, networks, fixedHost } = this.#options;
    const reach = this.#reach;
    const isFixed = { reachIsFixed: fixedHost !== undefined };
    const added = { networks: [...networks.added], learnedAddresses: [...known.learned] };
    const shared = { reach, ...isFixed, ...added };
    if (reach === 'this-machine') return { ...shared, addresses: [], caFingerprint: null };
    return {
      ...shared,
      addresses: homeAddresses({
        names: known.shown(),
        toldNames: known.toldNames,
        ownNames: certificates.ownNames,
        namesOutside: certificates.namesOutside,
        port: entrance.port,
        onlyHost: this.#onlyHost(),
      }),
      caFingerprint: certificates.authority?.fingerprint ?? null,
    };
  }

  /** Stores the choice and follows it at once. When that cannot be done, all is as before. */
  change({ reach, networks, learnedAddresses }: SettingsPatch): Promise<Settings> {
    const change = this.#last.then(async () => {
      if (networks !== undefined) {
        this.#options.networks.set(networks);
        replaceNetworksIn(this.#options.db, this.#options.networks.added);
      }
      if (learnedAddresses !== undefined) {
        this.#options.known.keepOnly(learnedAddresses);
        await this.#options.certificates.fit({ without: true });
      }
      if (reach !== undefined) await this.#choose(reach);
      return this.get();
    });
    this.#last = change.catch(() => undefined);
    return change;
  }

  /** A browser came by this Host: over plain HTTP, or the owner signed in. Where the box cannot know its
   * addresses, the certificate names this one when the promise is fulfilled. Never rejects. */
  async cameBy(host: string, { isOwners }: { isOwners: boolean }): Promise<void> {
    const { known, certificates, log } = this.#options;
    try {
      if (known.cameBy(host, isOwners)) await certificates.fit();
    } catch (thrown) {
      // A full disk must not cost the visit; the phone warns, and the next visit tries again.
      log.warn(errorFields(thrown), 'the address of a visit could not be kept');
    }
  }

  async #choose(reach: Reach): Promise<void> {
    const { db, fixedHost } = this.#options;
    if (fixedHost !== undefined) {
      if (reach === this.#reach) return;
      throw new AppError('conflict', `DOORKEEP_HOST decides this: it is ${fixedHost}.`, {
        reason: 'reach-is-fixed',
        hint: 'Start Doorkeep without DOORKEEP_HOST to choose here.',
      });
    }
    const before = chosenReach(db);
    // Stored first: should the power go now, the box must not be wider open than somebody asked for.
    chooseReach(db, reach);
    try {
      if (reach !== this.#reach) await this.#open(reach);
    } catch (thrown) {
      chooseReach(db, before);
      throw thrown;
    }
  }

  async #open(reach: Reach): Promise<void> {
    const { certificates, entrance, fixedHost } = this.#options;
    if (reach === 'home') {
      // Before anybody can connect: a handshake without a certificate would be refused.
      entrance.useIdentity(await certificates.provide());
      await entrance.listen(fixedHost === undefined ? EVERYWHERE : [fixedHost]);
      this.#reach = reach;
      return;
    }
    await entrance.listen(fixedHost === undefined ? THIS_MACHINE : [fixedHost]);
    this.#reach = reach;
    certificates.retire();
    entrance.dismissOthers();
  }

  /** The one address listened on; undefined for all of them. */
  #onlyHost(): string | undefined {
    const { fixedHost } = this.#options;
    return EVERYWHERE.some((host) => host === fixedHost) ? undefined : fixedHost;
  }
}

function isLoopback(host: string): boolean {
  return classifyAddress(host) === 'loopback';
}
