/**
 * Stands between one camera and one ffmpeg: holds the address and the password, so that ffmpeg holds
 * neither (docs/design/rtsp-relay.md).
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import type { PacedSource, ReadPace } from '../base/read-pace.ts';
import { AppError, cancelled, toAppError } from '../base/errors.ts';
import { type ConnectionParty, type Gateway, peerFingerprint } from '../egress/gateway.ts';
import {
  nonsenseError,
  noAnswerError,
  RedirectedError,
  relayEndReason,
  type RelayEndReason,
} from './camera-errors.ts';
import { type Announced, describeCamera, type RelayTarget } from './camera-description.ts';
import { CameraLink } from './camera-link.ts';
import { Authenticator, type Credentials } from './digest.ts';
import { FfmpegSide } from './ffmpeg-side.ts';
import type { SdpMedia } from './sdp.ts';
import { SenderReportClock } from './sender-report.ts';

export { relayEndReason, type RelayEndReason };
export type { Announced, MediaSummary, RelayTarget } from './camera-description.ts';

/** On a home network a connection takes milliseconds, over Wi-Fi with losses two or three seconds. */
export const CONNECT_TIMEOUT_MS = 4_000;
/** Connection, login and description together: the person who adds a camera hears within 15 s. */
export const OPEN_TIMEOUT_MS = 10_000;
/** ffmpeg starts in 50 ms; a loaded single-board computer takes a second or two. */
export const ACCEPT_TIMEOUT_MS = 10_000;
/** How long a goodbye may take on its way out before the connection is cut. */
const LINGER_MS = 500;
/** 128 bits: nobody guesses it within the seconds it exists. */
const TOKEN_BYTES = 16;

/** What a relay is made of. */
export interface RelayOptions {
  target: RelayTarget;
  credentials?: Credentials;
  /** False once Digest was seen for this camera: a password that was protected stays protected. */
  basicAllowed: boolean;
  /** False: sound is neither offered to ffmpeg nor asked of the camera. */
  sound: boolean;
  /** When the camera is read; `isCalm`: nobody watches, so it may wait for the common tick. */
  pace: ReadPace;
  isCalm: () => boolean;
  gateway: Gateway;
  /** Left out: a camera that is not stored yet. */
  party?: ConnectionParty;
  clock: Clock;
  /** Asked once, when somebody connects: is it our ffmpeg? */
  isOurPeer: (socket: Socket) => Promise<boolean>;
  signal: AbortSignal;
}

/** Why a relay ended. */
export interface RelayEnd {
  reason: RelayEndReason;
  error: AppError;
}

/** Since the relay opened. */
export interface RelayCounters {
  /** From the camera to ffmpeg. */
  bytes: number;
  /** Garbage between frames, dropped. */
  skippedBytes: number;
  /** RTP packets by sequence number. */
  tracks: readonly { kind: 'video' | 'audio'; packets: number; lost: number }[];
}

/** An open relay. */
export interface Relay {
  /** For exactly one connection of one process, within `ACCEPT_TIMEOUT_MS`. */
  readonly url: string;
  readonly announced: Announced;
  /** How the camera asked for the password: after `digest`, pass `basicAllowed: false`. */
  readonly authentication: 'none' | 'basic' | 'digest';
  /** With `tls`: SHA-256 of the camera's certificate, to pin. */
  readonly fingerprint256: string | undefined;
  /** Resolves when it is over, for whatever reason; never rejects. */
  readonly closed: Promise<RelayEnd>;
  counters(): RelayCounters;
  /** Tells the camera goodbye and closes both sides. Idempotent. */
  close(): Promise<void>;
}

