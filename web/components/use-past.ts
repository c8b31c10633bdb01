/**
 * The past of one camera, in the place where live was: the moment that is seen, in the address bar
 * too, and what plays it.
 */
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { browserClock, repeat } from '../base/clock.ts';
import { PlaybackPlayer, type PlaybackHole, type PlaybackState } from '../player/playback-player.ts';
import { boxNowMs } from '../state/box-time.ts';
import { goTo } from '../state/route.ts';

/** Often enough that the seconds of the clock change when they do. */
const TELL_MS = 200;

/** The address follows the picture so often: browsers refuse a hundred changes in half a minute. */
const NOTE_MS = 5_000;

/** Footage reaches the disk within a few seconds: nearer to now is now. */
const NEAR_NOW_MS = 4_000;

/** What the page needs of the past. */
export interface Past {
  /** The moment of the picture; undefined while it is live. */
  readonly seenMs: ReadonlySignal<number | undefined>;
  readonly isLive: boolean;
  readonly isPaused: boolean;
  readonly state: PlaybackState | undefined;
  /** The newest hole that was jumped over, for a while. */
  readonly hole: PlaybackHole | undefined;
  /** Takes the element in which the past is played; answers how to let go of it. */
  readonly attach: (video: HTMLVideoElement) => () => void;
  /** Plays from a moment on; from one that is nearly now, live. */
  readonly playFrom: (ms: number) => void;
  /** Forth and back, from live too. */
  readonly skip: (byMs: number) => void;
  readonly togglePlay: () => void;
  readonly step: (frames: 1 | -1) => void;
  /** Back to live. */
  readonly toNow: () => void;
}

/** What was jumped over is said for so long: two lines are read in it. */
const HOLE_SAID_MS = 8_000;

/** `atMs` is what the address says. */
export function usePast(cameraId: string, atMs: number | undefined, isMuted: boolean): Past {
  const seenMs = useSignal(atMs);
  const player = useRef<PlaybackPlayer | undefined>(undefined);
  /** Where to begin, and whether to play: for the player that is not made yet. */
  const wanted = useRef({ ms: atMs ?? 0, plays: true });
  const notedMs = useRef(atMs);
  const [state, setState] = useState<PlaybackState | undefined>(undefined);
  const [hole, setHole] = useState<PlaybackHole | undefined>(undefined);

  const note = useCallback(
    (ms: number | undefined): void => {
      notedMs.current = ms;
      goTo({ page: 'camera', id: cameraId, atMs: ms }, 'replace');
    },
    [cameraId],
  );
  const toNow = useCallback((): void => {
    seenMs.value = undefined;
    wanted.current = { ms: 0, plays: true };
    note(undefined);
  }, [note, seenMs]);
  const attach = useCallback(
    (video: HTMLVideoElement) => {
      const fresh = new PlaybackPlayer(video, {
        ...{ cameraId, clock: browserClock, onHole: setHole },
        onState: (next) => {
          setState(next);
          if (next.kind === 'at-now') toNow();
        },
      });
      player.current = fresh;
      const { ms, plays } = wanted.current;
      if (plays) fresh.playFrom(ms);
      else fresh.seek(ms);
      return () => {
        player.current = undefined;
        fresh.close();
        setState(undefined);
        setHole(undefined);
      };
    },
    [cameraId, toNow],
  );
  const show = (ms: number, plays: boolean): void => {
    if (ms >= boxNowMs() - NEAR_NOW_MS) {
      toNow();
      return;
    }
    wanted.current = { ms, plays };
    seenMs.value = ms;
    setHole(undefined);
    note(ms);
    if (plays) player.current?.playFrom(ms);
    else player.current?.seek(ms);
  };
  const isPaused = state?.kind === 'paused' || (state?.kind === 'opening' && !wanted.current.plays);

  useFollow(seenMs, player, note);
  useEffect(() => {
    // The back button, or an address typed: not what we noted ourselves.
    if (atMs === notedMs.current) return;
    notedMs.current = atMs;
    seenMs.value = atMs;
    wanted.current = { ms: atMs ?? 0, plays: true };
    if (atMs !== undefined) player.current?.playFrom(atMs);
  }, [atMs, seenMs]);
  useEffect(() => {
    if (player.current !== undefined) player.current.muted = isMuted;
  }, [isMuted, state]);
  useEffect(() => {
    if (hole === undefined) return undefined;
    const timer = browserClock.setTimer(HOLE_SAID_MS, () => {
      setHole(undefined);
    });
    return () => {
      timer.cancel();
    };
  }, [hole]);

  return {
    ...{ seenMs, isPaused, state, hole, attach, toNow },
    isLive: atMs === undefined,
    playFrom: (ms) => {
      show(ms, true);
    },
    skip: (byMs) => {
      show((seenMs.peek() ?? boxNowMs()) + byMs, !isPaused);
    },
    togglePlay: () => {
      if (player.current === undefined) {
        show(boxNowMs() - 2 * NEAR_NOW_MS, false);
        return;
      }
      wanted.current = { ...wanted.current, plays: isPaused };
      if (isPaused) player.current.resume();
      else player.current.pause();
    },
    step: (frames) => {
      wanted.current = { ...wanted.current, plays: false };
      player.current?.stepFrames(frames);
    },
  };
}

/** Tells the moment that is seen while somebody looks, and keeps it in the address. */
function useFollow(
  seenMs: { value: number | undefined },
  player: { readonly current: PlaybackPlayer | undefined },
  note: (ms: number) => void,
): void {
  useEffect(() => {
    let notedAtMs = browserClock.monotonicMs();
    const noteNow = (): void => {
      const ms = player.current?.epochMs;
      if (ms !== undefined) note(Math.round(ms));
    };
    const timer = repeat(browserClock, TELL_MS, () => {
      const ms = player.current?.epochMs;
      if (ms === undefined || document.visibilityState !== 'visible') return;
      const hasMoved = seenMs.value !== ms;
      seenMs.value = ms;
      if (!hasMoved || browserClock.monotonicMs() - notedAtMs < NOTE_MS) return;
      notedAtMs = browserClock.monotonicMs();
      noteNow();
    });
    addEventListener('pagehide', noteNow);
    return () => {
      timer.cancel();
      removeEventListener('pagehide', noteNow);
    };
  }, [seenMs, player, note]);
}
