/** Greets who started the server, after the question when there is one. */
import { AppError } from '../base/errors.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { greeting } from './greeting.ts';
import type { HomeReach } from './home-reach.ts';
import type { KnownAddresses } from './known-addresses.ts';

/** What the greeting is made of, and who is greeted. */
export interface Welcome {
  readonly version: string;
  readonly reach: HomeReach;
  readonly certificates: Certificates;
  readonly known: KnownAddresses;
  /** Until the box is set up. */
  readonly code: string | undefined;
  readonly print: (line: string) => void;
  /** Asks the person at the terminal whether the home may open the box; undefined: nobody answered.
   * Left out where there is nobody to ask. */
  readonly ask?: (signal: AbortSignal) => Promise<boolean | undefined>;
  readonly onDefect: (error: unknown) => void;
}

/** Nothing waits for the answer; answers the function that ends the waiting. */
export function welcome(options: Welcome): () => Promise<void> {
  const { print, ask, reach, certificates, known, version, code } = options;
  const greet = (): void => {
    const settings = reach.get();
    const { ownAddress } = reach;
    const fingerprint = certificates.authority?.fingerprint;
    greeting({
      ...{ version, ownAddress, homeAddresses: settings.addresses, fingerprint, code },
      inContainer: known.inContainer && settings.reach === 'home',
    }).forEach(print);
  };
  if (ask === undefined || code === undefined || !reach.isUndecided) {
    greet();
    return () => Promise.resolve();
  }
  const stop = new AbortController();
  const asking = async (): Promise<void> => {
    try {
      const home = await ask(stop.signal);
      if (home !== undefined) await reach.change({ reach: home ? 'home' : 'this-machine' });
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      print(`${thrown.message} ${thrown.hint ?? ''}`);
    }
    if (!stop.signal.aborted) greet();
  };
  const asked = asking().catch(options.onDefect);
  return async () => {
    stop.abort();
    await asked;
  };
}
