/** Where feeds live: in one worker for the whole page where that is possible, else in the page. */
import { askForCamera } from '../api/camera-calls.ts';
import { browserClock, originMs } from '../base/clock.ts';
import { LiveFeed } from './live-feed.ts';
import type { FeedNews, FeedOrder } from './live-feed-messages.ts';
import { mediaSourceKind, workerCanFeed } from './media-sources.ts';

/** A feed as its player has it. */
export interface Feed {
  order(order: FeedOrder): void;
  close(): void;
}

/** Opens feeds; the news of each go to its own listener. */
export interface LiveFeeds {
  open(tell: (news: FeedNews) => void): Feed;
}

/** What the page says to the worker. `originMs`: from when on the page counts its time. */
export type ToWorker =
  | { readonly type: 'open'; readonly id: number; readonly originMs: number }
  | { readonly type: 'order'; readonly id: number; readonly order: FeedOrder }
  | { readonly type: 'close'; readonly id: number };

/** What the worker says: the news of one feed. */
export interface FromWorker {
  readonly id: number;
  readonly news: FeedNews;
}

let made: LiveFeeds | undefined;

/** The page's; undefined where the browser has no Media Source Extensions at all. */
export function liveFeeds(): LiveFeeds | undefined {
  const kind = mediaSourceKind();
  if (kind === undefined) return undefined;
  made ??= workerCanFeed() ? new WorkerFeeds(new PageFeeds(kind)) : new PageFeeds(kind);
  return made;
}

/** Feeds on the page's own thread. */
class PageFeeds implements LiveFeeds {
  readonly #kind: typeof MediaSource;

  constructor(kind: typeof MediaSource) {
    this.#kind = kind;
  }

  open(tell: (news: FeedNews) => void): Feed {
    return new LiveFeed({
      clock: browserClock,
      origin: location.origin,
      connect: (address) => new WebSocket(address),
      ask: askForCamera,
      random: Math.random,
      newSource: () => new this.#kind(),
      canPlay: (mimeType) => this.#kind.isTypeSupported(mimeType),
      handleOf: (source) => source,
      tell,
    });
  }
}

/** Feeds in one worker; in the page once the worker did not start or broke. */
class WorkerFeeds implements LiveFeeds {
  readonly #instead: LiveFeeds;
  readonly #listeners = new Map<number, (news: FeedNews) => void>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(instead: LiveFeeds) {
    this.#instead = instead;
    const worker = new Worker(new URL('./live-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.#listeners.get(data.id)?.(data.news);
    };
    worker.onerror = () => {
      this.#giveUp();
    };
    this.#worker = worker;
  }

  open(tell: (news: FeedNews) => void): Feed {
    const worker = this.#worker;
    if (worker === undefined) return this.#instead.open(tell);
    this.#lastId += 1;
    const id = this.#lastId;
    const say = (message: ToWorker): void => {
      worker.postMessage(message);
    };
    this.#listeners.set(id, tell);
    say({ type: 'open', id, originMs });
    return {
      order: (order) => {
        say({ type: 'order', id, order });
      },
      close: () => {
        this.#listeners.delete(id);
        say({ type: 'close', id });
      },
    };
  }

  /** Its players open new feeds, and get them from the page. */
  #giveUp(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const tell of listeners) tell({ type: 'broken', why: 'the worker ended' });
  }
}
