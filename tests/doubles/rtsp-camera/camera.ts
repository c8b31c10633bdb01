/**
 * A simulated RTSP camera: real sockets, real RTP, troubles at the flick of a switch.
 *
 *   const clip = await loadClip(await makeClip(CLIPS.small));
 *   const camera = await RtspCamera.start({ streams: { '/stream1': clip } });
 *   camera.url('/stream1')                    // rtsp://127.0.0.1:PORT/stream1, no credentials in it
 *   camera.trouble.stall = true;              // any field of trouble.ts, at any time
 *   camera.trouble.answer = answers.notFound;
 *   camera.login.scheme = 'digest-sha256';    // none, basic, digest, digest-sha256, basic-and-digest
 *   camera.login.expireNonces();              // the next request gets 401 stale=true
 *   camera.switchClip('/stream1', other);     // a new picture size in mid-stream
 *   camera.say('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n');   // cameras ask, too: see `heard`
 *   camera.dropConnections();                 // as a camera that restarts
 *   await camera.stopListening();             // refuses connections; those that exist go on
 *   await camera.listenAgain();               // on the same port
 *   camera.clients('/stream1')                // how many are being played to now
 *   camera.requests                           // request line and headers of all requests, as text
 *   await camera.close();
 *
 * Each client sees a clip from its first frame on, in real time, then again and again with
 * timestamps that go on; of a live source (live-source.ts) it sees what is made now. Timestamps and sequence numbers start just before their wraps.
 */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { SystemClock, type Clock } from '../../../server/base/clock.ts';
import type { Clip } from './clip.ts';
import { ClipSource } from './clip-source.ts';
import { CameraConnection } from './connection.ts';
import { Login, type LoginScheme } from './login.ts';
import type { MediaSource } from './media-source.ts';
import { noTrouble, type Trouble } from './trouble.ts';

/** How a camera is made; `streams` maps paths (with query) to what is played there. */
export interface RtspCameraOptions {
  streams: Readonly<Record<string, Clip | MediaSource>>;
  /** `none` unless said. */
  login?: LoginScheme;
  /** `admin` and `camera-password` unless said. */
  username?: string;
  password?: string;
  /** A free port unless said. */
  port?: number;
  /** Where it listens; 127.0.0.1 unless said. */
  address?: string;
  clock?: Clock;
  /** Between two sender reports; 5 s, as RFC 3550 6.2 has it, unless said. */
  reportEveryMs?: number;
  /** Of the RTSP session; clients keep it alive in half of it. */
  timeoutS?: number;
  /** Announces a back channel and metadata too, as many cameras do; true unless said. Players that
   * take all that is announced, such as ffmpeg on its own, give up over them. */
  extras?: boolean;
  /** Changes the description before it is sent, e.g. to announce another codec. */
  describe?: (sdp: string) => string;
}

/** A running camera. */
export class RtspCamera {
  readonly trouble: Trouble = noTrouble();
  readonly login: Login;
  readonly clock: Clock;
  readonly streams: ReadonlyMap<string, MediaSource>;
  readonly reportEveryMs: number;
  readonly timeoutS: number;
  readonly extras: boolean;
  readonly describe: (sdp: string) => string;
  /** Request line and header lines of every request, in order. */
  readonly requests: string[] = [];
  /** What clients answered to `say`, start line and headers. */
  readonly heard: string[] = [];
  /** Connections accepted since the start. */
  totalConnections = 0;
  port: number;
  readonly #address: string;
  readonly #connections = new Set<CameraConnection>();
  #server: Server | undefined;

  private constructor(options: RtspCameraOptions) {
    const { username = 'admin', password = 'camera-password' } = options;
    this.clock = options.clock ?? new SystemClock();
    this.login = new Login(options.login ?? 'none', { username, password });
    this.streams = new Map(
      Object.entries(options.streams).map(([path, media]) => [
        path,
        'play' in media ? media : new ClipSource(media, this.clock),
      ]),
    );
    this.reportEveryMs = options.reportEveryMs ?? 5_000;
    this.timeoutS = options.timeoutS ?? 60;
    this.extras = options.extras ?? true;
    this.describe = options.describe ?? ((sdp) => sdp);
    this.port = options.port ?? 0;
    this.#address = options.address ?? '127.0.0.1';
  }

  /** A camera that listens. */
  static async start(options: RtspCameraOptions): Promise<RtspCamera> {
    const camera = new RtspCamera(options);
    await camera.listenAgain();
    return camera;
  }

  /** Whether connections are accepted. */
  get listening(): boolean {
    return this.#server !== undefined;
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Clients that `path` is being played to. */
  clients(path: string): number {
    return [...this.#connections].filter(({ playing }) => playing === path).length;
  }

  url(path: string): string {
    return `rtsp://${this.#address}:${String(this.port)}${path}`;
  }

  /** Plays another clip on a path, from its beginning, to those who watch already too. */
  switchClip(path: string, clip: Clip): void {
    const stream = this.streams.get(path);
    if (!(stream instanceof ClipSource)) throw new Error(`no clip is played at ${path}`);
    stream.format = clip;
  }

  /** Sends bytes to everybody, between two frames: a request of the camera's own, or worse. */
  say(bytes: string | Buffer): void {
    for (const { socket } of this.#connections) socket.write(bytes);
  }

  /** Cuts everybody off. */
  dropConnections(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }

  /** From now on connections are refused. */
  async stopListening(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    // `close` calls back when the last connection is gone; the port is free at once.
    server?.close();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  /** Listens on the port of before. */
  async listenAgain(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.totalConnections += 1;
      const connection = new CameraConnection(this, socket);
      this.#connections.add(connection);
      socket.on('close', () => {
        this.#connections.delete(connection);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, this.#address, resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Switched off: nobody is served, nobody is accepted. */
  async close(): Promise<void> {
    await this.stopListening();
    this.dropConnections();
  }
}
