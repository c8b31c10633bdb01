/** Where the server listens, and how it comes to listen elsewhere without losing anybody. */
import { once } from 'node:events';
import { AppError, errnoCode } from '../base/errors.ts';
import type { Api } from './api-types.ts';

/** What a system without IPv6 says about `::`; the next address is then tried. */
const NO_SUCH_FAMILY: ReadonlySet<string | undefined> = new Set([
  ...['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'],
]);

/** The one listener of one API. */
export class Listening {
  readonly #api: Api;
  #port: number;
  #host: string | undefined;

  /** `port` 0 takes a free one, and keeps it. */
  constructor(api: Api, port: number) {
    this.#api = api;
    this.#port = port;
  }

  /** The port it listens on; what was asked for until then. */
  get port(): number {
    return this.#port;
  }

  /**
   * Listens on the first of `hosts` that this machine has, instead of where it listened before.
   * Connections stay. Two listeners cannot share a port, so for about a millisecond there is none.
   * Throws `unavailable` when the port is taken or the address is not this machine's; it then listens
   * where it did before.
   */
  async listen(hosts: readonly string[]): Promise<void> {
    const before = this.#host;
    try {
      await this.#listenOnFirst(hosts);
    } catch (thrown) {
      if (before !== undefined) await this.#bind(before);
      throw this.#explained(thrown, hosts[0] ?? '');
    }
  }

  async #listenOnFirst(hosts: readonly string[]): Promise<void> {
    for (const [index, host] of hosts.entries()) {
      try {
        await this.#bind(host);
        return;
      } catch (thrown) {
        if (index === hosts.length - 1 || !NO_SUCH_FAMILY.has(errnoCode(thrown))) throw thrown;
      }
    }
  }

  async #bind(host: string): Promise<void> {
    const { server } = this.#api;
    if (this.#host === undefined) {
      await this.#api.listen({ host, port: this.#port });
    } else {
      // Stops listening and hangs up on who is idle; whoever waits for an answer gets it.
      if (server.listening) server.close();
      server.listen({ host, port: this.#port });
      await once(server, 'listening');
    }
    this.#host = host;
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  #explained(thrown: unknown, host: string): unknown {
    const code = errnoCode(thrown);
    if (code === 'EADDRINUSE') {
      const where = `${host}, port ${String(this.#port)}`;
      return new AppError('unavailable', `Something else answers at ${where}.`, {
        cause: thrown,
        reason: 'address-in-use',
        hint: 'Stop it, or name another port in DOORKEEP_PORT.',
      });
    }
    if (code === 'EADDRNOTAVAIL') {
      return new AppError('unavailable', `${host} is not an address of this machine.`, {
        cause: thrown,
        reason: 'settings',
        hint: 'Take one that it has, or leave DOORKEEP_HOST out and choose in the page.',
      });
    }
    if (code === 'EACCES') {
      return new AppError('unavailable', `Port ${String(this.#port)} is for the system alone.`, {
        cause: thrown,
        reason: 'settings',
        hint: 'Take one above 1023 in DOORKEEP_PORT, or give Doorkeep CAP_NET_BIND_SERVICE.',
      });
    }
    return thrown;
  }
}
