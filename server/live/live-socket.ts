/** The connection to a viewer as this folder sees it; `api/` has the WebSocket, tests have a double. */
import type { LIVE_CLOSE } from '../contract/live.ts';

/** Why the box closes, by the names of the contract. */
export type LiveClose = keyof typeof LIVE_CLOSE;

/** What a connection tells. None of these may throw. */
export interface LiveSocketEvents {
  /** Something that was waiting in this process has left it. */
  onSent(): void;
  /** The newest `ping` came back: all that was sent before it has been read. */
  onPong(): void;
  /** The viewer sent a message. */
  onMessage(): void;
  /** The connection is gone, whoever ended it. Told once. */
  onClosed(): void;
}

/** An open connection. After `close`, and once it is gone, sending does nothing. */
export interface LiveSocket {
  /** Bytes that were handed over and wait in this process; what the kernel holds is not in it. */
  readonly bufferedBytes: number;
  /** Says whom to tell; called once, before anything else. */
  listen(events: LiveSocketEvents): void;
  sendText(text: string): void;
  sendBinary(bytes: Buffer): void;
  ping(): void;
  /** Says why and hangs up, also on somebody who does not answer. */
  close(why: LiveClose): void;
}
