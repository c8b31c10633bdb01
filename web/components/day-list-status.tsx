/** One line above the hours: the moment that is aimed at, why something is missing, how much is there. */
import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { PlaybackHole } from '../player/playback-state.ts';
import { skipWords } from '../player/playback-words.ts';
import { boxNowMs } from '../state/box-time.ts';
import { isLocked } from '../state/lock.ts';
import { gapWords } from '../timeline/gap-words.ts';
import { spanAt, type Span } from '../timeline/marks.ts';
import {
  isUncertain,
  nextRecorded,
  recordedMs,
  stretchAt,
  stretchesBetween,
  type RecordedTimes,
  type Stretch,
} from '../timeline/stretches.ts';
import { clockTime, exactTime, lengthOfTime } from '../words/time-words.ts';
import { Button } from './button.tsx';
import { useLate } from './use-late.ts';

/** A missing stretch that somebody touched. */
export type Missing = Extract<Stretch, { kind: 'missing' }>;

/** The day that is listed, as far as the line needs it. */
export interface ListedDay {
  readonly fromMs: number;
  readonly toMs: number;
  readonly times: RecordedTimes | undefined;
  readonly cameraName: string;
  readonly protectedSpans: readonly Span[];
}

/** `told`: the gap to explain until something else is done. `hole`: what playing has jumped over. */
export function DayStatus(props: {
  readonly day: ListedDay;
  readonly aimMs: ReadonlySignal<number | undefined>;
  readonly told: Missing | undefined;
  readonly hole: ReadonlySignal<PlaybackHole | undefined>;
  readonly isWaiting: boolean;
  readonly onChoose: (ms: number) => void;
}): JSX.Element {
  const { day, told, aimMs } = props;
  const hole = props.hole.value;
  const isLate = useLate(props.isWaiting);
  const nextMs = told && day.times && nextRecorded(day.times, told.toMs);
  const aimed = aimMs.value;
  return (
    <div class="day-status">
      <p role="status" class="small">
        {aimed !== undefined
          ? aimedWords(day, aimed)
          : told !== undefined
            ? `${clockTime(told.fromMs)} to ${clockTime(told.toMs)}: ${gapWords(told.reason, day.cameraName)}`
            : hole !== undefined
              ? skipWords(hole, { ...day, dayMs: day.fromMs, nowMs: boxNowMs() })
              : daySummary(day, isLate)}
      </p>
      {told !== undefined && nextMs !== undefined && (
        <Button
          onPress={() => {
            props.onChoose(nextMs);
          }}
        >
          Go on at {clockTime(nextMs)}
        </Button>
      )}
    </div>
  );
}

function aimedWords({ times, cameraName, protectedSpans }: ListedDay, ms: number): string {
  const time = exactTime(ms);
  const stretch = times && stretchAt(stretchesBetween(times, ms, ms + 1), ms);
  if (stretch?.kind === 'missing') return `${time}: ${gapWords(stretch.reason, cameraName)}`;
  if (stretch?.kind === 'ahead') return `${time} is yet to come.`;
  const marks = [
    ...(times && isUncertain(times, ms, ms + 1) ? ['time uncertain'] : []),
    ...(spanAt(protectedSpans, ms) === undefined ? [] : ['protected']),
  ];
  return [time, ...marks].join(', ');
}

function daySummary({ times, fromMs, toMs }: ListedDay, isLate: boolean): string {
  if (times === undefined) return isLate ? 'Asking the box what was recorded…' : '';
  const ms = recordedMs(stretchesBetween(times, fromMs, toMs));
  if (ms === 0) return 'Nothing is kept from this day.';
  const doubt = isUncertain(times, fromMs, toMs)
    ? ' Time uncertain: nobody had told the box the time.'
    : '';
  return `${lengthOfTime(ms)} recorded.${doubt}${isLocked.value ? '' : ' Touch a time to see it.'}`;
}
