/** One hour of the day list: its name, a band where something was recorded, nothing where not. */
import { useComputed, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { placeInHour, type DayHour } from '../timeline/day-hours.ts';
import { gapWords } from '../timeline/gap-words.ts';
import { hourLabel, hourName, runOfHour } from '../timeline/hour-names.ts';
import { spansBetween, type Marks, type Span } from '../timeline/marks.ts';
import { WORTH_SAYING_MS, type Stretch } from '../timeline/stretches.ts';
import { clockTime } from '../words/time-words.ts';

/** The drawing is 3600 wide: a unit is a second. */
const WIDTH = 3_600;

/** Where the quarters of an hour are: what the eye goes by when it aims. */
const QUARTERS = 'M900 0v1M1800 0v1M2700 0v1';

/** In heights of the band, from its top. */
const UNDERLINE_AT = '1.5';

/** A row; `stretches` are undefined until the box has told what was recorded. */
export function HourRow(props: {
  readonly row: DayHour;
  readonly stretches: readonly Stretch[] | undefined;
  readonly cameraName: string;
  readonly marks: Marks;
  /** What is never deleted by itself. */
  readonly protectedSpans: readonly Span[];
  /** The moment that is seen in the picture. */
  readonly needleMs: ReadonlySignal<number | undefined>;
  readonly isLive: boolean;
  /** The moment under the hand, or that the keyboard stands on. */
  readonly aimMs: ReadonlySignal<number | undefined>;
  /** The Tab key comes here. */
  readonly isStop: boolean;
}): JSX.Element {
  const { row, stretches } = props;
  const run = runOfHour(row);
  if (row.kind === 'skipped') {
    return (
      <li class="hour" data-kind="skipped">
        <span class="hour-name">{hourName(row)}</span>
        <span class="small quiet">skipped: clocks went forward</span>
      </li>
    );
  }
  const protectedSpans = spansBetween(props.protectedSpans, row.startMs, row.endMs);
  const about = [
    ...protectedWords(protectedSpans),
    ...reasonsOf(stretches ?? [], props.cameraName),
  ].join(' ');
  const id = `hour-${String(row.startMs)}`;
  return (
    <li>
      <button
        type="button"
        class="hour"
        data-start={row.startMs}
        tabIndex={props.isStop ? 0 : -1}
        aria-label={hourLabel(row, stretches)}
        aria-describedby={about === '' ? undefined : id}
      >
        <span class="hour-name">
          {hourName(row)}
          {run !== '' && <span class="quiet"> {run}</span>}
        </span>
        <span class="hour-track">
          <svg viewBox={`0 0 ${String(WIDTH)} 1`} preserveAspectRatio="none" aria-hidden="true">
            <path class="hour-base" d={bar(row, row.startMs, row.endMs)} />
            <path class="hour-quarters" d={QUARTERS} />
            <path class="hour-band" d={bands(row, stretches ?? [])} />
            <path class="hour-protected" d={underlines(row, protectedSpans)} />
            <path class="hour-marked" d={markedBar(row, props.marks)} />
          </svg>
          <Needle row={row} atMs={props.needleMs} kind={props.isLive ? 'now' : 'seen'} />
          <Needle row={row} atMs={props.aimMs} kind="aim" />
        </span>
      </button>
      {about !== '' && (
        <span class="unseen" id={id}>
          {about}
        </span>
      )}
    </li>
  );
}

/** A thin line at a moment; drawn only in the row in which the moment lies. */
function Needle(props: {
  readonly row: DayHour;
  readonly atMs: ReadonlySignal<number | undefined>;
  readonly kind: 'seen' | 'now' | 'aim';
}): JSX.Element | null {
  const { row, atMs, kind } = props;
  const place = useComputed(() => {
    const ms = atMs.value;
    return ms !== undefined && row.startMs <= ms && ms < row.endMs
      ? placeInHour(row, ms)
      : undefined;
  });
  if (place.value === undefined) return null;
  return <span class="needle" data-kind={kind} style={{ '--at': String(place.value) }} />;
}

function bands(row: DayHour, stretches: readonly Stretch[]): string {
  return stretches
    .filter(({ kind }) => kind === 'recorded')
    .map(({ fromMs, toMs }) => bar(row, fromMs, toMs))
    .join('');
}

function markedBar(row: DayHour, { fromMs, toMs }: Marks): string {
  const begin = Math.max(fromMs ?? toMs ?? Infinity, row.startMs);
  const end = Math.min(toMs ?? fromMs ?? -Infinity, row.endMs);
  return begin > end ? '' : bar(row, begin, end);
}

/** Below the band, where it hides nothing of it. */
function underlines(row: DayHour, protectedSpans: readonly Span[]): string {
  return protectedSpans
    .map(({ fromMs, toMs }) => {
      const left = placeInHour(row, fromMs) * WIDTH;
      const width = placeInHour(row, toMs) * WIDTH - left;
      return `M${left.toFixed(1)} ${UNDERLINE_AT}h${width.toFixed(1)}`;
    })
    .join('');
}

function bar(row: DayHour, fromMs: number, toMs: number): string {
  const left = placeInHour(row, fromMs) * WIDTH;
  const width = placeInHour(row, toMs) * WIDTH - left;
  return `M${left.toFixed(1)} 0h${width.toFixed(1)}v1h${(-width).toFixed(1)}z`;
}

/** For screen readers: each gap of the hour, and why. */
function reasonsOf(stretches: readonly Stretch[], cameraName: string): string[] {
  return stretches
    .flatMap((stretch) => (stretch.kind === 'missing' ? [stretch] : []))
    .filter(({ fromMs, toMs }) => toMs - fromMs >= WORTH_SAYING_MS)
    .map(({ fromMs, toMs, reason }) => {
      return `${clockTime(fromMs)} to ${clockTime(toMs)}: ${gapWords(reason, cameraName)}`;
    });
}

/** For screen readers: what of the hour is protected. */
function protectedWords(protectedSpans: readonly Span[]): string[] {
  return protectedSpans.map(
    ({ fromMs, toMs }) => `Protected: ${clockTime(fromMs)} to ${clockTime(toMs)}.`,
  );
}
