/** The connection over which the box tells who is watching. */
import type { PresenceEvent } from '../../server/contract/presence.ts';

/** An open one. */
export interface PresenceLink {
  close(): void;
}

/** Opens one; `onClosed` is called once, whoever closed it. */
export function openPresence(on: {
  readonly onMessage: (event: PresenceEvent) => void;
  readonly onClosed: () => void;
}): PresenceLink {
  const socket = new WebSocket('/api/presence');
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
    on.onMessage(JSON.parse(data) as PresenceEvent);
  });
  socket.addEventListener('close', on.onClosed);
  return {
    close: () => {
      socket.close();
    },
  };
}
