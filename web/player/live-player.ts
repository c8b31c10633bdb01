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
import { LiveEdge } from './live-edge.ts';
import type { FeedNews, FeedProgress, LinkState } from './live-feed-messages.ts';
import { type Feed, liveFeeds } from './live-feeds.ts';
import { isGrey, type LiveFacts, liveStatus, type LiveStatus } from './live-status.ts';
import { everyLook } from './live-ticker.ts';
import { formatOf } from './live-words.ts';
import { followAttention, isPageSeen } from './page-attention.ts';
import { suitingStream } from './picture-place.ts';
import { type PicturePlaces, StandingPicture } from './standing-picture.ts';
import { showStills } from './still-pictures.ts';
import { VideoSlot } from './video-slot.ts';

/** What is seen. */
export interface LiveView {
  readonly status: LiveStatus;
  readonly grey: boolean;
  /** The box's time of the picture that stands; undefined while it moves. */
  readonly pictureMs: number | undefined;
  /** The large picture cannot be decoded here, so the small one is shown in its place. */
  readonly reduced: boolean;
  /** `none`: the camera sends no sound. `refused`: the browser wants the page to be touched first. */
  readonly sound: 'off' | 'on' | 'none' | 'refused';
}

/** What a player is made of. The `backdrop` lies behind the video, in the same place, and shows
 * through until the video has a picture. */
export interface LivePlayerParts extends PicturePlaces {
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

/** Chromium shows the picture after a wait at once, has none left then, and waits again: with each
 * picture, while its clock falls behind. A rest of one picture and this much gives it another one. */
const REST_MS = 40;

/** After so long without a picture the next one is told at once. */
const WAS_STILL_MS = 1_000;

/** Width of each camera's small picture, once it was seen; a few numbers for a whole household. */
const subWidths = new Map<string, number>();

/** See the head of this file. `start` once; `stop` is the end. */
export class LivePlayer {
  readonly #parts: LivePlayerParts;
  readonly #slot: VideoSlot;
  readonly #picture: StandingPicture;
  #edge = new LiveEdge();
  #feed: Feed | undefined;
  #stills: Timer | undefined;
  #ticking: Timer | undefined;
  #attention: Timer | undefined;
  #wish: LiveWish = { stream: 'sub', sound: false };
  #isPageSeen = false;
  #isOnScreen = true;
  /** Started, and somebody can see it. */
  #active = false;
  #sinceMs = 0;
  #link: LinkState = 'connecting';
  #condition: LiveFacts['condition'];
  #progress: FeedProgress | undefined;
  #hasSound: boolean | undefined;
  #newPictureMs: number | undefined;
  /** What this browser cannot decode of this camera. */
  readonly #undecodable = new Set<StreamName>();
  #unplayable: string | undefined;
  #ended: LiveFacts['ended'];
  #rebuildsMs: number[] = [];
  #told = '';

