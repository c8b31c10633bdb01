/**
 * hls.js, loaded when the first footage is played. Its light build leaves out what our playlists
 * never have: subtitles, other languages, copy protection.
 */
import type HlsPlayer from 'hls.js';
import type {
  ErrorData,
  Fragment,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  PlaylistLoaderContext,
} from 'hls.js';
import type { PlaybackTimeline } from './playback-timeline.ts';
import type {
  EngineEvents,
  EngineSource,
  EngineTrouble,
  PlaybackEngine,
} from './playback-engine.ts';

type HlsClass = typeof HlsPlayer;

/** Loaded ahead: enough for a slow Wi-Fi, little enough that a seek throws little away. */
const AHEAD_S = 20;

/** Kept behind, for steps back. */
const BEHIND_S = 30;

/** hls.js may take the entry behind a moment that is so close to its end. Ours are exact to a
 * millisecond, and a seek to the last frame must load that frame. */
const LOOKUP_TOLERANCE_S = 0.01;

/** A decoder that stumbled is set up anew so many times for one playlist. */
const RECOVERIES = 2;

/** hls.js, or undefined where the browser has no media source extensions. */
export async function loadHls(): Promise<HlsClass | undefined> {
  const { default: Hls } = await import('hls.js/light');
  return Hls.isSupported() ? Hls : undefined;
}

/** Begins to load; the picture of `startS` is shown as soon as it is there. */
export function startHls(
  Hls: HlsClass,
  video: HTMLVideoElement,
  source: EngineSource,
  events: EngineEvents,
): PlaybackEngine {
  const hls = new Hls({
    ...CONFIG,
    startPosition: source.startS,
    pLoader: loaderOf(source.text),
    streamController: pictureFirst(Hls, source.timeline),
  });
  keepAligned(Hls, hls, source.timeline, events);
  let recoveries = 0;
  let unsaid: { trouble: EngineTrouble; behindS: number | undefined } | undefined;
  // What is loaded already plays on meanwhile.
  const tellWhenDry = (): void => {
    const isDry = video.seeking || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    if (unsaid !== undefined && isDry) events.onTrouble(unsaid.trouble, unsaid.behindS);
  };
  video.addEventListener('waiting', tellWhenDry);
  hls.on(Hls.Events.FRAG_LOADED, () => {
    unsaid = undefined;
  });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    // Its own doing: a seek called off what was on the way.
    if (data.details === Hls.ErrorDetails.INTERNAL_ABORTED) return;
    const trouble = troubleOf(Hls, data);
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR) {
      unsaid = { trouble, behindS: endOfFile(hls, data.frag, source.startS) };
      if (TOLD_AT_ONCE.has(trouble)) events.onTrouble(trouble);
      else tellWhenDry();
    } else if (data.fatal && trouble === 'damaged' && recoveries < RECOVERIES) {
      recoveries += 1;
      hls.recoverMediaError();
    } else if (data.fatal) {
      events.onTrouble(trouble, endOfFile(hls, data.frag, source.startS));
    }
  });
  hls.attachMedia(video);
  hls.loadSource(source.url);
  return {
    retry: () => {
      hls.startLoad();
    },
    close: () => {
      video.removeEventListener('waiting', tellWhenDry);
      hls.destroy();
    },
  };
}

const CONFIG = {
  // A blob: address, which the page's policy refuses; what there is to do is copying.
  enableWorker: false,
  maxBufferLength: AHEAD_S,
  maxMaxBufferLength: AHEAD_S,
  backBufferLength: BEHIND_S,
  maxFragLookUpTolerance: LOOKUP_TOLERANCE_S,
  lowLatencyMode: false,
  // One quality only: nothing to measure.
  testBandwidth: false,
  enableEmsgMetadataCues: false,
  enableID3MetadataCues: false,
  enableDateRangeMetadataCues: false,
} as const satisfies Partial<HlsConfig>;

/** `server/fmp4/movie-boxes.ts`: video is track 1, sound track 2. */
const VIDEO_TRACK_ID = 1;

/**
 * hls.js lays whichever track begins first onto the beginning of an entry. Our sound lies up to half
 * a second in front of the picture that it is stored with, so pictures would come late by that, and
 * a seek to the first of an entry would find none. Told beforehand which track its times come from,
 * hls.js keeps to it.
 */
