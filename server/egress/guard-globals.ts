/** The guard over the clients that are always at hand. They end at `net.Socket` as well, but by then
 * nobody knows who called. */
import { refuse } from './guard-parts.ts';

/** Node.js 20 has the first; later ones have the others. */
const CLIENTS = ['fetch', 'WebSocket', 'EventSource'] as const;

/** Puts it in place. */
export function guardGlobals(): void {
  for (const name of CLIENTS.filter((client) => client in globalThis)) {
    Object.defineProperty(globalThis, name, {
      ...{ writable: false, configurable: false, enumerable: false },
      value: name === 'fetch' ? refusingFetch : refusingClient(name),
    });
  }
}

function refusingFetch(resource: unknown): Promise<never> {
  return Promise.reject(refuse('connection', hostOf(resource)));
}

function refusingClient(name: string): unknown {
  return function client(resource: unknown): never {
    throw refuse('connection', `${hostOf(resource)} (${name})`);
  };
}

/** Host and port only: a path and a query may hold anything. */
function hostOf(resource: unknown): string {
  const text =
    typeof resource === 'string'
      ? resource
      : resource instanceof URL
        ? resource.href
        : resource instanceof Request
          ? resource.url
          : '';
  return URL.canParse(text) ? new URL(text).host : '?';
}
