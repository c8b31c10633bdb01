/** Something that takes a while and can be called off: by a button, or by leaving the page. */
import { useEffect, useRef, useState } from 'preact/hooks';

/** Whether it runs, how to begin, how to call it off. A second beginning waits for nobody: while
 * one runs, it does nothing. */
export interface Cancellable {
  readonly isRunning: boolean;
  readonly begin: (work: (signal: AbortSignal) => Promise<void>) => Promise<void>;
  readonly cancel: () => void;
}

/** See the head of this file. */
export function useCancellable(): Cancellable {
  const running = useRef<AbortController | undefined>(undefined);
  const [isRunning, setRunning] = useState(false);
  const cancel = (): void => {
    running.current?.abort();
  };
  useEffect(() => cancel, []);
  return {
    ...{ isRunning, cancel },
    begin: async (work) => {
      if (running.current !== undefined) return;
      const controller = new AbortController();
      running.current = controller;
      setRunning(true);
      try {
        await work(controller.signal);
      } finally {
        running.current = undefined;
        setRunning(false);
      }
    },
  };
}