/**
 * Connects to the camera, logs in and asks what it offers, before any ffmpeg exists. Throws an
 * AppError that the owner can read; `relayEndReason` gives its place in the recorder's terms.
 */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const { target, gateway, signal, clock } = options;
  const startedMs = clock.monotonicMs();
  const opened: { relay?: RelayRun } = {};
  const socket = await gateway.connect({
    address: target.address,
    port: target.port,
    tls: target.tls,
    party: options.party,
    ...(target.fingerprint256 === undefined ? {} : { fingerprint256: target.fingerprint256 }),
    timeoutMs: CONNECT_TIMEOUT_MS,
    signal,
    // Who speaks before being asked is not heard.
    onData: (bytes) => opened.relay?.receive(bytes),
  });
  const relay = (opened.relay = new RelayRun(options, socket));
  await relay.open(OPEN_TIMEOUT_MS - (clock.monotonicMs() - startedMs));
  return relay;
}

class RelayRun implements Relay {
  readonly closed: Promise<RelayEnd>;
  announced: Announced = { video: undefined, audio: undefined };
  url = '';
  readonly fingerprint256: string | undefined;
  readonly #options: RelayOptions;
  readonly #camera: Socket;
  readonly #source: PacedSource;
  readonly #link: CameraLink;
  readonly #authenticator: Authenticator;
  #reports = new SenderReportClock([]);
  #media: readonly SdpMedia[] = [];
  #playUrl = '';
  #getParameter = false;
  #server: Server | undefined;
  #ffmpeg: { side: FfmpegSide; socket: Socket } | undefined;
  #deadline: Timer | undefined;
  #ended = false;
  #resolveClosed: (end: RelayEnd) => void = () => undefined;

