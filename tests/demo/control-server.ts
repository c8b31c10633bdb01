/**
 * The control page and its calls, on loopback only:
 *
 *   GET  /                                     the page
 *   GET  /cameras                              all cameras, their light and what is switched on
 *   POST /cameras/{slug}/visit/{kind}          visitor, courier, dog
 *   POST /cameras/{slug}/light/{light}         clock, day, night
 *   POST /cameras/{slug}/trouble/{switch}/on   or /off; switches.ts has the names
 *   POST /cameras/{slug}/drop                  cuts everybody off, once
 *   POST /cameras/{slug}/well, POST /well      no trouble any more
 *
 * A browser is sent back to the page; anybody else gets the camera as JSON.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LightSetting, VisitKind } from '../doubles/doorbell/scene.ts';
import { controlPage } from './control-page.ts';
import type { DemoCamera } from './demo-home.ts';
import { DROP_CONNECTIONS, makeWell, SWITCHES } from './switches.ts';

const VISITS: readonly VisitKind[] = ['visitor', 'courier', 'dog'];
const LIGHTS: readonly LightSetting[] = ['clock', 'day', 'night'];

/** How it is made. */
export interface ControlOptions {
  readonly cameras: readonly DemoCamera[];
  /** Of Doorkeep. */
  readonly address: string;
  /** Taken when it is free; another one otherwise. */
  readonly preferredPort: number;
}

/** What a request gets. */
interface Reply {
  readonly status: number;
  /** For browsers: where the page goes on. */
  readonly anchor?: string;
  readonly json?: unknown;
  readonly html?: string;
}

/** See the head of this file. Use `start`. */
export class ControlServer {
  readonly #options: ControlOptions;
  readonly #server: Server;

  private constructor(options: ControlOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(options: ControlOptions): Promise<ControlServer> {
    const control = new ControlServer(options);
    await listen(control.#server, options.preferredPort).catch(() => listen(control.#server, 0));
    return control;
  }

  get address(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = comesFromHere(request) ? await this.#reply(request) : { status: 403 };
    const browser = request.headers.accept?.includes('text/html') === true;
    if (reply.html !== undefined) {
      response.writeHead(reply.status, { 'content-type': 'text/html; charset=utf-8', ...GUARDS });
      response.end(reply.html);
    } else if (browser && reply.anchor !== undefined) {
      response.writeHead(303, { location: `/#${reply.anchor}`, ...GUARDS }).end();
    } else {
      response.writeHead(reply.status, { 'content-type': 'application/json', ...GUARDS });
      response.end(JSON.stringify(reply.json ?? { status: reply.status }));
    }
  }

  async #reply(request: IncomingMessage): Promise<Reply> {
    const { cameras, address } = this.#options;
    const [path = '/'] = (request.url ?? '/').split('?');
    if (request.method === 'GET') {
      if (path === '/') return { status: 200, html: controlPage({ cameras, address }) };
      if (path === '/cameras') return { status: 200, json: cameras.map(shown) };
      return { status: 404 };
    }
    if (request.method !== 'POST') return { status: 405 };
    if (path === '/well') {
      for (const { doorbell } of cameras) await makeWell(doorbell);
      return { status: 200, anchor: '', json: cameras.map(shown) };
    }
    const [, folder, slug, ...action] = path.split('/');
    const camera = cameras.find((candidate) => candidate.slug === slug);
    if (folder !== 'cameras' || camera === undefined) return { status: 404 };
    if (!(await act(camera, action))) return { status: 404 };
    return { status: 200, anchor: camera.slug, json: shown(camera) };
  }
}

/** Answers no page of another origin: they all reach this machine's loopback, too. */
function comesFromHere({ headers }: IncomingMessage): boolean {
  const { host = '', origin } = headers;
  const own = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  return own && (origin === undefined || origin === `http://${host}`);
}

const GUARDS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
};

/** Does what is asked; false when there is no such thing. */
async function act({ doorbell }: DemoCamera, action: readonly string[]): Promise<boolean> {
  const [what, which, state] = action;
  switch (what) {
    case 'visit': {
      const kind = VISITS.find((candidate) => candidate === which);
      if (kind !== undefined) doorbell.visit(kind);
      return kind !== undefined;
    }
    case 'light': {
      const light = LIGHTS.find((candidate) => candidate === which);
      if (light !== undefined) doorbell.light = light;
      return light !== undefined;
    }
    case 'trouble': {
      const found = SWITCHES.find(({ slug }) => slug === which);
      if (found === undefined || (state !== 'on' && state !== 'off')) return false;
      await found.set(doorbell, state === 'on');
      return true;
    }
    case DROP_CONNECTIONS.slug:
      doorbell.rtsp.dropConnections();
      return true;
    case 'well':
      await makeWell(doorbell);
      return true;
    default:
      return false;
  }
}

function shown({ slug, name, id, doorbell }: DemoCamera): Record<string, unknown> {
  const { mainUrl, subUrl, light } = doorbell;
  const on = SWITCHES.filter(({ isOn }) => isOn(doorbell)).map((found) => found.slug);
  return { slug, name, id, mainUrl, subUrl, light, trouble: on };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
