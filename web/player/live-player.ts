/**
 * Drives one `<video>` with the live picture of one camera: at the live edge, truthful about how far
 * behind it is, back by itself after whatever happened. Without a framework.
 *
 *   const player = new LivePlayer({ video, backdrop, cameraId, hasSub, onView, onEnded });
 *   player.start({ stream: 'sub', sound: false });
 *   player.setStream('main');
 *   player.setSound(true);       // in a gesture, or the browser refuses
 *   player.setOnScreen(false);   // scrolled away: costs nothing
 *   player.stop({ keep: true });
 */
import type { StreamName } from '../../server/contract/live.ts';
import { browserClock, type Timer } from '../base/clock.ts';
import {
  copyPicture,
  lastPictures,
  type LastPicture,
  type PictureSource,
} from './last-pictures.ts';
import { LiveEdge } from './live-edge.ts';
import type { FeedNews, FeedProgress, LinkState } from './live-feed-messages.ts';
import { type Feed, liveFeeds } from './live-feeds.ts';
import { isGrey, type LiveFacts, liveStatus, type LiveStatus } from './live-status.ts';
import { everyLook } from './live-ticker.ts';
import { formatOf } from './live-words.ts';
import { showStills } from './still-pictures.ts';
import { VideoSlot } from './video-slot.ts';

/** What is seen. `pictureMs`: the box's time of the picture that stands; told when it stands still. */
export interface LiveView {
  readonly status: LiveStatus;
  readonly grey: boolean;
  readonly pictureMs: number | undefined;
  /** The large picture cannot be decoded here, so the small one is shown in its place. */
  readonly reduced: boolean;
  /** What was asked for is heard; `none`: the camera sends no sound. */
  readonly sound: 'off' | 'on' | 'none';
}

/** What a player is made of. */
export interface LivePlayerParts {
  readonly video: HTMLVideoElement;
  /** Lies behind the video, in the same place: shows through until the video has a picture. */
  readonly backdrop: HTMLCanvasElement;
  readonly cameraId: string;
  /** The camera has a small picture of its own. */
  readonly hasSub: boolean;
  readonly onView: (view: LiveView) => void;
  readonly onEnded: (why: 'signed-out' | 'removed') => void;
}

/** What is wanted of the camera. */
export interface LiveWish {
  readonly stream: StreamName;
  readonly sound: boolean;
}

/** A decoder that fails more often than this in so long will fail again. */
const REBUILDS_MAX = 3;
const REBUILDS_WITHIN_MS = 60_000;

/** Until the rhythm of arrivals is known: two pictures of a camera that sends 15 a second; Chromium
 * begins to play sound once it has 200 ms of it. */
const FIRST_NEED_MS = 100;
const FIRST_NEED_SOUND_MS = 250;

/** See the head of this file. `start` once; `stop` is the end. */
export class LivePlayer {
  readonly #parts: LivePlayerParts;
  readonly #slot: VideoSlot;
  #edge = new LiveEdge();
  #feed: Feed | undefined;
  #stills: Timer | undefined;
  #ticking: Timer | undefined;
  #wish: LiveWish = { stream: 'sub', sound: false };
  #running = false;
  #active = false;
  #onScreen = true;
  #sinceMs = 0;
  #link: LinkState = 'connecting';
  #condition: LiveFacts['condition'];
  #progress: FeedProgress | undefined;
  #hasSound: boolean | undefined;
  #newPictureMs: number | undefined;
  /** What stands, on either clock; from memory until the first picture comes. */
  #picture: Omit<LastPicture, 'canvas'> | undefined;
  #mainUnplayable: string | undefined;
  #unplayable: string | undefined;
  #ended: 'signed-out' | 'removed' | undefined;
  #rebuildsMs: number[] = [];
  #subWidth: number | undefined;
  #told = '';

