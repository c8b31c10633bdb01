/** What runs beside the answers, from the start to the stop. A part of the composition root. */
import { setMaxListeners } from 'node:events';

/** Runs until its signal aborts. */
export interface Loop {
  run(signal: AbortSignal): Promise<void>;
}

/** Runs loops that end with a signal; answers the function that ends them. */
export function background(
  loops: readonly Loop[],
  onDefect: (thrown: unknown) => void,
): () => Promise<void> {
  const stop = new AbortController();
  // Each listens to it once or twice; beyond ten Node takes that for a leak, and says so in the terminal.
  setMaxListeners(2 * loops.length, stop.signal);
  const running = loops.map((loop) => loop.run(stop.signal).catch(onDefect));
  return async () => {
    stop.abort();
    await Promise.all(running);
  };
}
