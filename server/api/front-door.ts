/**
 * What stands in front of the HTTP server on its one port: looks at the first byte of a connection
 * and decides who gets it. TLS goes through a handshake to the server; plain HTTP goes to the server
 * when both ends are this machine, and to a small handler that knows two answers when they are not.
 */
import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type Server as TlsServer,
  type TLSSocket,
} from 'node:tls';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { TlsIdentity } from '../certificates/certificates.ts';
import { classifyAddress } from '../egress/policy.ts';
import { answerPlainly, type PlainOptions } from './plain-answers.ts';

/** ContentType `handshake` of a TLS record (RFC 8446 5.1); no HTTP method begins with it. */
const TLS_HANDSHAKE = 0x16;

/** From the connection to its first request line: the first byte and the handshake. A slow phone on
 * bad Wi-Fi needs 2 s; browsers that connect on a guess come again. */
const OPENING_MS = 10_000;

/** Connections in that state at once. A household that comes home opens a few dozen. */
const OPENING_MAX = 64;

/** Of one address, so that one machine cannot hold all 64. A browser opens six and a few live views. */
const OPENING_MAX_PER_ADDRESS = 24;

/** Plain HTTP from elsewhere is one request and one answer of 1 KiB. */
const PLAIN_MS = 10_000;

/** Names and tokens of the tiny handler are shorter than the app's. */
const PLAIN_HEADER_MAX_BYTES = 8 * 1024;

/** A flood is one line in the log, not one per connection. */
const REFUSED_LOG_MS = 60_000;

/** What the door needs. */
export interface FrontDoorOptions extends PlainOptions {
  readonly clock: Clock;
  readonly log: Log;
}

/** A connection between its first packet and its first request. */
interface Opening {
  readonly address: string;
  readonly deadline: Timer;
}