  constructor(options: RelayOptions, camera: Socket) {
    this.#options = options;
    this.#camera = camera;
    this.#source = options.pace.source(camera, options.isCalm);
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#authenticator = new Authenticator({
      credentials: options.credentials,
      basicAllowed: options.basicAllowed,
      makeClientNonce: () => randomBytes(16).toString('hex'),
    });
    this.#link = new CameraLink({
      socket: camera,
      clock: options.clock,
      authenticator: this.#authenticator,
      onMedia: (bytes) => {
        this.#pass(bytes);
      },
      onSenderReport: (trackIndex, report) =>
        this.#reports.rewrite(trackIndex, report, options.clock.monotonicMs()),
      onNamed: (host) => {
        options.gateway.named('named', options.party, host);
      },
      onFailure: this.#end,
    });
    this.fingerprint256 = peerFingerprint(camera);
  }

  /** Takes what came from the camera; see `ConnectOptions.onData`. */
  receive(bytes: Buffer): void {
    this.#link.receive(bytes);
    if (!this.#ended) this.#source.afterRead(bytes.length);
  }

  get authentication(): 'none' | 'basic' | 'digest' {
    return this.#authenticator.scheme;
  }

  counters(): RelayCounters {
    const counts = this.#link.path.counts;
    return {
      bytes: this.#ffmpeg?.side.bytes ?? 0,
      skippedBytes: this.#link.path.skippedBytes,
      tracks: this.#media.map(({ kind }, index) => ({
        kind: kind === 'video' ? 'video' : 'audio',
        packets: counts[index]?.packets ?? 0,
        lost: counts[index]?.lost ?? 0,
      })),
    };
  }

  async open(withinMs: number): Promise<void> {
    const { clock, signal } = this.#options;
    this.#link.start();
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
    this.#deadline = clock.setTimer(withinMs, () => {
      this.#end(noAnswerError('DESCRIBE'));
    });
    const failed = this.closed.then(({ error }) => {
      throw error;
    });
    try {
      await Promise.race([this.#describe(), failed]);
      await Promise.race([this.#listen(), failed]);
    } catch (thrown) {
      // What spoke, but not our language, and then hung up or fell silent: a web server's port.
      const error = this.#link.path.skippedBytes > 0 ? nonsenseError(thrown) : toAppError(thrown);
      this.#end(error);
      throw error;
    }
    this.#deadline.cancel();
    this.#deadline = clock.setTimer(ACCEPT_TIMEOUT_MS, () => {
      this.#end(new AppError('internal', 'ffmpeg did not connect', { reason: 'not-our-process' }));
    });
  }

  async close(): Promise<void> {
    this.#end(cancelled());
    await Promise.all([goneSocket(this.#camera), goneSocket(this.#ffmpeg?.socket)]);
  }

  async #describe(): Promise<void> {
    const { target, sound } = this.#options;
    const described = await describeCamera(this.#link, target);
    this.announced = described.announced;
    this.#getParameter = described.getParameter;
    this.#playUrl = described.playUrl;
    const wanted = [described.video, sound ? described.audio : undefined];
    this.#media = wanted.filter((section) => section !== undefined);
    this.#reports = new SenderReportClock(this.#media.map(({ clockRate }) => clockRate));
  }

  #listen(): Promise<void> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    return new Promise((resolve, reject) => {
      const server = createServer({ pauseOnConnect: true }, (socket) => {
        // The first one, and no other: two may be waiting in one turn of the event loop.
        server.close();
        if (this.#ffmpeg === undefined && !this.#ended) void this.#accept(socket);
        else socket.destroy();
      });
      this.#server = server;
      server.on('error', (cause) => {
        reject(new AppError('io', 'no port to listen on', { cause }));
      });
      server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
        // Ended while the port was being bound: closing did not reach it then.
        if (this.#ended) server.close();
        const address = server.address();
        const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
        this.url = `rtsp://127.0.0.1:${String(port)}/${token}`;
        resolve();
      });
    });
  }

  async #accept(socket: Socket): Promise<void> {
    this.#deadline?.cancel();
    const side = new FfmpegSide({
      socket,
      link: this.#link,
      url: this.url,
      media: this.#media,
      playUrl: this.#playUrl,
      getParameter: this.#getParameter,
      onFailure: this.#end,
      onGone: () => {
        this.#end(cancelled());
      },
    });
    this.#ffmpeg = { side, socket };
    socket.on('error', () => {
      this.#end(cancelled());
    });
    const ours = await this.#options.isOurPeer(socket).catch(() => false);
    if (this.#ended) return;
    if (!ours) {
      this.#end(notOurs());
      return;
    }
    socket.on('drain', () => {
      this.#source.unblock();
    });
    side.start();
    socket.resume();
  }

  // What waits here is at most one chunk (64 KiB) above ffmpeg's socket buffer: reading stops until
  // it has drained, and the rest waits in the kernel and then in the camera.
  #pass(bytes: Buffer): void {
    if (this.#ended || this.#ffmpeg === undefined) return;
    if (!this.#ffmpeg.side.media(bytes)) this.#source.block();
  }

  readonly #onAbort = (): void => {
    this.#end(cancelled(this.#options.signal));
  };

  readonly #end = (error: AppError): void => {
    if (this.#ended) return;
    this.#ended = true;
    if (error instanceof RedirectedError) {
      const { gateway, party } = this.#options;
      gateway.named('redirect', party, error.to ?? 'elsewhere');
    }
    this.#deadline?.cancel();
    this.#source.release();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#server?.close();
    this.#link.sayGoodbye(this.#playUrl);
    this.#link.stop();
    this.#closeSocket(this.#camera);
    if (this.#ffmpeg !== undefined) this.#closeSocket(this.#ffmpeg.socket);
    this.#resolveClosed({ reason: relayEndReason(error), error });
  };

  // What is on its way out may leave: the goodbye, and the last frames before a camera went.
  #closeSocket(socket: Socket): void {
    if (socket.destroyed) return;
    const timer = this.#options.clock.setTimer(LINGER_MS, () => {
      socket.destroy();
    });
    socket.once('close', () => {
      timer.cancel();
    });
    socket.resume();
    socket.end();
  }
}

function goneSocket(socket: Socket | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (socket === undefined || socket.closed) resolve();
    else
      socket.once('close', () => {
        resolve();
      });
  });
}

function notOurs(): AppError {
  return new AppError('forbidden', 'Another program on this box came in ffmpeg’s place.', {
    reason: 'not-our-process',
    hint: 'Doorkeep tries again. If this comes back, look for a program that scans local ports.',
  });
}
