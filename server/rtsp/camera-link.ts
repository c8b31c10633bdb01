/** The relay's conversation with one camera: requests, login, and the media that comes between. */
import type { Socket } from 'node:net';
import type { AppError } from '../base/errors.ts';
import type { Clock, Timer } from '../base/clock.ts';
import {
  disconnectedError,
  loginError,
  noAnswerError,
  nonsenseError,
  printable,
  statusError,
} from './camera-errors.ts';
import type { Authenticator } from './digest.ts';
import { MediaPath } from './media-path.ts';
import { type RtspRequest, type RtspResponse, writeRequest, writeResponse } from './message.ts';
import { publicHostIn } from './named-hosts.ts';
import type { SenderReport } from './sender-report.ts';

/** A busy camera answers within a second or two; the owner is told within 15 s. */
export const RESPONSE_TIMEOUT_MS = 5_000;
/** Without login, with it, and with a nonce that expired in between; a fourth try is a loop. */
const ATTEMPTS_MAX = 3;
/** Requests that may be unanswered at once. ffmpeg waits for each; only keep-alives pile up, on
 * cameras that never answer them. */
const PENDING_MAX = 8;
/** Answers to a camera's own requests that it may leave unread; they are 60 bytes each. */
const UNREAD_MAX_BYTES = 16 * 1024;
/** Some cameras answer 401 or nothing to a client without a name. */
const USER_AGENT = 'Doorkeep';

/** One request. */
export interface CameraRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers?: readonly (readonly [string, string])[];
  /** False for keep-alives: cameras that do not answer them are common, and still send. */
  readonly mustAnswer: boolean;
  /** Called in order with the media around it. Any status but 401 and 3xx. */
  readonly onResponse: (response: RtspResponse) => void;
}

interface Pending {
  readonly request: CameraRequest;
  readonly attempt: number;
  /** It carried credentials. */
  readonly answered: boolean;
  readonly timer: Timer | undefined;
}

/** What a link is made of. */
export interface CameraLinkOptions {
  readonly socket: Socket;
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  readonly onMedia: (bytes: Buffer) => void;
  readonly onSenderReport: (trackIndex: number, report: SenderReport) => bigint;
  /** The camera named a place on the Internet; the first one of each connection is told. */
  readonly onNamed: (host: string) => void;
  /** Called once, with the first thing that went wrong; the socket is closed by then. */
  readonly onFailure: (error: AppError) => void;
}

/** Speaks to one camera over one connection until it fails or is closed. */
export class CameraLink {
  readonly path: MediaPath;
  /** The camera's name for what was set up (`Session`); goes with each request after SETUP. */
  setUpId: string | undefined;
  readonly #options: CameraLinkOptions;
  readonly #pending = new Map<number, Pending>();
  #cseq = 0;
  #over = false;
  #hasNamed = false;

  constructor(options: CameraLinkOptions) {
    this.#options = options;
    this.path = new MediaPath({
      media: options.onMedia,
      message: (message) => {
        if (message.kind === 'response') this.#response(message);
        else this.#answerCamera(message);
      },
      senderReport: options.onSenderReport,
    });
  }

