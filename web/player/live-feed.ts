/**
 * A camera's way into one `<video>`: connection, runs, buffer. All runs lie on one timeline, the box's
 * wall clock, so that a new run or another stream goes on in the same buffer while the old picture
 * stands. The same code in a worker and in the page.
 */
import type { LiveMessage } from '../../server/contract/live.ts';
import { repeat, type BrowserClock, type Timer } from '../base/clock.ts';
import { VIDEO_TRACK } from './fragment-times.ts';
import { LiveBuffer } from './live-buffer.ts';
import type { FeedNews, FeedOrder, FeedProgress, FeedRequest } from './live-feed-messages.ts';
import { type IntakeRun, LiveIntake, type PlacedFragment } from './live-intake.ts';
import { LiveLink, type LinkParts } from './live-link.ts';

/** What a feed is made of. */
export interface FeedParts extends LinkParts {
  readonly clock: BrowserClock;
  /** MSE as there is it here. */
  readonly newSource: () => MediaSource;
  readonly canPlay: (mimeType: string) => boolean;
  /** What the `<video>` is given: the source itself, or what stands for it outside a worker. */
  readonly handleOf: (source: MediaSource) => MediaSourceHandle | MediaSource;
  readonly tell: (news: FeedNews) => void;
}

/** How often the player is told where things are. */
const PROGRESS_MS = 1_000;

/** What is left free before the first picture: B-frames are decoded before time zero, and a browser
 * drops what begins below it. */
const LEAD_MS = 1_000;

/** Share of arrivals that may come too late: one picture in twenty that stands for a moment longer is
 * not seen; a hole in the sound is heard. */
const LATE_SHARE = 0.05;
const LATE_SHARE_SOUND = 0.01;

/** One connection and what it brought. */
interface Way {
  readonly link: LiveLink;
  readonly intake: LiveIntake;
}

/** See the head of this file. `order` as often as wanted; after `close` nothing is told. */
export class LiveFeed {
  readonly #parts: FeedParts;
  /** What is shown. */
  #way: Way | undefined;
  /** What will be shown once it has a picture. */
  #nextWay: Way | undefined;
  #buffer: LiveBuffer | undefined;
  /** Tracks of the buffer: their number cannot change (MSE, "initialization segment received"). */
  #hasSound = false;
  #zeroMs = 0;
  #edgeMs = 0;
  #frameMs = 0;
  #news = false;
  #ticking: Timer | undefined;
  #closed = false;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  order(order: FeedOrder): void {
    if (this.#closed) return;
    if (order.type === 'pause') this.#pause();
    else this.#play(order.request);
  }

  close(): void {
    this.#closed = true;
    this.#pause();
    this.#buffer?.close();
  }

  #play(request: FeedRequest): void {
    this.#drop(this.#nextWay);
    this.#nextWay = undefined;
    if (this.#way !== undefined && isSame(this.#way.link.request, request)) return;
    const way = this.#newWay(request);
    if (this.#way === undefined) this.#way = way;
    else this.#nextWay = way;
    // The `<video>` takes it while the connection is made.
    if (this.#buffer === undefined) this.#makeBuffer();
    this.#ticking ??= repeat(this.#parts.clock, PROGRESS_MS, () => {
      this.#tick();
    });
    way.link.start();
  }