  constructor(parts: LivePlayerParts) {
    this.#parts = parts;
    this.#picture = new StandingPicture(parts);
    this.#slot = new VideoSlot(parts.video, {
      onPicture: (mediaMs) => {
        this.#onPicture(mediaMs);
      },
      onStall: () => {
        this.#onStall();
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

  /** Width of the camera's small picture, once it was seen. */
  get subWidth(): number | undefined {
    return subWidths.get(this.#parts.cameraId);
  }

  /** The box's time of the picture that stands or moves, as of the last look. */
  get pictureMs(): number | undefined {
    return this.#picture.times?.boxMs;
  }

  start(wish: LiveWish): void {
    this.#wish = wish;
    this.#picture.recall();
    this.#isPageSeen = isPageSeen();
    this.#attention = followAttention((isSeen) => {
      this.#isPageSeen = isSeen;
      this.#review();
    });
    this.#review();
  }

  /** `keep`: the picture that stands is remembered for whoever shows this camera next. */
  stop({ keep }: { readonly keep: boolean }): void {
    this.#attention?.cancel();
    if (keep) this.#picture.keep();
    this.#isPageSeen = false;
    this.#review();
    this.#dropFeed();
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
  setOnScreen(isOnScreen: boolean): void {
    this.#isOnScreen = isOnScreen;
    this.#review();
  }

  #want(wish: LiveWish): void {
    this.#wish = wish;
    this.#slot.setMuted(!wish.sound);
    if (!this.#active) return;
    this.#connect();
    this.#tellView();
  }

  /** Connects when somebody looks, hangs up when nobody does. */
  #review(): void {
    const active = this.#isPageSeen && this.#isOnScreen;
    if (active === this.#active) return;
    this.#active = active;
    if (active) this.#resume();
    else this.#suspend();
  }

  #resume(): void {
    this.#sinceMs = browserClock.monotonicMs();
    this.#newPictureMs = undefined;
    this.#link = 'connecting';
    this.#condition = undefined;
    this.#unplayable = undefined;
    this.#undecodable.clear();
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
    if (this.#ended !== undefined || this.#unplayable !== undefined) return;
    this.#feed ??= liveFeeds()?.open((news) => {
      this.#onNews(news);
    });
    if (this.#feed === undefined) {
      this.#stills ??= this.#startStills();
      return;
    }
    const { cameraId } = this.#parts;
    const request = { cameraId, stream: this.#stream(), sound: this.#wish.sound };
    this.#feed.order({ type: 'play', request });
  }

  /** What is wished for, or what can be shown in its place. */
  #stream(): StreamName {
    if (!this.#parts.hasSub) return 'main';
    const { stream } = this.#wish;
    if (!this.#undecodable.has(stream)) return stream;
    return stream === 'main' ? 'sub' : 'main';
  }

  #onNews(news: FeedNews): void {
    switch (news.type) {
      case 'source':
        this.#picture.holdBehind();
        this.#slot.attach(news.source);
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
        this.#onUnplayable(news.stream, formatOf(news.codecs));
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
    if (run.stream === 'sub') this.#onSubWidth(run.width);
    const { frameMs } = run.progress;
    const needMs = run.progress.needMs ?? frameMs;
    // Sound begins when 200 ms of it have come (Chromium), which by then lie behind the playhead.
    const lagMs = run.sound ? 0 : this.#edge.targetMs({ needMs, frameMs, sound: false });
    const newestMs = run.progress.edgeMs - frameMs;
    this.#slot.setZero(run.zeroMs);
    this.#slot.goTo(Math.max(run.startMs, Math.min(boxNowMs(run.progress) - lagMs, newestMs)));
  }

  /** What was taken for the suiting picture may not be, now that its width is known. */
  #onSubWidth(width: number): void {
    const { video, cameraId } = this.#parts;
    if (subWidths.get(cameraId) === width) return;
    subWidths.set(cameraId, width);
    this.setStream(suitingStream(video, { now: this.#wish.stream, subWidth: width }));
  }

  #onPicture(mediaMs: number): void {
    const nowMs = browserClock.monotonicMs();
    const boxMs = this.#slot.boxMs(mediaMs);
    const lagMs = this.#progress === undefined ? 0 : boxNowMs(this.#progress) - boxMs;
    this.#picture.onVideo({ takenMs: nowMs - lagMs, boxMs });
    this.#seen(nowMs);
  }

  #seen(nowMs: number): void {
    const wasStill = this.#newPictureMs === undefined || nowMs - this.#newPictureMs > WAS_STILL_MS;
    this.#newPictureMs = nowMs;
    if (wasStill) this.#tellView();
  }

  #onStall(): void {
    this.#edge.onStall(browserClock.monotonicMs());
    // Where there is sound, it has its own way of waiting.
    const frameMs = this.#progress?.frameMs;
    if (this.#hasSound !== true && frameMs !== undefined) this.#slot.rest(frameMs + REST_MS);
  }

  /** Three times a second. */
  #look(): void {
    if (!this.#active) return;
    if (this.#progress !== undefined) this.#steer(this.#progress);
    this.#slot.look();
    this.#tellView();
  }

  #steer(progress: FeedProgress): void {
    const position = this.#slot.position();
    if (position === undefined) return;
    const sound = this.#hasSound === true;
    const { boxMs, lateMs, gapMs, isJumping } = position;
    if (gapMs !== undefined) this.#slot.goTo(boxMs + gapMs);
    if (gapMs !== undefined || isJumping) return;
    // Sound is heard by the playhead, pictures are seen a little apart from it.
    const lagMs = boxNowMs(progress) - boxMs + (sound ? 0 : lateMs);
    const ahead = (): number => this.#slot.aheadMs();
    const { frameMs, needMs = frameMs } = progress;
    const facts = { lagMs, ahead, needMs, frameMs, sound };
    const move = this.#edge.look(facts, browserClock.monotonicMs());
    if (move.do === 'jump') this.#slot.goTo(boxMs + move.byMs);
    else this.#slot.setRate(move.rate);
  }

  /** The other picture may be of another kind; if not, stills are better than nothing. */
  #onUnplayable(stream: StreamName, format: string): void {
    this.#dropFeed();
    const isLast = this.#undecodable.size > 0 || !this.#parts.hasSub;
    this.#undecodable.add(stream);
    if (isLast) {
      this.#unplayable = format;
      this.#stills ??= this.#startStills();
    } else {
      this.#connect();
    }
    this.#tellView();
  }

  /** Begins anew with another buffer; the picture that stands stays behind it. */
  #rebuild(): void {
    this.#picture.holdBehind();
    this.#dropFeed();
    if (!this.#active) return;
    const nowMs = browserClock.monotonicMs();
    this.#rebuildsMs = this.#rebuildsMs.filter((atMs) => nowMs - atMs < REBUILDS_WITHIN_MS);
    this.#rebuildsMs.push(nowMs);
    if (this.#rebuildsMs.length > REBUILDS_MAX) this.#onUnplayable(this.#stream(), formatOf(''));
    else this.#connect();
  }

  #dropFeed(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#progress = undefined;
  }

  #end(why: 'signed-out' | 'removed'): void {
    this.#ended = why;
    this.#suspend();
    this.#dropFeed();
    this.#tellView();
    this.#parts.onEnded(why);
  }