  /** Takes what the socket read; the bytes are only good until this returns. */
  receive(bytes: Buffer): void {
    if (this.#over) return;
    try {
      this.path.feed(bytes);
    } catch (thrown) {
      this.fail(nonsenseError(thrown));
    }
  }

  /** Listens for the end of the connection. */
  start(): void {
    const { socket } = this.#options;
    socket.on('error', (cause) => {
      this.fail(disconnectedError(cause));
    });
    socket.on('close', () => {
      this.fail(disconnectedError());
    });
  }

  /** Sends a request; its answer comes to `onResponse`, or `onFailure` is called. */
  send(request: CameraRequest): void {
    this.#attempt(request, 1);
  }

  /** As `send`, for requests whose order with media does not matter yet. */
  ask(method: string, uri: string, headers: CameraRequest['headers'] = []): Promise<RtspResponse> {
    return new Promise((onResponse) => {
      this.send({ method, uri, headers, mustAnswer: true, onResponse });
    });
  }

  /** Ends the link with an error; only the first counts. */
  fail(error: AppError): void {
    if (this.#over) return;
    this.stop();
    this.#options.socket.destroy();
    this.#options.onFailure(error);
  }

  /** Stops timers and reading; the socket is left to the caller. */
  stop(): void {
    this.#over = true;
    for (const { timer } of this.#pending.values()) timer?.cancel();
    this.#pending.clear();
  }

  /** Tells the camera that it may forget us; nothing waits for its answer. */
  sayGoodbye(uri: string): void {
    if (this.setUpId === undefined || this.#over) return;
    this.#write({ method: 'TEARDOWN', uri, mustAnswer: false, onResponse: () => undefined });
  }

  #attempt(request: CameraRequest, attempt: number): void {
    if (this.#over) return;
    if (this.#pending.size >= PENDING_MAX) {
      const oldest = [...this.#pending].find(([, pending]) => !pending.request.mustAnswer);
      if (oldest === undefined) {
        this.fail(noAnswerError(request.method));
        return;
      }
      this.#pending.delete(oldest[0]);
    }
    const answered = this.#write(request);
    const timer = request.mustAnswer
      ? this.#options.clock.setTimer(RESPONSE_TIMEOUT_MS, () => {
          this.fail(noAnswerError(request.method));
        })
      : undefined;
    this.#pending.set(this.#cseq, { request, attempt, answered, timer });
  }

  // Returns whether credentials went along.
  #write({ method, uri, headers = [] }: CameraRequest): boolean {
    this.#cseq += 1;
    const fields: (readonly [string, string])[] = [
      ['CSeq', String(this.#cseq)],
      ['User-Agent', USER_AGENT],
      ...headers,
    ];
    if (this.setUpId !== undefined) fields.push(['Session', this.setUpId]);
    const authorization = this.#options.authenticator.authorization(method, uri);
    if (authorization !== undefined) fields.push(['Authorization', authorization]);
    this.#options.socket.write(writeRequest(method, uri, fields));
    return authorization !== undefined;
  }

  #response(response: RtspResponse): void {
    if (response.status < 200) return;
    const stranger = this.#hasNamed ? undefined : publicHostIn(response);
    if (stranger !== undefined) {
      this.#hasNamed = true;
      this.#options.onNamed(stranger);
    }
    const pending = this.#takePending(response);
    if (pending === undefined) return;
    const { authenticator } = this.#options;
    if (response.status === 401) {
      const fields = response.headers.getAll('WWW-Authenticate');
      const outcome = authenticator.challenged(fields, pending.answered);
      if (outcome !== 'answer') this.fail(loginError(outcome));
      else if (pending.attempt >= ATTEMPTS_MAX) this.fail(loginError('wrong-password'));
      else this.#attempt(pending.request, pending.attempt + 1);
      return;
    }
    if (pending.answered) authenticator.accepted();
    const redirect = response.status < 400 ? statusError(response) : undefined;
    if (redirect !== undefined) this.fail(redirect);
    else pending.request.onResponse(response);
  }

  // By CSeq; a camera that leaves it out answers in order (RFC 2326 12.17 demands it).
  #takePending({ headers }: RtspResponse): Pending | undefined {
    const written = headers.get('CSeq');
    const cseq = written === undefined ? this.#pending.keys().next().value : Number(written);
    if (cseq === undefined) return undefined;
    const pending = this.#pending.get(cseq);
    this.#pending.delete(cseq);
    pending?.timer?.cancel();
    return pending;
  }

  // Cameras ask too (RFC 2326 10): liveness is answered, everything else declined, nothing followed.
  #answerCamera({ method, uri, headers }: RtspRequest): void {
    const alive = method === 'OPTIONS' || method === 'GET_PARAMETER' || method === 'SET_PARAMETER';
    if (method === 'REDIRECT') {
      const to = statusError({
        kind: 'response',
        status: 302,
        phrase: 'REDIRECT',
        headers,
        body: Buffer.alloc(0),
      });
      this.fail(to ?? nonsenseError(new Error(`REDIRECT ${printable(uri)}`)));
      return;
    }
    if (this.#options.socket.writableLength > UNREAD_MAX_BYTES) {
      this.fail(nonsenseError(new Error('it asks without reading the answers')));
      return;
    }
    const cseq = printable(headers.get('CSeq') ?? '0');
    const [status, phrase] = alive ? ([200, 'OK'] as const) : ([501, 'Not Implemented'] as const);
    this.#options.socket.write(writeResponse(status, phrase, [['CSeq', cseq]]));
  }
}
