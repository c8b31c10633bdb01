/**
 * The worker that feeds all live pictures of a page: sockets, parsing and appending cost the page's
 * own thread nothing there. It ends with the page.
 */
import { askForCamera } from '../api/camera-calls.ts';
import { clockSince } from '../base/clock.ts';
import { LiveFeed } from './live-feed.ts';
import type { FromWorker, ToWorker } from './live-feeds.ts';
import type { SourceInWorker } from './media-sources.ts';

/** What a worker's global is to us; TypeScript's library has it apart from the page's. */
interface WorkerPort {
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const port = globalThis as unknown as WorkerPort;
const feeds = new Map<number, LiveFeed>();

port.onmessage = ({ data }) => {
  switch (data.type) {
    case 'open':
      feeds.set(data.id, openFeed(data.id, data.originMs));
      return;
    case 'order':
      feeds.get(data.id)?.order(data.order);
      return;
    case 'close':
      feeds.get(data.id)?.close();
      feeds.delete(data.id);
      return;
  }
};

function openFeed(id: number, originMs: number): LiveFeed {
  return new LiveFeed({
    clock: clockSince(originMs),
    origin: location.origin,
    connect: (address) => new WebSocket(address),
    ask: askForCamera,
    random: Math.random,
    newSource: () => new MediaSource(),
    canPlay: (mimeType) => MediaSource.isTypeSupported(mimeType),
    handleOf: (source) => (source as SourceInWorker).handle,
    tell: (news) => {
      // A handle can only be handed over, never copied.
      const transfer = news.type === 'source' ? [news.source] : [];
      port.postMessage({ id, news }, transfer);
    },
  });
}