  constructor(parts: LivePlayerParts) {
    this.#parts = parts;
    this.#slot = new VideoSlot(parts.video, {
      onPicture: (mediaMs) => {
        this.#onPicture(mediaMs);
      },
      onStall: () => {
        this.#edge.onStall(browserClock.monotonicMs());
      },
      onBroken: () => {
        this.#rebuild();
      },
      onRefused: () => {
        this.#look();
      },
    });
  }

  /** What is asked for. */
  get stream(): StreamName {
    return this.#wish.stream;
  }

  /** Width of the small picture, once it was shown. */
  get subWidth(): number | undefined {
    return this.#subWidth;
  }

  /** The box's time of the picture that is on the screen now, to the time of a look. */
  get pictureMs(): number | undefined {
    return this.#picture?.boxMs;
  }

  start(wish: LiveWish): void {
    this.#wish = wish;
    this.#running = true;
    this.#showLast();
    document.addEventListener('visibilitychange', this.#review);
    addEventListener('pagehide', this.#review);
    addEventListener('pageshow', this.#review);
    this.#review();
  }

  /** `keep`: the picture that stands is remembered for the next one who shows this camera. */
  stop({ keep }: { readonly keep: boolean }): void {
    document.removeEventListener('visibilitychange', this.#review);
    removeEventListener('pagehide', this.#review);
    removeEventListener('pageshow', this.#review);
    if (keep) this.#keepPicture();
    this.#running = false;
    this.#review();
    this.#feed?.close();
    this.#feed = undefined;
    this.#slot.empty();
  }

  setStream(stream: StreamName): void {
    if (stream !== this.#wish.stream) this.#want({ ...this.#wish, stream });
  }

  /** Sound needs a gesture: call it in one. */
  setSound(sound: boolean): void {
    if (sound !== this.#wish.sound) this.#want({ ...this.#wish, sound });
  }

  /** Scrolled away, it hangs up. */
  setOnScreen(onScreen: boolean): void {
    this.#onScreen = onScreen;
    this.#review();
  }

  #want(wish: LiveWish): void {
    this.#wish = wish;
    this.#slot.setMuted(!wish.sound);
    if (this.#active) this.#connect();
    this.#tellView();
  }

  /** Connects when somebody looks, hangs up when nobody does. */
  readonly #review = (event?: Event): void => {
    const isLeaving = event?.type === 'pagehide';
    const isSeen = document.visibilityState === 'visible' && !isLeaving;
    const active = this.#running && this.#onScreen && isSeen;
    if (active === this.#active) return;
    this.#active = active;
    if (active) this.#resume();
    else this.#suspend();
  };

  #resume(): void {
    this.#sinceMs = browserClock.monotonicMs();
    this.#newPictureMs = undefined;
    this.#link = 'connecting';
    this.#condition = undefined;
    this.#unplayable = undefined;
    this.#slot.setMuted(!this.#wish.sound);
    this.#ticking = everyLook(() => {
      this.#look();
    });
    this.#connect();
    this.#tellView();
  }

  #suspend(): void {
    this.#ticking?.cancel();
    this.#stills?.cancel();
    this.#stills = undefined;
    this.#feed?.order({ type: 'pause' });
    this.#slot.pause();
  }

  #connect(): void {
    if (this.#ended !== undefined) return;
    this.#feed ??= liveFeeds()?.open((news) => {
      this.#onNews(news);
    });
    if (this.#feed === undefined) {
      this.#stills ??= this.#startStills();
      return;
    }
    const { cameraId, hasSub } = this.#parts;
    const isSub = this.#wish.stream === 'sub' || this.#mainUnplayable !== undefined;
    const stream = isSub && hasSub ? 'sub' : 'main';
    this.#feed.order({ type: 'play', request: { cameraId, stream, sound: this.#wish.sound } });
  }

  #onNews(news: FeedNews): void {
    switch (news.type) {
      case 'source':
        this.#keepPicture();
        this.#drawBackdrop();
        this.#slot.attach(news.source, news.zeroMs);
        return;
      case 'run':
        this.#onRun(news);
        return;
      case 'progress':
        this.#progress = news.progress;
        return;
      case 'condition':
        this.#condition = { state: news.state, reason: news.reason };
        this.#look();
        return;
      case 'link':
        this.#link = news.link;
        return;
      case 'ended':
        this.#end(news.why);
        return;
      case 'unplayable':
        this.#onUnplayable(news.codecs);
        return;
      case 'broken':
        this.#rebuild();
        return;
    }
  }

  #onRun(run: Extract<FeedNews, { type: 'run' }>): void {
    this.#condition = undefined;
    this.#progress = run.progress;
    this.#hasSound = run.sound;
    this.#edge = new LiveEdge();
    if (run.stream === 'sub') this.#subWidth = run.width;
    const facts = { needMs: this.#needMs(run.progress), sound: run.sound };
    const atMs = this.#boxNowMs(run.progress) - this.#edge.targetMs(facts);
    const newestMs = run.progress.edgeMs - run.progress.frameMs;
    this.#slot.goTo(Math.max(run.startMs, Math.min(atMs, newestMs)));
  }

  #onPicture(mediaMs: number): void {
    const nowMs = browserClock.monotonicMs();
    const boxMs = this.#slot.boxMs(mediaMs);
    const lagMs = this.#progress === undefined ? 0 : this.#boxNowMs(this.#progress) - boxMs;
    this.#picture = { takenMs: nowMs - lagMs, boxMs };
    const isFirst = this.#newPictureMs === undefined || nowMs - this.#newPictureMs > 1_000;
    this.#newPictureMs = nowMs;
    if (isFirst) this.#tellView();
  }

  /** Four times a second. */
  #look(): void {
    if (!this.#active) return;
    const progress = this.#progress;
    if (progress !== undefined && this.#feed !== undefined) this.#steer(progress);
    this.#slot.look();
    this.#tellView();
  }

  #steer(progress: FeedProgress): void {
    const position = this.#slot.position();
    if (position === undefined) return;
    const sound = this.#hasSound === true;
    const lagMs = this.#boxNowMs(progress) - position.boxMs;
    const facts = { lagMs, aheadMs: position.aheadMs, needMs: this.#needMs(progress), sound };
    const nowMs = browserClock.monotonicMs();
    const move = this.#edge.look(facts, nowMs);
    if (position.gapMs !== undefined) this.#slot.goTo(position.boxMs + position.gapMs);
    else if (move.do === 'jump') this.#slot.goTo(position.boxMs + move.byMs);
    else this.#slot.setRate(move.rate);
  }

  #needMs({ needMs, frameMs }: FeedProgress): number {
    const first = this.#hasSound === true ? FIRST_NEED_SOUND_MS : FIRST_NEED_MS;
    return needMs ?? Math.max(first, frameMs);
  }

  #boxNowMs({ offsetMs }: FeedProgress): number {
    return browserClock.monotonicMs() + offsetMs;
  }

  #onUnplayable(codecs: string): void {
    this.#dropFeed();
    const format = formatOf(codecs);
    if (this.#mainUnplayable === undefined && this.#parts.hasSub && this.#wish.stream === 'main') {
      this.#mainUnplayable = format;
      this.#connect();
    } else {
      this.#unplayable = format;
      this.#stills ??= this.#startStills();
    }
    this.#tellView();
  }

  /** Begins anew with another buffer; the picture that stands stays behind it. */
  #rebuild(): void {
    if (!this.#active) {
      this.#dropFeed();
      return;
    }
    const nowMs = browserClock.monotonicMs();
    this.#rebuildsMs = this.#rebuildsMs.filter((atMs) => nowMs - atMs < REBUILDS_WITHIN_MS);
    this.#rebuildsMs.push(nowMs);
    if (this.#rebuildsMs.length > REBUILDS_MAX) {
      this.#onUnplayable('');
      return;
    }
    this.#keepPicture();
    this.#drawBackdrop();
    this.#dropFeed();
    this.#connect();
  }

  #dropFeed(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#progress = undefined;
  }

  #end(why: 'signed-out' | 'removed'): void {
    this.#ended = why;
    this.#feed = undefined;
    this.#tellView();
    this.#parts.onEnded(why);
  }

  #startStills(): Timer {
    const { backdrop, cameraId } = this.#parts;
    return showStills(browserClock, cameraId, {
      onPicture: (bitmap, boxMs) => {
        const { width, height } = bitmap;
        copyPicture({ image: bitmap, width, height }, backdrop);
        bitmap.close();
        this.#newPictureMs = browserClock.monotonicMs();
        this.#picture = { takenMs: this.#newPictureMs, boxMs };
        this.#tellView();
      },
      onAnswer: (answer) => {
        if (answer === 'signed-out' || answer === 'removed') this.#end(answer);
        else this.#link = answer === 'there' ? 'open' : 'gone';
      },
    });
  }

  #tellView(): void {
    const nowMs = browserClock.monotonicMs();
    const status = liveStatus(this.#facts(nowMs));
    const picture = this.#picture;
    const grey = isGrey(status, picture === undefined ? undefined : nowMs - picture.takenMs);
    const moves = status.at === 'live' || status.at === 'late' || status.at === 'stills';
    const view: LiveView = {
      ...{ status, grey },
      pictureMs: moves ? undefined : picture?.boxMs,
      reduced: this.#mainUnplayable !== undefined && this.#wish.stream === 'main',
      sound: !this.#wish.sound ? 'off' : this.#hasSound === false ? 'none' : 'on',
    };
    const told = JSON.stringify(view);
    if (told === this.#told) return;
    this.#told = told;
    this.#parts.onView(view);
  }

  #facts(nowMs: number): LiveFacts {
    const progress = this.#progress;
    const pictureMs = this.#picture?.boxMs;
    const known = progress !== undefined && pictureMs !== undefined;
    return {
      ...{ nowMs, sinceMs: this.#sinceMs, link: this.#link, condition: this.#condition },
      newPictureMs: this.#newPictureMs,
      frameMs: progress?.frameMs ?? 0,
      lagMs: known ? this.#boxNowMs(progress) - pictureMs : 0,
      stills: this.#stills !== undefined,
      ...{ unplayable: this.#unplayable, refused: this.#slot.refused, ended: this.#ended },
    };
  }

  #showLast(): void {
    const last = lastPictures.get(this.#parts.cameraId);
    if (last === undefined) return;
    this.#picture = { takenMs: last.takenMs, boxMs: last.boxMs };
    this.#drawBackdrop();
  }

  #drawBackdrop(): void {
    const last = lastPictures.get(this.#parts.cameraId);
    if (last !== undefined) copyPicture(sourceOf(last.canvas), this.#parts.backdrop);
  }

  /** The picture that stands, into the memory of the page. */
  #keepPicture(): void {
    if (this.#picture === undefined || this.#newPictureMs === undefined) return;
    const { video, backdrop, cameraId } = this.#parts;
    const source = this.#stills === undefined ? sourceOf(video) : sourceOf(backdrop);
    lastPictures.keep(cameraId, source, this.#picture);
  }
}

function sourceOf(image: HTMLVideoElement | HTMLCanvasElement): PictureSource {
  return image instanceof HTMLVideoElement
    ? { image, width: image.videoWidth, height: image.videoHeight }
    : { image, width: image.width, height: image.height };
}