  #pause(): void {
    this.#ticking?.cancel();
    this.#ticking = undefined;
    this.#drop(this.#way);
    this.#drop(this.#nextWay);
    this.#way = undefined;
    this.#nextWay = undefined;
  }

  #drop(way: Way | undefined): void {
    way?.link.close();
    way?.intake.close();
  }

  #newWay(request: FeedRequest): Way {
    const intake = new LiveIntake(this.#parts.clock, {
      onRun: (run) => {
        this.#begin(way, run);
      },
      onFragment: (fragment) => {
        if (way === this.#way) this.#append(fragment);
      },
      onBroken: (why) => {
        this.#break(why);
      },
    });
    const link = new LiveLink(this.#parts, request, {
      onText: (message) => {
        this.#told(message);
        intake.onText(message);
      },
      onMedia: (bytes) => {
        intake.onMedia(bytes);
      },
      onState: (state) => {
        if (way === this.#way) this.#tell({ type: 'link', link: state });
      },
      onEnded: (why) => {
        this.close();
        this.#parts.tell({ type: 'ended', why });
      },
    });
    const way = { link, intake };
    return way;
  }

  #told(message: LiveMessage): void {
    if (message.type !== 'state') return;
    this.#tell({ type: 'condition', state: message.state, reason: message.stateReason });
  }

  /** A run is there with its first pictures: from now on it is what is shown. */
  #begin(way: Way, run: IntakeRun): void {
    if (way === this.#nextWay) {
      this.#drop(this.#way);
      this.#way = way;
      this.#nextWay = undefined;
      this.#tell({ type: 'link', link: 'open' });
    }
    const { stream, codecs, width } = run.init;
    const mimeType = `video/mp4; codecs="${codecs}"`;
    if (!this.#parts.canPlay(mimeType)) {
      this.close();
      this.#parts.tell({ type: 'unplayable', stream, codecs });
      return;
    }
    const first = run.fragments.find(({ trackId }) => trackId === VIDEO_TRACK);
    if (first === undefined) return;
    const buffer = this.#bufferFor(run, first.startMs);
    const offsetMs = run.init.epochMs - this.#zeroMs;
    buffer.begin({ mimeType, init: run.segment, offsetMs });
    for (const fragment of run.fragments) this.#append(fragment);
    const progress = this.#progress(way);
    if (progress === undefined) return;
    const places = { zeroMs: this.#zeroMs, startMs: first.startMs };
    this.#tell({ type: 'run', ...places, stream, width, sound: this.#hasSound, progress });
  }

  /** The buffer of before where the run fits in, else a new one. */
  #bufferFor(run: IntakeRun, startMs: number): LiveBuffer {
    const hasSound = run.tracks.size > 1;
    const buffer = this.#buffer ?? this.#makeBuffer();
    // The box's clock was set back: there is no time below zero.
    const fits = hasSound === this.#hasSound && startMs - this.#zeroMs >= LEAD_MS;
    if (!buffer.isNew && fits) return buffer;
    this.#hasSound = hasSound;
    this.#zeroMs = startMs - LEAD_MS;
    return buffer.isNew ? buffer : this.#makeBuffer();
  }

  #makeBuffer(): LiveBuffer {
    this.#buffer?.close();
    const source = this.#parts.newSource();
    this.#buffer = new LiveBuffer(source, {
      onBroken: (why) => {
        this.#break(why);
      },
    });
    this.#tell({ type: 'source', source: this.#parts.handleOf(source) });
    return this.#buffer;
  }

  #append({ bytes, trackId, startMs, endMs, key }: PlacedFragment): void {
    const isPicture = trackId === VIDEO_TRACK;
    if (isPicture) {
      this.#edgeMs = endMs;
      this.#frameMs = endMs - startMs;
    }
    this.#news = true;
    const keyMs = isPicture && key ? startMs - this.#zeroMs : undefined;
    this.#buffer?.append(bytes, this.#edgeMs - this.#zeroMs, keyMs);
  }

  #tick(): void {
    this.#way?.link.look();
    if (!this.#news || this.#way === undefined) return;
    this.#news = false;
    const progress = this.#progress(this.#way);
    if (progress !== undefined) this.#tell({ type: 'progress', progress });
  }

  #progress({ intake }: Way): FeedProgress | undefined {
    const { offsetMs } = intake.arrivals;
    if (offsetMs === undefined) return undefined;
    const share = this.#hasSound ? LATE_SHARE_SOUND : LATE_SHARE;
    const needMs = intake.arrivals.needMs(this.#parts.clock.monotonicMs(), share);
    return { edgeMs: this.#edgeMs, offsetMs, needMs, frameMs: this.#frameMs };
  }

  #break(why: string): void {
    if (this.#closed) return;
    this.close();
    this.#parts.tell({ type: 'broken', why });
  }

  #tell(news: FeedNews): void {
    if (!this.#closed) this.#parts.tell(news);
  }
}

function isSame(a: FeedRequest, b: FeedRequest): boolean {
  return a.stream === b.stream && a.sound === b.sound;
}
