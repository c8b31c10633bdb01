/** The hours of a day, newest first: touched, clicked or walked through by keyboard. */
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { HTMLAttributes, JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { momentAt, type DayHour } from '../timeline/day-hours.ts';
import { placeAfterKey, rowAt } from '../timeline/day-place.ts';
import type { Marks, Span } from '../timeline/marks.ts';
import { stretchesBetween, type RecordedTimes } from '../timeline/stretches.ts';
import { HourRow } from './day-list-hour.tsx';

/** A finger that has moved so far, in CSS pixels, aims: lifting it chooses, as a tap would not. */
const AIMING = 8;

/** The day, and what is done with a moment of it. */
interface DayHoursProps {
  readonly dayName: string;
  readonly rows: readonly DayHour[];
  readonly times: RecordedTimes | undefined;
  readonly cameraName: string;
  readonly marks: Marks;
  readonly protectedSpans: readonly Span[];
  readonly needleMs: ReadonlySignal<number | undefined>;
  readonly isLive: boolean;
  /** Nothing can be chosen behind it. */
  readonly latestMs: number;
  /** Set while a hand or the keyboard is on a moment. */
  readonly aimMs: Signal<number | undefined>;
  readonly onChoose: (ms: number) => void;
}

/** See the head of this file. */
export function DayHours(props: DayHoursProps): JSX.Element {
  const { rows, times, aimMs, onChoose } = props;
  const list = useRef<HTMLOListElement>(null);
  const touch = useTouch(rows, aimMs, onChoose);
  const { stop, ...keyboard } = useKeyboard(list, props);
  return (
    <ol
      ref={list}
      class="hours"
      aria-label={`${props.dayName}, hour by hour, newest first`}
      {...keyboard}
      {...touch}
    >
      {rows.toReversed().map((row) => (
        <HourRow
          key={`${String(row.startMs)}-${String(row.hour)}`}
          row={row}
          stretches={times && stretchesBetween(times, row.startMs, row.endMs)}
          cameraName={props.cameraName}
          marks={props.marks}
          protectedSpans={props.protectedSpans}
          needleMs={props.needleMs}
          isLive={props.isLive}
          aimMs={aimMs}
          isStop={row === stop}
        />
      ))}
    </ol>
  );
}

type KeyboardHandlers = Pick<
  HTMLAttributes<HTMLOListElement>,
  'onKeyDown' | 'onFocusCapture' | 'onBlurCapture'
> & {
  /** The row that the Tab key leads to. */
  readonly stop: DayHour | undefined;
};

/** One stop for the Tab key; arrows go by hours and minutes, Enter chooses. */
function useKeyboard(
  list: RefObject<HTMLOListElement | null>,
  { rows, latestMs, aimMs, needleMs, onChoose }: DayHoursProps,
): KeyboardHandlers {
  const [standingMs, setStanding] = useState<number | undefined>(undefined);
  const startMs = Math.min(standingMs ?? needleMs.peek() ?? latestMs, latestMs);
  const stop = rowAt(rows, startMs);
  /** Where the keyboard stands in the row that has the focus. */
  const standingAt = (event: Event): number => {
    const row = rowOf(event, rows) ?? stop;
    return row === undefined ? startMs : within(row, aimMs.peek() ?? startMs);
  };
  return {
    stop,
    onKeyDown: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const fromMs = standingAt(event);
      const isChosen = event.key === 'Enter' || event.key === ' ';
      const toMs = isChosen ? fromMs : placeAfterKey(event.key, fromMs, { rows, latestMs });
      if (toMs === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      if (isChosen) {
        onChoose(toMs);
        return;
      }
      setStanding(toMs);
      const start = String(rowAt(rows, toMs)?.startMs);
      list.current?.querySelector<HTMLElement>(`[data-start="${start}"]`)?.focus();
      // Behind the focus: what loses it forgets where it aimed.
      aimMs.value = toMs;
    },
    onFocusCapture: (event) => {
      const byKeyboard = event.target instanceof Element && event.target.matches(':focus-visible');
      if (byKeyboard) aimMs.value = standingAt(event);
    },
    onBlurCapture: () => {
      aimMs.value = undefined;
    },
  };
}

/** The moment, when it lies in the row; else the row's beginning. */
function within(row: DayHour, ms: number): number {
  return row.startMs <= ms && ms < row.endMs ? ms : row.startMs;
}

type TouchHandlers = Pick<
  HTMLAttributes<HTMLOListElement>,
  | 'onPointerDown'
  | 'onPointerMove'
  | 'onPointerUp'
  | 'onPointerCancel'
  | 'onPointerLeave'
  | 'onClick'
>;

/** Mouse and finger: the moment under it is shown while it is there, and chosen when let go. */
function useTouch(
  rows: readonly DayHour[],
  aimMs: Signal<number | undefined>,
  onChoose: (ms: number) => void,
): TouchHandlers {
  const pressed = useRef<{ readonly x: number; readonly moved: boolean } | undefined>(undefined);
  // The day was switched under the hand.
  useEffect(() => {
    aimMs.value = undefined;
  }, [rows, aimMs]);
  return {
    onPointerDown: (event) => {
      pressed.current = { x: event.clientX, moved: false };
      if (event.pointerType !== 'mouse') aimMs.value = momentOf(event, rows);
    },
    onPointerMove: (event) => {
      const ms = momentOf(event, rows);
      if (event.pointerType === 'mouse') {
        aimMs.value = ms;
      } else if (pressed.current !== undefined) {
        const moved = pressed.current.moved || Math.abs(event.clientX - pressed.current.x) > AIMING;
        pressed.current = { ...pressed.current, moved };
        aimMs.value = ms ?? aimMs.value;
      }
    },
    onPointerUp: (event) => {
      const ms = aimMs.peek();
      const aimed = pressed.current?.moved === true && event.pointerType !== 'mouse';
      pressed.current = undefined;
      if (event.pointerType !== 'mouse') aimMs.value = undefined;
      if (aimed && ms !== undefined) onChoose(ms);
    },
    onPointerCancel: () => {
      pressed.current = undefined;
      aimMs.value = undefined;
    },
    onPointerLeave: (event) => {
      if (event.pointerType === 'mouse') aimMs.value = undefined;
    },
    onClick: (event) => {
      const ms = momentOf(event, rows);
      if (ms !== undefined) onChoose(ms);
    },
  };
}

/** The moment that a pointer is on: on the hour's name, its beginning. */
function momentOf(event: MouseEvent, rows: readonly DayHour[]): number | undefined {
  const row = rowOf(event, rows);
  const track = buttonOf(event)?.querySelector('.hour-track')?.getBoundingClientRect();
  if (track === undefined || row === undefined) return undefined;
  return momentAt(row, (event.clientX - track.left) / track.width);
}

function rowOf(event: Event, rows: readonly DayHour[]): DayHour | undefined {
  const start = buttonOf(event)?.dataset['start'];
  return rows.find(({ startMs, kind }) => kind !== 'skipped' && String(startMs) === start);
}

function buttonOf({ target }: Event): HTMLElement | null | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('[data-start]') : undefined;
}
