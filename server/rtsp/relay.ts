/**
 * Stands between one camera and one ffmpeg: holds the address and the password, so that ffmpeg holds
 * neither (docs/design/rtsp-relay.md).
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { AppError, cancelled, toAppError } from '../base/errors.ts';
import { type Gateway, peerFingerprint } from '../egress/gateway.ts';
import {
  nonsenseError,
  noAnswerError,
  relayEndReason,
  type RelayEndReason,
  statusError,
} from './camera-errors.ts';
import { CameraLink } from './camera-link.ts';
import { hostForUrl } from './camera-url.ts';
import { Authenticator, type Credentials } from './digest.ts';
import { FfmpegSide } from './ffmpeg-side.ts';
import { parseSdp, type Sdp, type SdpMedia } from './sdp.ts';
import { SenderReportClock } from './sender-report.ts';

export { relayEndReason, type RelayEndReason };

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

/** Where the camera is: what the owner stored. */
export interface RelayTarget {
  /** The pinned literal address. */
  address: string;
  port: number;
  /** `rtsps`. */
  tls: boolean;
  /** Path and query exactly as typed; begins with `/`. */
  path: string;
  /** The host as typed, without brackets; text in request lines, never resolved. */
  hostForUri: string;
  /** With `tls`: the certificate seen when the camera was added. */
  fingerprint256?: string;
}

/** What a relay is made of. */
export interface RelayOptions {
  target: RelayTarget;
  credentials?: Credentials;
  /** False once Digest was seen for this camera: a password that was protected stays protected. */
  basicAllowed: boolean;
  /** False: sound is neither offered to ffmpeg nor asked of the camera. */
  sound: boolean;
  gateway: Gateway;
  clock: Clock;
  /** Asked once, when somebody connects: is it our ffmpeg? */
  isOurPeer: (socket: Socket) => Promise<boolean>;
  signal: AbortSignal;
}

/** One medium as the camera announced it. */
export interface MediaSummary {
  /** RFC 4855 name in upper case: H264, H265, JPEG, MPEG4-GENERIC (AAC), PCMU, L16, … */
  encoding: string;
  /** RTP ticks per second. */
  clockRate: number;
  /** Of sound; 1 unless said. */
  channels: number;
}

/** What the camera announced, whether it is relayed or not. */
export interface Announced {
  video: MediaSummary | undefined;
  audio: MediaSummary | undefined;
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
  let relay: RelayRun | undefined;
  const socket = await gateway.connect({
    address: target.address,
    port: target.port,
    tls: target.tls,
    ...(target.fingerprint256 === undefined ? {} : { fingerprint256: target.fingerprint256 }),
    timeoutMs: CONNECT_TIMEOUT_MS,
    signal,
    // Who speaks before being asked is not heard.
    onData: (bytes) => relay?.receive(bytes),
  });
  relay = new RelayRun(options, socket);
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
      onFailure: this.#end,
    });
    this.fingerprint256 = peerFingerprint(camera);
  }

  /** Takes what came from the camera; see `ConnectOptions.onData`. */
  receive(bytes: Buffer): void {
    this.#link.receive(bytes);
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
      this.#end(toAppError(thrown));
      throw thrown;
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
    const uri = targetUri(this.#options.target);
    const options = await this.#link.ask('OPTIONS', uri);
    this.#getParameter = /\bGET_PARAMETER\b/i.test(options.headers.get('Public') ?? '');
    const response = await this.#link.ask('DESCRIBE', uri, [['Accept', 'application/sdp']]);
    const error = statusError(response);
    if (error !== undefined) throw error;
    const base =
      response.headers.get('Content-Base') ?? response.headers.get('Content-Location') ?? uri;
    const sdp = this.#readSdp(response.body.toString('latin1'), base);
    const offered = chooseMedia(sdp);
    this.announced = { video: summary(offered.video), audio: summary(offered.audio) };
    const wanted = [offered.video, this.#options.sound ? offered.audio : undefined];
    this.#media = wanted.filter((section) => section !== undefined);
    this.#playUrl = sdp.controlUrl;
    this.#reports = new SenderReportClock(this.#media.map(({ clockRate }) => clockRate));
  }

  // Every address in it is moved to the host that the owner typed: cameras write 0.0.0.0, or what
  // they are called behind a router, and no request line names a stranger.
  #readSdp(text: string, base: string): Sdp {
    const { target } = this.#options;
    const pinned = (url: string): string => pinHost(url, target);
    const usable = /^rtsps?:\/\/[\x21-\x7e]+$/i.test(base) ? base : targetUri(target);
    try {
      const sdp = parseSdp(text, pinned(usable));
      return {
        controlUrl: pinned(sdp.controlUrl),
        media: sdp.media.map((section) => ({ ...section, controlUrl: pinned(section.controlUrl) })),
      };
    } catch (cause) {
      throw nonsenseError(cause);
    }
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
      this.#camera.resume();
    });
    side.start();
    socket.resume();
  }

  // What waits here is at most one chunk (64 KiB) above ffmpeg's socket buffer: reading stops until
  // it has drained, and the rest waits in the kernel and then in the camera.
  #pass(bytes: Buffer): void {
    if (this.#ended || this.#ffmpeg === undefined) return;
    if (!this.#ffmpeg.side.media(bytes)) this.#camera.pause();
  }

  readonly #onAbort = (): void => {
    this.#end(cancelled(this.#options.signal));
  };

  readonly #end = (error: AppError): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#deadline?.cancel();
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
    else socket.once('close', () => {
      resolve();
    });
  });
}

/** The URL of a target as it stands in request lines: the default port is left out. */
function targetUri(target: RelayTarget): string {
  return `${authority(target)}${target.path}`;
}

function authority({ tls, hostForUri, port }: RelayTarget): string {
  const standard = tls ? 322 : 554;
  const portText = port === standard ? '' : `:${String(port)}`;
  return `${tls ? 'rtsps' : 'rtsp'}://${hostForUrl(hostForUri)}${portText}`;
}

function pinHost(url: string, target: RelayTarget): string {
  return url.replace(/^rtsps?:\/\/[^/?]*/i, () => authority(target));
}

function chooseMedia(sdp: Sdp): { video: SdpMedia | undefined; audio: SdpMedia | undefined } {
  const usable = sdp.media.filter(({ protocol, source }) => source && !/SAVP/i.test(protocol));
  const videos = usable.filter(({ kind }) => kind === 'video');
  return {
    video: videos.find(({ encoding }) => /^H26[45]$/.test(encoding)) ?? videos[0],
    audio: usable.find(({ kind }) => kind === 'audio'),
  };
}

function summary(section: SdpMedia | undefined): MediaSummary | undefined {
  if (section === undefined) return undefined;
  const { encoding, clockRate, channels } = section;
  return { encoding, clockRate, channels };
}

function notOurs(): AppError {
  return new AppError('forbidden', 'Another program on this box came in ffmpeg’s place.', {
    reason: 'not-our-process',
    hint: 'Doorkeep tries again. If this comes back, look for a program that scans local ports.',
  });
}
