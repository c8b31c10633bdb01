/**
 * The connection to the box for one camera: connects by itself, again and again, and tells why it
 * does not. A socket that stays open without a sound is asked about elsewhere and given up.
 */
import type { LIVE_CLOSE, LiveMessage } from '../../server/contract/live.ts';
import type { CameraAnswer } from '../api/camera-calls.ts';
import type { BrowserClock, Timer } from '../base/clock.ts';
import type { FeedRequest, LinkState } from './live-feed-messages.ts';

/** What a link tells. */
export interface LinkEvents {
  onText(message: LiveMessage): void;
  onMedia(bytes: ArrayBuffer): void;
  /** `connecting` is told once at the beginning of each connection, and `open` when it stands. */
  onState(state: LinkState): void;
  onEnded(why: 'signed-out' | 'removed'): void;
}

/** What a link is made of; tests have doubles. */
export interface LinkParts {
  readonly clock: BrowserClock;
  /** Of the page, e.g. `https://box.local`. */
  readonly origin: string;
  readonly connect: (address: string) => WebSocket;
  /** Whether the box answers for this camera at all. */
  readonly ask: (cameraId: string) => Promise<CameraAnswer>;
  /** 0 to 1; spreads the return of many pages. */
  readonly random: () => number;
}

/** Waits after a connection that failed: the first is short, because a box that restarts is back soon;
 * the longest is what a person waits before looking for a fault. */
const RETRY_FIRST_MS = 300;
const RETRY_MAX_MS = 4_000;

/** The box serves as many as it can: others have to leave first. */
const RETRY_BUSY_MS = 8_000;

/** Longer than the pauses of a Wi-Fi that is merely bad. */
const SILENT_MS = 3_000;

/** The contract's numbers, held to them by their types: its module would bring its schemas along. */
const CLOSE: Pick<typeof LIVE_CLOSE, 'signedOut' | 'notAllowed' | 'cameraGone' | 'tooMany'> = {
  signedOut: 4401,
  notAllowed: 4403,
  cameraGone: 4404,
  tooMany: 4429,
};

/** How long the next attempt waits. Pure. */
export function retryAfterMs(attempt: number, random: number): number {
  const longest = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** attempt);
  return longest / 2 + (longest / 2) * random;
}

/** One camera's connection. `start` once; after `close` nothing is told. */
export class LiveLink {
  readonly request: FeedRequest;
  readonly #parts: LinkParts;
  readonly #events: LinkEvents;
  #socket: WebSocket | undefined;
  #timer: Timer | undefined;
  #attempt = 0;
  #heardMs = 0;
  #asking = false;
  #closed = false;

  constructor(parts: LinkParts, request: FeedRequest, events: LinkEvents) {
    this.#parts = parts;
    this.request = request;
    this.#events = events;
  }

  start(): void {
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#hangUp();
  }

  /** Called now and then: an open connection that is silent may be none any more. */
  look(): void {
    const isSilent = this.#parts.clock.monotonicMs() - this.#heardMs > SILENT_MS;
    if (this.#socket?.readyState !== OPEN || !isSilent || this.#asking) return;
    this.#asking = true;
    const asked = this.#socket;
    void this.#parts.ask(this.request.cameraId).then((answer) => {
      this.#asking = false;
      this.#heardMs = this.#parts.clock.monotonicMs();
      if (asked === this.#socket && answer !== 'there') this.#lost(answer);
    });
  }

  #connect(): void {
    this.#events.onState('connecting');
    const socket = this.#parts.connect(liveAddress(this.#parts.origin, this.request));
    this.#socket = socket;
    let opened = false;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      opened = true;
      this.#heardMs = this.#parts.clock.monotonicMs();
      this.#events.onState('open');
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      this.#heardMs = this.#parts.clock.monotonicMs();
      // Only what was sent proves a connection that is of use.
      this.#attempt = 0;
      if (typeof data === 'string') this.#events.onText(JSON.parse(data) as LiveMessage);
      else this.#events.onMedia(data);
    };
    socket.onclose = ({ code }) => {
      this.#onClose(code, opened);
    };
  }

  #onClose(code: number, opened: boolean): void {
    this.#socket = undefined;
    if (code === CLOSE.signedOut) this.#end('signed-out');
    else if (code === CLOSE.cameraGone || code === CLOSE.notAllowed) this.#end('removed');
    else if (code === CLOSE.tooMany) {
      this.#events.onState('busy');
      this.#again(RETRY_BUSY_MS);
    } else if (opened) {
      // It stood a moment ago: perhaps the box restarts, perhaps this page slept (`stalled`).
      this.#lost('there');
    } else {
      // A browser does not say why no connection came about.
      void this.#parts.ask(this.request.cameraId).then((answer) => {
        if (!this.#closed) this.#lost(answer);
      });
    }
  }

  #lost(answer: CameraAnswer): void {
    this.#hangUp();
    if (answer === 'signed-out' || answer === 'removed') {
      this.#end(answer);
      return;
    }
    if (answer === 'gone') this.#events.onState('gone');
    this.#again(retryAfterMs(this.#attempt, this.#parts.random()));
  }

  #again(afterMs: number): void {
    this.#attempt += 1;
    this.#timer = this.#parts.clock.setTimer(afterMs, () => {
      this.#connect();
    });
  }

  #end(why: 'signed-out' | 'removed'): void {
    this.close();
    this.#events.onEnded(why);
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}

/** WebSocket.OPEN; the name is not there where tests run. */
const OPEN = 1;

/** The route of the contract. */
function liveAddress(origin: string, { cameraId, stream, sound }: FeedRequest): string {
  const query = new URLSearchParams({ stream, audio: sound ? '1' : '0' });
  const path = `/api/cameras/${cameraId}/live?${query.toString()}`;
  return new URL(path, origin.replace(/^http/, 'ws')).href;
}
