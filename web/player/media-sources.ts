/** Which Media Source Extensions this browser has, and where they can live. */

/** Safari's kind, the only one on iPhones (from 17.1): as MediaSource, but it must not be sent to a
 * television, and may throw away what was buffered whenever it likes. */
interface WithManaged {
  readonly ManagedMediaSource?: typeof MediaSource;
}

/** The kind to use here; undefined: none, and only still pictures can be shown. */
export function mediaSourceKind(): typeof MediaSource | undefined {
  if (typeof MediaSource === 'function') return MediaSource;
  return (globalThis as unknown as WithManaged).ManagedMediaSource;
}

/** Sources can be made in a worker, and handed to a `<video>` of the page. */
export function workerCanFeed(): boolean {
  if (typeof Worker !== 'function' || typeof MediaSource !== 'function') return false;
  // Browsers from before that was thought of do not have the property.
  return (
    (MediaSource as { canConstructInDedicatedWorker?: boolean }).canConstructInDedicatedWorker ===
    true
  );
}

/** A source made in a worker as the page can have it (MSE 3.1, `handle`); TypeScript's library has it
 * for workers only. */
export interface SourceInWorker extends MediaSource {
  readonly handle: MediaSourceHandle;
}
