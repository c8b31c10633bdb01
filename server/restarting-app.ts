/** The server, and the one occasion on which it starts anew by itself: a backup was put back. */
import { type App, type AppOptions, startApp } from './app.ts';

/** What the process gives it. */
export interface RestartingOptions extends Omit<AppOptions, 'onRestored'> {
  /** It stopped to start anew, and did not come up: there is nothing to go on with. */
  readonly onCannotRestart: (thrown: unknown) => void;
}

/** What stays the same over its restarts. */
export type RestartingApp = Pick<App, 'address' | 'stop'>;

/** Starts it; what it answers stays the same over its restarts, address included. */
export async function startRestartingApp(options: RestartingOptions): Promise<RestartingApp> {
  const { config, onCannotRestart, ...others } = options;
  let isStopping = false;
  let current: Promise<App>;
  const start = (port: number): Promise<App> =>
    startApp({ ...others, config: { ...config, port }, onRestored: restart });
  const again = async (before: App): Promise<App> => {
    // Whoever has the page open asks where it was.
    const { port } = new URL(before.address);
    await before.stop();
    return start(Number(port));
  };
  function restart(): void {
    if (isStopping) return;
    current = current.then(again);
    current.catch(onCannotRestart);
  }
  current = start(config.port);
  const { address } = await current;
  return {
    address,
    stop: async () => {
      isStopping = true;
      await (await current).stop();
    },
  };
}
