/** For long work in pieces: between two of them everything else in the process gets its turn. */

/** Resolves after one turn of the event loop: sockets, files and timers that are due come first. */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
