/** A household to show: three simulated cameras, the real server, an owner, and the control page. */
import type { NewCamera } from '../../server/contract/camera.ts';
import { DoorbellCamera, type DoorbellOptions } from '../doubles/doorbell/doorbell-camera.ts';
import { DoorkeepServer, OWNER } from '../doubles/doorkeep-server.ts';
import { addCameras } from '../fixtures/household.ts';
import { ControlServer } from './control-server.ts';
import { CAMERA_PASSWORD } from './switches.ts';

/** A camera of the household. */
export interface DemoCamera {
  /** In addresses of the control page. */
  readonly slug: string;
  readonly name: string;
  /** In Doorkeep. */
  readonly id: string;
  readonly doorbell: DoorbellCamera;
}

/** How a household is made. */
export interface DemoOptions {
  /** `DOORKEEP_PORT`: 0 takes a free one. */
  readonly port: string;
  readonly dataPath: string;
  /** Handed on to the server. */
  readonly env: Record<string, string>;
  /** Told what is being done, a line each. */
  readonly say: (line: string) => void;
  /** Ends the start; what was started is then for `stop`. */
  readonly signal: AbortSignal;
}

/** The end of the server's log is for the words of an error; days of it are not kept. */
const LOG_KEPT_CHARS = 100_000;

const CAMERAS: readonly { slug: string; name: string; sound: boolean; options: DoorbellOptions }[] =
  [
    {
      ...{ slug: 'front-door', name: 'Front door', sound: true },
      options: { place: 'porch', sound: true, seed: 1, liveliness: 0.8 },
    },
    {
      ...{ slug: 'garden-gate', name: 'Garden gate', sound: false },
      options: { place: 'garden', seed: 2, liveliness: 0.5 },
    },
    {
      ...{ slug: 'garage', name: 'Garage', sound: false },
      options: { place: 'garage', seed: 3, liveliness: 0.4 },
    },
  ];

/** See the head of this file. */
export class DemoHome {
  /** Rejects with a sentence when something ended that should run on; pending otherwise. */
  readonly broken: Promise<never>;
  readonly #options: DemoOptions;
  readonly #stops: (() => Promise<unknown>)[] = [];
  #break: (error: Error) => void = () => undefined;
  #stopped = false;
  #server: DoorkeepServer | undefined;
  #control: ControlServer | undefined;

  constructor(options: DemoOptions) {
    this.#options = options;
    this.broken = new Promise<never>((_, reject) => {
      this.#break = reject;
    });
    // Whoever asks is told; nobody has to ask.
    this.broken.catch(() => undefined);
  }

  /** Of Doorkeep, on this machine. */
  get address(): string {
    return this.#server?.baseUrl ?? '';
  }

  /** Of Doorkeep, for phones at home; none unless the server was told to listen there. */
  get homeAddresses(): string[] {
    return [...new Set(this.#server?.output.match(/https:\/\/[^\s/#]+(?=\s|$)/gm) ?? [])];
  }

  get controlAddress(): string {
    return this.#control?.address ?? '';
  }

  get owner(): typeof OWNER {
    return OWNER;
  }

  /** Starts all of it. Throws when a part does not start, or when the signal aborts; `stop` then ends
   * what did. */
  async start(): Promise<void> {
    const { say, port, dataPath, env } = this.#options;
    say(
      `Drawing ${String(CAMERAS.length)} cameras: ${CAMERAS.map(({ name }) => name).join(', ')} …`,
    );
    const doorbells = await Promise.all(CAMERAS.map(({ options }) => this.#startDoorbell(options)));
    say('Starting Doorkeep …');
    const server = await this.#own(
      DoorkeepServer.start({
        ...{ dataPath, outputMaxChars: LOG_KEPT_CHARS },
        env: { ...env, DOORKEEP_PORT: port },
      }),
      (started) => started.stop(),
    );
    this.#server = server;
    void server.ended().then((status) => {
      this.#break(new Error(`Doorkeep ended with status ${String(status)}:\n${server.output}`));
    });
    say('Making the owner’s account …');
    await server.setUp();
    say('Adding the cameras: Doorkeep looks at each of them first …');
    const cameras = await this.#addAll(server, doorbells);
    const { address } = this;
    this.#control = await this.#own(
      ControlServer.start({ cameras, address, preferredPort: Number(new URL(address).port) + 1 }),
      (control) => control.stop(),
    );
  }

  /** Ends all of it, the server first; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) await stop();
  }

  async #startDoorbell(options: DoorbellOptions): Promise<DoorbellCamera> {
    const login = { login: 'digest', username: 'admin', password: CAMERA_PASSWORD } as const;
    const doorbell = await this.#own(DoorbellCamera.start({ ...options, ...login }), (started) =>
      started.stop(),
    );
    doorbell.failed.catch((error: unknown) => {
      this.#break(new Error('A simulated camera stopped.', { cause: error }));
    });
    return doorbell;
  }

  async #addAll(
    server: DoorkeepServer,
    doorbells: readonly DoorbellCamera[],
  ): Promise<DemoCamera[]> {
    const wanted = CAMERAS.map(({ name, sound }, index): NewCamera => {
      const { mainUrl: url, subUrl, rtsp } = doorbells[index]!;
      return { name, sound, source: { type: 'rtsp', url, subUrl, ...rtsp.login.account } };
    });
    const cameras: DemoCamera[] = [];
    await addCameras(server, wanted, ({ id, name }, index) => {
      this.#options.say(`  ${name} is there.`);
      cameras[index] = { slug: CAMERAS[index]!.slug, name, id, doorbell: doorbells[index]! };
    });
    return cameras;
  }

  // What is being started while everything stops is stopped as soon as it has started.
  async #own<T>(starting: Promise<T>, stop: (thing: T) => Promise<unknown>): Promise<T> {
    const thing = await starting;
    if (this.#stopped || this.#options.signal.aborted) {
      await stop(thing);
      throw new Error('stopped while it was starting');
    }
    this.#stops.push(() => stop(thing));
    return thing;
  }
}
