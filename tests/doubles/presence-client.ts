/** A page that is told who is watching, over a real WebSocket. */
import { WebSocket } from 'ws';
import type { PresenceEvent, PresentViewer } from '../../server/contract/presence.ts';

/** See the head of this file. */
export class PresenceClient {
  /** All that was told, in order. */
  readonly events: PresenceEvent[] = [];
  /** Every message as it came, words or not. */
  readonly messages: Buffer[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  readonly socket: WebSocket;

  private constructor(baseUrl: string, headers: Record<string, string>) {
    this.socket = new WebSocket(`${baseUrl.replace(/^http/, 'ws')}/api/presence`, {
      ...{ headers, origin: baseUrl },
    });
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.messages.push(data);
      if (!isBinary) this.events.push(JSON.parse(data.toString()) as PresenceEvent);
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', resolve);
    });
  }

  /** Resolves when it was told for the first time; rejects when it is refused. */
  static connect(baseUrl: string, headers: Record<string, string>): Promise<PresenceClient> {
    const client = new PresenceClient(baseUrl, headers);
    return new Promise((resolve, reject) => {
      client.socket.once('message', () => {
        resolve(client);
      });
      client.socket.once('error', reject);
    });
  }

  /** Who watches, as it was told last. */
  get viewers(): readonly PresentViewer[] {
    return this.events.at(-1)?.viewers ?? [];
  }
}
