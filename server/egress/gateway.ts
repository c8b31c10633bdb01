/** The one place that opens connections which leave the process. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { AppError, cancelled, errnoCode } from '../base/errors.ts';
import { withPermit } from './permits.ts';
import { checkCameraAddress } from './policy.ts';
import { printableDestination, type Refusal } from './refusals.ts';

/** For whom a connection is: a camera that is stored, or one that is being tried before it is. */
export type ConnectionParty =
  { readonly kind: 'camera'; readonly id: string } | { readonly kind: 'new-camera' };

/** Whoever writes down what the gateway does; `ledger.ts` is one. */
export interface GatewayLog {
  /** Answers what is to be called when the connection is over. */
  connected(party: ConnectionParty, address: string, port: number): () => void;
  refused(refusal: Refusal): void;
}

/** Where to connect to; a pinned literal, never a name. */
export interface ConnectOptions {
  address: string;
  port: number;
  tls: boolean;
  /** Left out: a camera that is not stored yet. */
  party?: ConnectionParty | undefined;
  /** With `tls`: the SHA-256 fingerprint (`AB:CD:…`) that the peer's certificate must have. */
  fingerprint256?: string;
  timeoutMs: number;
  signal?: AbortSignal;
  /**
   * Receives what is read, in place of `data` events. The bytes may be changed, but are only good
   * until it returns: all connections share the buffer.
   */
  onData: (bytes: Buffer) => void;
}

/** What Node.js reads at once by itself. One buffer for all, because `onData` runs to its end before
 * the next read; a new one per read costs more than everything that is done with it (m: 0.36 % of a
 * core per 1080p camera in place of 0.24 %). */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** Since the start, except `open`, which is now. */
export interface GatewayCounts {
  connected: number;
  /** Refused by the policy: nothing left the process. */
  refused: number;
  failed: number;
  open: number;
}

/** Opens sockets to what the policy allows, counts them and has them written down. */
export class Gateway {
  readonly counts: GatewayCounts = { connected: 0, refused: 0, failed: 0, open: 0 };
  readonly #clock: Clock;
  readonly #ownPorts: () => ReadonlySet<number>;
  readonly #log: GatewayLog | undefined;

  /** `ownPorts`: the ports that this server listens on, read at each connection. */
  constructor(options: { clock: Clock; ownPorts: () => ReadonlySet<number>; log?: GatewayLog }) {
    this.#clock = options.clock;
    this.#ownPorts = options.ownPorts;
    this.#log = options.log;
  }

  /** Somebody whom we are connected to named another place to go to: told, never followed.
   * `redirect`: it says to go there; `named`: it names it in passing. */
  named(way: 'redirect' | 'named', party: ConnectionParty | undefined, to: string): void {
    this.#refused({ way, to, reason: way === 'redirect' ? 'redirected' : 'named' }, party);
  }

  #refused(refusal: Omit<Refusal, 'who'>, party: ConnectionParty | undefined): void {
    this.counts.refused += 1;
    const to = printableDestination(refusal.to);
    this.#log?.refused({ ...refusal, to, who: party ?? { kind: 'new-camera' } });
  }

  /**
   * A connected socket; the caller owns it, and adds its own `error` listener before it awaits
   * anything. Throws `unprocessable` from the policy or for a certificate that changed, `unavailable`
   * (`connection-refused`, `unreachable`), `timeout`, or `cancelled`.
   */
  async connect(options: ConnectOptions): Promise<Socket> {
    try {
      // Again at each connection: what was stored may have been changed by a hand or a bug.
      checkCameraAddress(options.address, options.port, this.#ownPorts());
    } catch (thrown) {
      const { address, port, party } = options;
      const to = `${address.includes(':') ? `[${address}]` : address}:${String(port)}`;
      const reason = (thrown instanceof AppError ? thrown.reason : undefined) ?? 'refused';
      this.#refused({ way: 'connection', to, reason }, party);
      throw thrown;
    }
    let socket: Socket;
    try {
      socket = await this.#open(options);
    } catch (failure) {
      this.counts.failed += 1;
      throw failure;
    }
    this.counts.connected += 1;
    this.counts.open += 1;
    const { party, address, port } = options;
    const closed = this.#log?.connected(party ?? { kind: 'new-camera' }, address, port);
    socket.once('close', () => {
      this.counts.open -= 1;
      closed?.();
    });
    return socket;
  }

  #open(options: ConnectOptions): Promise<Socket> {
    const { address, port, tls, signal } = options;
    const onread = {
      buffer: READ_BUFFER,
      callback: (length: number): boolean => {
        options.onData(READ_BUFFER.subarray(0, length));
        return true;
      },
    };
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(cancelled(signal));
        return;
      }
      const where = { host: address, port, onread };
      // Cameras sign their own certificates, so there is no authority to ask; the fingerprint seen
      // when the camera was added takes its place (checked below).
      const unverified = { ...where, rejectUnauthorized: false };
      const socket = withPermit({ kind: 'connection', address, port }, () =>
        tls ? connectTls(unverified) : connectTcp(where),
      );
      const settle = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', onAbort);
        socket.removeListener('error', onError);
      };
      const fail = (error: AppError): void => {
        settle();
        // A late error of a socket that nobody will see must not bring the process down.
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      };
      const onError = (cause: Error): void => {
        fail(connectError(options, cause));
      };
      const onAbort = (): void => {
        fail(cancelled(signal));
      };
      const timer = this.#clock.setTimer(options.timeoutMs, () => {
        fail(noAnswer(options));
      });
      socket.on('error', onError);
      signal?.addEventListener('abort', onAbort, { once: true });
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        const changed = certificateChanged(socket, options.fingerprint256);
        if (changed !== undefined) {
          fail(changed);
          return;
        }
        settle();
        resolve(socket);
      });
    });
  }
}

/** The SHA-256 fingerprint of a TLS peer's certificate; undefined without TLS. */
export function peerFingerprint(socket: Socket): string | undefined {
  return socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : undefined;
}

function certificateChanged(socket: Socket, expected: string | undefined): AppError | undefined {
  if (expected === undefined || peerFingerprint(socket) === expected) return undefined;
  return new AppError(
    'unprocessable',
    'This is not the camera that was added: its key is another.',
    {
      reason: 'certificate-changed',
      hint: 'If the camera was reset or replaced, remove it here and add it again.',
    },
  );
}

function noAnswer({ address, port }: ConnectOptions): AppError {
  return new AppError('timeout', `Nothing answers at ${address}, port ${String(port)}.`, {
    reason: 'unreachable',
    hint: 'Check that the camera has power, is on this network, and still has this address.',
  });
}

function connectError(options: ConnectOptions, cause: Error): AppError {
  const { address, port } = options;
  if (errnoCode(cause) === 'ECONNREFUSED') {
    return new AppError('unavailable', `${address} refuses connections on port ${String(port)}.`, {
      cause,
      reason: 'connection-refused',
      hint: 'Switch on RTSP in the camera’s own settings, and check the port (most use 554).',
    });
  }
  if (errnoCode(cause) === 'ETIMEDOUT') return noAnswer(options);
  return new AppError('unavailable', `${address} cannot be reached.`, {
    cause,
    reason: 'unreachable',
    hint: 'Check that the camera has power, is on this network, and still has this address.',
  });
}
