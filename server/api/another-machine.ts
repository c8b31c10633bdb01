/** Whether a request comes from another machine than the box, by what the socket says and no browser. Pure. */
import { classifyAddress } from '../egress/policy.ts';

/** What is known of a connection. */
export interface Connection {
  /** Whether it is TLS; never from a header. */
  readonly secure: boolean;
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
}

/** Over HTTPS, and not from the box itself: what a machine sends to an address of its own comes from that same
 * address. */
export function isFromAnotherMachine(connection: Connection): boolean {
  const { secure, remoteAddress, localAddress } = connection;
  if (!secure || remoteAddress === undefined || remoteAddress === localAddress) return false;
  return classifyAddress(remoteAddress) !== 'loopback';
}
