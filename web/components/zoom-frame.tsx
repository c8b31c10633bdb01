/**
 * A picture that two fingers, the wheel or keys enlarge to eight times; the picture alone, not what
 * is written beside it. One finger moves it, or leads to the next camera while it is whole.
 */
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useEffect, useImperativeHandle, useRef, useState } from 'preact/hooks';
import { browserClock } from '../base/clock.ts';
import { moveBy, WHOLE, zoomBy, type FrameSize, type Spot, type Zoom } from './picture-zoom.ts';

/** What keys and buttons do with it. */
export interface ZoomControl {
  /** Enlarges about the middle. */
  readonly by: (factor: number) => void;
  readonly reset: () => void;
}

/** A finger that moved so far sideways, in CSS pixels, and more so than up or down, has swiped. */
const SWIPE = 60;

/** Two taps this close, in time and in CSS pixels, are one double tap. */
const DOUBLE_MS = 300;
const DOUBLE_SPOT = 24;

/** What a double tap enlarges a whole picture by. */
const DOUBLE_FACTOR = 3;

/** A notch of a wheel is 100 of its units: one fifth larger. */
const PER_WHEEL_UNIT = 1.002;

/** `onSwipe`: 1 is to the next camera, -1 to the one before. */
export function ZoomFrame(props: {
  readonly children: ComponentChildren;
  readonly control: RefObject<ZoomControl | null>;
  readonly onSwipe: (direction: 1 | -1) => void;
  readonly onScale: (scale: number) => void;
}): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState<Zoom>(WHOLE);
  const { onScale } = props;
  useEffect(() => {
    onScale(zoom.scale);
  }, [onScale, zoom.scale]);
  useImperativeHandle(
    props.control,
    () => ({
      by: (factor) => {
        const size = sizeOf(frame.current);
        setZoom((before) => zoomBy(before, factor, middleOf(size), size));
      },
      reset: () => {
        setZoom(WHOLE);
      },
    }),
    [],
  );
  useGestures(frame, { zoom, setZoom, onSwipe: props.onSwipe });
  return (
    <div
      ref={frame}
      class="zoom-frame"
      data-zoomed={zoom.scale > 1}
      style={{
        '--zoom': String(zoom.scale),
        '--zoom-x': `${String(zoom.x)}px`,
        '--zoom-y': `${String(zoom.y)}px`,
      }}
    >
      {props.children}
    </div>
  );
}

interface Gestures {
  readonly zoom: Zoom;
  readonly setZoom: (change: Zoom | ((before: Zoom) => Zoom)) => void;
  readonly onSwipe: (direction: 1 | -1) => void;
}

function useGestures(frame: RefObject<HTMLDivElement | null>, gestures: Gestures): void {
  const latest = useRef(gestures);
  latest.current = gestures;
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const hand = new Hand(element, latest);
    const listening = new AbortController();
    const { signal } = listening;
    element.addEventListener('pointerdown', hand.down, { signal });
    addEventListener('pointermove', hand.move, { signal });
    addEventListener('pointerup', hand.up, { signal });
    addEventListener('pointercancel', hand.cancel, { signal });
    // The page must not scroll or zoom instead: only a listener that is not passive can say so.
    element.addEventListener('wheel', hand.wheel, { signal, passive: false });
    return () => {
      listening.abort();
    };
  }, [frame]);
}

/** The fingers on one picture, and what they have done since they came down. */
class Hand {
  readonly #element: HTMLElement;
  readonly #latest: { readonly current: Gestures };
  readonly #fingers = new Map<number, Spot>();
  #start: Spot | undefined;
  #hasPinched = false;
  #lastTap: { readonly atMs: number; readonly spot: Spot } | undefined;

  constructor(element: HTMLElement, latest: { readonly current: Gestures }) {
    this.#element = element;
    this.#latest = latest;
  }

  readonly down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    if (this.#fingers.size === 0) {
      this.#start = spotOf(event);
      this.#hasPinched = false;
    }
    this.#fingers.set(event.pointerId, spotOf(event));
  };

  readonly move = (event: PointerEvent): void => {
    const before = this.#fingers.get(event.pointerId);
    if (before === undefined) return;
    const now = spotOf(event);
    const others = [...this.#fingers].filter(([id]) => id !== event.pointerId);
    const other = others[0]?.[1];
    this.#fingers.set(event.pointerId, now);
    const size = sizeOf(this.#element);
    const by = { x: now.x - before.x, y: now.y - before.y };
    if (other === undefined) {
      this.#latest.current.setZoom((zoom) => moveBy(zoom, by, size));
      return;
    }
    this.#hasPinched = true;
    const factor = apart(now, other) / Math.max(1, apart(before, other));
    const middle = this.#within({ x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    // The middle between two fingers moves half as far as the one that moved.
    this.#latest.current.setZoom((zoom) =>
      moveBy(zoomBy(zoom, factor, middle, size), { x: by.x / 2, y: by.y / 2 }, size),
    );
  };

  readonly up = (event: PointerEvent): void => {
    if (!this.#fingers.delete(event.pointerId) || this.#fingers.size > 0) return;
    const start = this.#start;
    this.#start = undefined;
    if (start === undefined || this.#hasPinched) return;
    const spot = spotOf(event);
    const { zoom, onSwipe } = this.#latest.current;
    const [across, along] = [spot.x - start.x, spot.y - start.y];
    const isSideways = Math.abs(across) > SWIPE && Math.abs(across) > 2 * Math.abs(along);
    if (apart(start, spot) < DOUBLE_SPOT) this.#tapped(spot);
    else if (isSideways && zoom.scale === 1 && event.pointerType !== 'mouse') {
      onSwipe(across < 0 ? 1 : -1);
    }
  };

  readonly cancel = (event: PointerEvent): void => {
    this.#fingers.delete(event.pointerId);
    this.#start = undefined;
  };

  readonly wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const spot = this.#within(spotOf(event));
    const factor = PER_WHEEL_UNIT ** -event.deltaY;
    const size = sizeOf(this.#element);
    this.#latest.current.setZoom((zoom) => zoomBy(zoom, factor, spot, size));
  };

  #tapped(spot: Spot): void {
    const last = this.#lastTap;
    const atMs = browserClock.monotonicMs();
    const isDouble =
      last !== undefined && atMs - last.atMs < DOUBLE_MS && apart(last.spot, spot) < DOUBLE_SPOT;
    this.#lastTap = isDouble ? undefined : { atMs, spot };
    if (!isDouble) return;
    const size = sizeOf(this.#element);
    this.#latest.current.setZoom((zoom) =>
      zoom.scale > 1 ? WHOLE : zoomBy(zoom, DOUBLE_FACTOR, this.#within(spot), size),
    );
  }

  /** From places on the screen to places in the frame. */
  #within(spot: Spot): Spot {
    const place = holderOf(this.#element)?.getBoundingClientRect();
    return { x: spot.x - (place?.left ?? 0), y: spot.y - (place?.top ?? 0) };
  }
}

function spotOf(event: MouseEvent): Spot {
  return { x: event.clientX, y: event.clientY };
}

function apart(a: Spot, b: Spot): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** What holds the picture alone: its strip is not enlarged. */
function holderOf(element: HTMLElement | null): HTMLElement | null | undefined {
  return element?.querySelector('video')?.parentElement ?? element;
}

function sizeOf(element: HTMLElement | null): FrameSize {
  const holder = holderOf(element);
  return { width: holder?.clientWidth ?? 0, height: holder?.clientHeight ?? 0 };
}

function middleOf({ width, height }: FrameSize): Spot {
  return { x: width / 2, y: height / 2 };
}
