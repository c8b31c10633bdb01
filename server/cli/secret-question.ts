/** A question whose answer is not shown, to whoever sits at the terminal. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** The terminal. `input` is a TTY: readline then takes over the echo, and drops it here. */
export interface SecretTerminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/** Asks; undefined when the input ends, on Ctrl-C, or when `signal` aborts. */
export function askSecret(
  question: string,
  { input, output, signal }: SecretTerminal,
): Promise<string | undefined> {
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  // The echo is off before anybody is asked to type: a key that is pasted at once would be shown.
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  output.write(question);
  return new Promise((resolve) => {
    const end = (answer?: string): void => {
      signal.removeEventListener('abort', stop);
      resolve(answer);
      lines.close();
      output.write('\n');
    };
    const stop = (): void => {
      end();
    };
    lines.once('line', end);
    lines.once('SIGINT', stop);
    lines.once('close', () => {
      resolve(undefined);
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
