/**
 * The real server as a child process, driven through its API: built output, a data folder of its
 * own, a free port. Everything it prints is kept, so that tests can look for what must not be there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SystemClock } from '../../server/base/clock.ts';

/** The compiled entry; processes are started from build output only. */
const ENTRY = fileURLToPath(new URL('../../dist/server/main.js', import.meta.url)).replace(
  '/dist/dist/',
  '/dist/',
);

const clock = new SystemClock();

/** The owner of every test household. */
export const OWNER = { username: 'sam', password: 'correct horse battery staple' };

/** An answer of the API. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** How to start it. */
export interface DoorkeepOptions {
  /** A data folder to go on with; otherwise a new, empty one. */
  dataPath?: string;
  env?: Record<string, string>;
  /** A program that becomes the server, and its arguments before the command. */
  through?: readonly string[];
  /** Only the end of what it prints is kept: for a server that runs for days. */
  outputMaxChars?: number;
}

/** A running Doorkeep. */
export class DoorkeepServer {
  readonly dataPath: string;
  /** All it printed, both streams, unless less was asked for. */
  output = '';
  #child: ChildProcess;
  #baseUrl = '';
  #cookie: string | undefined;
  /** Of the recovery sheet, once `setUp` ran. */
  recoveryKey = '';

  private constructor(dataPath: string, child: ChildProcess, outputMaxChars = Infinity) {
    this.dataPath = dataPath;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        if (this.output.length > outputMaxChars) this.output = this.output.slice(-outputMaxChars);
      });
    }
  }

  /** Starts it and answers at once: for a start that is to end badly, or to be killed. */
  static async spawn(options: DoorkeepOptions = {}): Promise<DoorkeepServer> {
    const dataPath = options.dataPath ?? (await mkdtemp(join(tmpdir(), 'doorkeep-')));
    const command = [...(options.through ?? []), process.execPath, ENTRY];
    const child = spawn(command[0]!, command.slice(1), {
      env: {
        ...{ PATH: process.env.PATH, DOORKEEP_DATA: dataPath, DOORKEEP_PORT: '0' },
        ...(process.env.DOORKEEP_FFMPEG && { DOORKEEP_FFMPEG: process.env.DOORKEEP_FFMPEG }),
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new DoorkeepServer(dataPath, child, options.outputMaxChars);
  }

  /** Starts it and waits until it says its address. */
  static async start(options: DoorkeepOptions = {}): Promise<DoorkeepServer> {
    const server = await DoorkeepServer.spawn(options);
    const child = server.#child;
    try {
      await until(
        () => {
          const match = /http:\/\/127\.0\.0\.1:\d+/.exec(server.output);
          if (match) server.#baseUrl = match[0];
          if (child.exitCode !== null) throw new Error(`it did not start:\n${server.output}`);
          return match !== null;
        },
        { withinMs: 20_000, what: 'the server’s address' },
      );
    } catch (thrown) {
      await server.stop('SIGKILL');
      throw thrown;
    }
    return server;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get baseUrl(): string {
    return this.#baseUrl;
  }

  /** The cookie of the owner's session. */
  get cookie(): string | undefined {
    return this.#cookie;
  }

  /** Makes the owner with the set-up token of the data folder, and signs in. */
  async setUp(owner = OWNER): Promise<void> {
    const setupToken = (await readFile(join(this.dataPath, 'setup-token'), 'utf8')).trim();
    const body = { setupToken, ...owner };
    const answer = await this.api<{ recoveryKey: string }>('POST', '/api/setup', body);
    if (answer.status !== 201) throw new Error(`set-up answered ${JSON.stringify(answer.body)}`);
    this.recoveryKey = answer.body.recoveryKey;
    await this.signIn();
  }

  async signIn(password = OWNER.password): Promise<void> {
    const answer = await this.api('POST', '/api/session', { ...OWNER, password });
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (cookie === undefined) throw new Error(`no cookie: ${JSON.stringify(answer.body)}`);
    this.#cookie = cookie;
  }

  /** One call, as the owner when signed in; the body is parsed when it is JSON. */
  async api<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> {
    const response = await this.fetch(method, path, body);
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: (json && text !== '' ? JSON.parse(text) : text) as T,
    };
  }

  /** The raw answer, for pictures and downloads. */
  fetch(method: string, path: string, body?: unknown, headers = {}): Promise<Response> {
    return fetch(this.#baseUrl + path, {
      method,
      headers: {
        ...(this.#cookie === undefined ? {} : { cookie: this.#cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Orderly stop; answers the exit status. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.kill(signal);
      await exit;
    }
    return this.#child.exitCode;
  }

  /** Waits until it ends by itself; answers the exit status. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'close');
    }
    return this.#child.exitCode;
  }

  /** Stops it and deletes its data folder. */
  async dispose(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.dataPath, { recursive: true, force: true });
  }
}

/** How often to look by asking the server: an answer is a few milliseconds of processor on both
 * sides, and a dozen cameras that are waited for at once take it from the cameras. */
export const ASK_EVERY_MS = 200;

/** Waits until `check` is true, looking every 50 ms unless said; throws when it takes longer. */
export async function until(
  check: () => boolean | Promise<boolean>,
  options: { withinMs: number; what: string; everyMs?: number },
): Promise<void> {
  const started = clock.monotonicMs();
  while (!(await check())) {
    if (clock.monotonicMs() - started > options.withinMs) {
      throw new Error(`${options.what}: not within ${String(options.withinMs)} ms`);
    }
    await clock.sleep(options.everyMs ?? 50);
  }
}