/** See the head of this file. One door, one server. */
export class FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #tls: TlsServer;
  readonly #plain: Server;
  readonly #opening = new Map<Duplex, Opening>();
  /** Connections from other machines that the server has. */
  readonly #others = new Set<Duplex>();
  /** What the server is answering on them. An upgraded connection has no answer here. */
  readonly #answers = new WeakMap<Duplex, ServerResponse>();
  #serve: (socket: Duplex) => void = () => undefined;
  #hasIdentity = false;
  #lastRefusedLogMs = -REFUSED_LOG_MS;
  /** Connections that were hung up on because too many were opening. */
  refused = 0;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    this.#tls = createTlsServer({ ALPNProtocols: ['http/1.1'], handshakeTimeout: OPENING_MS });
    this.#tls.on('secureConnection', (socket) => {
      this.#opened(socket);
    });
    // No log: a phone that does not trust the box yet ends its handshake with an alert, each time.
    this.#tls.on('tlsClientError', (_error, socket) => {
      socket.destroy();
    });
    this.#plain = createHttpServer({ maxHeaderSize: PLAIN_HEADER_MAX_BYTES });
    this.#plain.on('request', (request, response) => {
      answerPlainly(request, response, options);
    });
  }

  /** What is shown from the next handshake on. Throws an `invalid` AppError for a pair that TLS
   * cannot use; the one before stays. */
  useIdentity({ cert, key }: TlsIdentity): void {
    try {
      this.#tls.setSecureContext({ cert, key: key.reveal(), minVersion: 'TLSv1.2' });
      this.#hasIdentity = true;
    } catch (cause) {
      throw new AppError('invalid', 'TLS does not take this certificate and key', { cause });
    }
  }

  /** Puts the door in front of `server`, which keeps listening, counting and its time limits. */
  guard(server: Server): void {
    const listeners = server.listeners('connection');
    server.removeAllListeners('connection');
    this.#serve = (socket) => {
      for (const listener of listeners) Reflect.apply(listener, server, [socket]);
    };
    server.on('connection', (socket) => {
      this.#meet(socket);
    });
    server.on('request', (request, response) => {
      if (!this.#others.has(request.socket)) return;
      this.#answers.set(request.socket, response);
      response.once('close', () => this.#answers.delete(request.socket));
    });
  }

  /** The box is this machine's alone from now on: what other machines are being answered is
   * finished, and everything else of theirs ends at once. */
  dismissOthers(): void {
    for (const socket of this.#opening.keys()) if (!isLocal(socket)) socket.destroy();
    for (const socket of this.#others) {
      const answer = this.#answers.get(socket);
      if (answer === undefined) socket.destroy();
      else answer.once('close', () => socket.destroy());
    }
  }

  /** Hangs up on everybody who is not through yet; the server closes its own. */
  close(): void {
    for (const socket of this.#opening.keys()) socket.destroy();
    for (const socket of this.#others) socket.destroy();
  }

  #meet(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    if (!this.#hasRoomFor(address)) {
      this.#refuse(socket);
      return;
    }
    const deadline = this.#options.clock.setTimer(OPENING_MS, () => {
      socket.destroy();
    });
    this.#opening.set(socket, { address, deadline });
    socket.once('close', () => {
      this.#forget(socket);
    });
    socket.on('error', () => {
      socket.destroy();
    });
    const hangUp = (): void => {
      socket.destroy();
    };
    socket.once('end', hangUp);
    socket.once('data', (bytes) => {
      socket.off('end', hangUp);
      socket.pause();
      // Whoever gets the connection reads it from its beginning.
      socket.unshift(bytes);
      this.#lead(socket, bytes[0] === TLS_HANDSHAKE);
    });
  }

  #lead(socket: Socket, isTls: boolean): void {
    if (isTls && this.#hasIdentity) {
      // An http.Server's connections may be half open. Who hangs up in the middle of a handshake, as
      // a phone does that does not know the box, would be waited for until the deadline.
      socket.allowHalfOpen = false;
      this.#tls.emit('connection', socket);
    } else if (isLocal(socket)) {
      this.#forget(socket);
      this.#serve(socket);
      socket.resume();
    } else if (isTls) {
      socket.destroy();
    } else {
      this.#forget(socket);
      const deadline = this.#options.clock.setTimer(PLAIN_MS, () => {
        socket.destroy();
      });
      socket.once('close', () => {
        deadline.cancel();
      });
      this.#plain.emit('connection', socket);
      socket.resume();
    }
  }

  /** A handshake is done. The raw connection under it is found by its ends. */
  #opened(secure: TLSSocket): void {
    for (const socket of this.#opening.keys()) {
      if (!(socket instanceof Socket) || !haveSameEnds(socket, secure)) continue;
      this.#forget(socket);
      break;
    }
    if (!isLocal(secure)) {
      this.#others.add(secure);
      secure.once('close', () => this.#others.delete(secure));
    }
    this.#serve(secure);
  }

  #hasRoomFor(address: string): boolean {
    if (this.#opening.size >= OPENING_MAX) return false;
    let ofAddress = 0;
    for (const opening of this.#opening.values()) if (opening.address === address) ofAddress += 1;
    return ofAddress < OPENING_MAX_PER_ADDRESS;
  }

  #refuse(socket: Socket): void {
    this.refused += 1;
    socket.destroy();
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#lastRefusedLogMs < REFUSED_LOG_MS) return;
    this.#lastRefusedLogMs = nowMs;
    this.#options.log.warn({ refused: this.refused }, 'too many connections that say nothing');
  }

  #forget(socket: Duplex): void {
    this.#opening.get(socket)?.deadline.cancel();
    this.#opening.delete(socket);
  }
}

/** Both ends: a connection to the box's address in the home network from the box itself is plain
 * HTTP on a wire that others share, as soon as somebody forwards it. */
function isLocal(socket: Duplex): boolean {
  return (
    socket instanceof Socket &&
    [socket.remoteAddress, socket.localAddress].every(
      (address) => address !== undefined && classifyAddress(address) === 'loopback',
    )
  );
}

function haveSameEnds(a: Socket, b: Socket): boolean {
  return (
    a.remotePort === b.remotePort &&
    a.remoteAddress === b.remoteAddress &&
    a.localAddress === b.localAddress
  );
}