function pictureFirst(Hls: HlsClass, timeline: PlaybackTimeline): HlsConfig['streamController'] {
  return class extends Hls.DefaultConfig.streamController {
    constructor(...parts: ConstructorParameters<HlsConfig['streamController']>) {
      super(...parts);
      const [hls] = parts;
      hls.on(Hls.Events.LEVEL_LOADED, () => {
        this.initPTS = timeline.stretches.map(({ fromMs, anchorMs }, index) => {
          const startMs = timeline.startOf(index) * 1000;
          const baseTime = fromMs - anchorMs - startMs;
          return { baseTime, timescale: 1000, trackId: VIDEO_TRACK_ID };
        });
      });
    }
  };
}

/** Tells the timeline where each stretch really is on the player's time. */
function keepAligned(
  Hls: HlsClass,
  hls: HlsPlayer,
  timeline: PlaybackTimeline,
  events: EngineEvents,
): void {
  const exact = new Set<number>();
  // The media of a stretch is there: player's time is decode time less this offset.
  hls.on(Hls.Events.INIT_PTS_FOUND, (_event, { frag, initPTS, timescale }) => {
    const index = timeline.stretches.findLastIndex(({ firstEntry }) => firstEntry <= frag.sn);
    const stretch = timeline.stretches[index];
    if (stretch === undefined) return;
    exact.add(index);
    timeline.align(index, (stretch.fromMs - stretch.anchorMs) / 1000 - initPTS / timescale);
    events.onAligned();
  });
  // What was loaded had another length than the playlist said: all that follows moves.
  hls.on(Hls.Events.LEVEL_PTS_UPDATED, (_event, { details }) => {
    for (const [index, { firstEntry }] of timeline.stretches.entries()) {
      const first = details.fragments[firstEntry];
      if (first !== undefined && !exact.has(index)) timeline.align(index, first.start);
    }
  });
}

/** Nothing of the past stays on the screen then. */
const TOLD_AT_ONCE: ReadonlySet<EngineTrouble> = new Set<EngineTrouble>(['signed-out', 'locked']);

/**
 * Player's time behind the file that an entry lies in: what is wrong with one is wrong with its file.
 * Of an init that is missing, the next entry that lies elsewhere: a new playlist from there on names
 * another init.
 */
function endOfFile(hls: HlsPlayer, bad: Fragment | undefined, startS: number): number | undefined {
  const fragments = hls.latestLevelDetails?.fragments ?? [];
  const playheadS = Math.max(hls.media?.currentTime ?? 0, startS);
  const from = fragments.findIndex(({ sn, end }) =>
    typeof bad?.sn === 'number' ? sn === bad.sn : playheadS < end,
  );
  const url = bad?.url ?? fragments[from]?.url;
  const behind = fragments.slice(Math.max(from, 0)).find((fragment) => fragment.url !== url);
  return behind?.start ?? fragments.at(-1)?.end;
}

function troubleOf(Hls: HlsClass, data: ErrorData): EngineTrouble {
  const { ErrorTypes, ErrorDetails } = Hls;
  switch (data.details) {
    case ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR:
    case ErrorDetails.BUFFER_ADD_CODEC_ERROR:
    case ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR:
      return 'unplayable';
    default:
  }
  if (data.type !== ErrorTypes.NETWORK_ERROR) return 'damaged';
  switch (data.response?.code) {
    case 401:
      return 'signed-out';
    case 404:
      return 'footage-gone';
    case 423:
      return 'locked';
    case 500:
      return 'damaged';
    default:
      return data.details === ErrorDetails.FRAG_LOAD_TIMEOUT ? 'box-gone' : 'broken-off';
  }
}

/** Hands hls.js the playlist that is here already: it was fetched once, and its times are read. */
function loaderOf(text: string): NonNullable<HlsConfig['pLoader']> {
  return class implements Loader<PlaylistLoaderContext> {
    context: PlaylistLoaderContext | null = null;
    readonly stats = {
      ...{ aborted: false, loaded: text.length, total: text.length, retry: 0, chunkCount: 0 },
      bwEstimate: 0,
      loading: { start: 0, first: 0, end: 0 },
      parsing: { start: 0, end: 0 },
      buffering: { start: 0, first: 0, end: 0 },
    };

    load(
      context: PlaylistLoaderContext,
      _config: unknown,
      { onSuccess }: LoaderCallbacks<PlaylistLoaderContext>,
    ): void {
      this.context = context;
      queueMicrotask(() => {
        if (!this.stats.aborted) {
          onSuccess({ url: context.url, data: text, code: 200 }, this.stats, context, null);
        }
      });
    }

    abort(): void {
      this.stats.aborted = true;
    }

    destroy(): void {
      this.abort();
    }
  };
}