  #startStills(): Timer {
    this.#slot.empty();
    return showStills(browserClock, this.#parts.cameraId, {
      onPicture: (bitmap, boxMs) => {
        const takenMs = browserClock.monotonicMs();
        this.#picture.showStill(bitmap, { takenMs, boxMs });
        bitmap.close();
        this.#seen(takenMs);
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
    const times = this.#picture.times;
    const moves = status.at === 'live' || status.at === 'late' || status.at === 'stills';
    const view: LiveView = {
      status,
      grey: isGrey(status, times === undefined ? undefined : nowMs - times.takenMs),
      pictureMs: moves ? undefined : times?.boxMs,
      reduced: this.#undecodable.has('main') && this.#wish.stream === 'main',
      sound: this.#soundView(),
    };
    const told = JSON.stringify(view);
    if (told === this.#told) return;
    this.#told = told;
    this.#parts.onView(view);
  }

  #soundView(): LiveView['sound'] {
    if (!this.#wish.sound) return 'off';
    if (this.#hasSound === false) return 'none';
    return this.#slot.soundRefused ? 'refused' : 'on';
  }

  #facts(nowMs: number): LiveFacts {
    const newPictureMs = this.#newPictureMs;
    const takenMs = this.#picture.times?.takenMs;
    const isKnown = newPictureMs !== undefined && takenMs !== undefined;
    return {
      ...{ nowMs, sinceMs: this.#sinceMs, link: this.#link, condition: this.#condition },
      ...{ newPictureMs, frameMs: this.#progress?.frameMs ?? 0 },
      lagMs: isKnown ? newPictureMs - takenMs : 0,
      stills: this.#stills !== undefined,
      ...{ unplayable: this.#unplayable, refused: this.#slot.refused, ended: this.#ended },
    };
  }
}

function boxNowMs({ offsetMs }: FeedProgress): number {
  return browserClock.monotonicMs() + offsetMs;
}
