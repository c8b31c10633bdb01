/** A viewer over a real WebSocket, which keeps all that it is sent. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { SystemClock } from '../../server/base/clock.ts';
import type { LiveInit, LiveMessage } from '../../server/contract/live.ts';

const clock = new SystemClock();

/** What came between one `init` and the next. */
export interface SeenRun {
  readonly init: LiveInit;
  readonly initSegment: Buffer;
  readonly fragments: Buffer[];
}

/** How to connect. */
export interface LiveClientOptions {
  readonly cookie?: string | undefined;
  readonly origin?: string;
  readonly ca?: string;
}

/** An answer that is no WebSocket. */
export class Refused extends Error {
  readonly status: number;
  readonly body: string;

  constructor(status: number, body: string) {
    super(`answered with ${String(status)}`);
    this.status = status;
    this.body = body;
  }
}

/** See the head of this file. */
export class LiveClient {
  readonly socket: WebSocket;
  /** Text messages, in order. */
  readonly texts: LiveMessage[] = [];
  readonly runs: SeenRun[] = [];
  /** Monotonic time of each binary message. */
  readonly arrivals: number[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  #init: LiveInit | undefined;

  private constructor(url: string, { cookie, origin, ca }: LiveClientOptions) {
    this.socket = new WebSocket(url, {
      headers: cookie === undefined ? {} : { cookie },
      ...(origin === undefined ? {} : { origin }),
      ...(ca === undefined ? {} : { ca }),
      perMessageDeflate: false,
    });
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.#take(data, isBinary);
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', resolve);
    });
  }

  /** Rejects with `Refused` when the answer is no WebSocket. */
  static connect(url: string, options: LiveClientOptions = {}): Promise<LiveClient> {
    const client = new LiveClient(url.replace(/^http/, 'ws'), options);
    return new Promise((resolve, reject) => {
      client.socket.on('open', () => {
        resolve(client);
      });
      client.socket.on('unexpected-response', (request: ClientRequest, answer: IncomingMessage) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        answer.on('end', () => {
          request.destroy();
          reject(new Refused(answer.statusCode ?? 0, body));
        });
      });
      client.socket.on('error', reject);
    });
  }

  /** All states that were told, in order. */
  get states(): string[] {
    return this.texts.flatMap((message) => (message.type === 'state' ? [message.state] : []));
  }

  /** The newest run. */
  get run(): SeenRun {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error('no picture came yet');
    return run;
  }

  /** Video and sound fragments of all runs. */
  get fragments(): number {
    return this.runs.reduce((total, { fragments }) => total + fragments.length, 0);
  }

  /** One file of a run: the init segment and all that followed. */
  fileOf({ initSegment, fragments }: SeenRun): Buffer {
    return Buffer.concat([initSegment, ...fragments]);
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (!isBinary) {
      const message = JSON.parse(data.toString()) as LiveMessage;
      this.texts.push(message);
      if (message.type === 'init') this.#init = message;
      return;
    }
    this.arrivals.push(clock.monotonicMs());
    if (this.#init === undefined) this.run.fragments.push(data);
    else this.runs.push({ init: this.#init, initSegment: data, fragments: [] });
    this.#init = undefined;
  }
}
