/**
 * What was recorded, day by day and hour by hour: touch a moment to see it. It stands where the line
 * of the design will stand (web/timeline/README.md), and is told and answers the same.
 */
import '../styles/day-list.css';
import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PlaybackHole } from '../player/playback-state.ts';
import { isLocked } from '../state/lock.ts';
import { hoursOfDay } from '../timeline/day-hours.ts';
import type { Marks, Span } from '../timeline/marks.ts';
import {
  nextRecorded,
  stretchAt,
  stretchesBetween,
  type RecordedTimes,
} from '../timeline/stretches.ts';
import { dayAfter, dayName } from '../words/time-words.ts';
import { DayHours } from './day-list-hours.tsx';
import { useDayRecordings } from './day-list-recordings.ts';
import { DayStatus, type Missing } from './day-list-status.tsx';
import { DaySwitch } from './day-list-switch.tsx';
import { TroubleNote } from './note.tsx';
import { UnlockForm } from './unlock-form.tsx';

/** A thumb cannot aim at less: touching so short a gap means what follows it. */
const SHORT_GAP_MS = 60_000;

/** `seenMs`: the moment of the picture, undefined while it is live. `onChoose`: a recorded moment;
 * `onNow`: one that is so new that live shows it. */
interface DayListProps {
  readonly cameraId: string;
  readonly cameraName: string;
  readonly dayMs: number;
  readonly onDay: (dayMs: number) => void;
  readonly seenMs: ReadonlySignal<number | undefined>;
  readonly hole: ReadonlySignal<PlaybackHole | undefined>;
  readonly isLive: boolean;
  readonly nowMs: number;
  readonly marks: Marks;
  /** What is protected. */
  readonly protectedSpans: readonly Span[];
  readonly onChoose: (ms: number) => void;
  readonly onNow: () => void;
}

/** See the head of this file. */
export function DayList(props: DayListProps): JSX.Element {
  const { dayMs, cameraName } = props;
  const nextDayMs = dayAfter(dayMs, 1);
  const { times, trouble } = useDayRecordings(props.cameraId, dayMs);
  const aimMs = useSignal<number | undefined>(undefined);
  const nowMs = times?.askedMs ?? props.nowMs;
  const needleMs = useNeedle(props.seenMs, nowMs);
  const allRows = useMemo(() => hoursOfDay(dayMs, nextDayMs), [dayMs, nextDayMs]);
  const begun = allRows.filter(({ startMs }) => startMs <= nowMs).length;
  // Hours to come are not listed: the newest is at the top, under the thumb.
  const rows = useMemo(() => allRows.slice(0, begun), [allRows, begun]);
  const { told, choose } = useChoice(times, nextDayMs, props);
  const day = {
    fromMs: dayMs,
    toMs: nextDayMs,
    times,
    cameraName,
    protectedSpans: props.protectedSpans,
  };
  return (
    <section class="day-list" aria-label="What was recorded" data-locked={isLocked.value}>
      <DaySwitch dayMs={dayMs} nowMs={nowMs} onDay={props.onDay} />
      {isLocked.value && <UnlockForm isIdle={props.isLive} />}
      {trouble !== undefined && times === undefined ? (
        <TroubleNote trouble={trouble} />
      ) : (
        <DayStatus
          day={day}
          aimMs={aimMs}
          told={told}
          hole={props.hole}
          isWaiting={times === undefined}
          onChoose={choose}
        />
      )}
      <DayHours
        dayName={dayName(dayMs, nowMs)}
        rows={rows}
        times={times}
        cameraName={cameraName}
        marks={props.marks}
        protectedSpans={props.protectedSpans}
        needleMs={needleMs}
        isLive={props.isLive}
        latestMs={Math.min(nowMs, nextDayMs - 1)}
        aimMs={aimMs}
        onChoose={choose}
      />
    </section>
  );
}

/** The moment of the picture, or now while it is live. */
function useNeedle(
  seenMs: ReadonlySignal<number | undefined>,
  nowMs: number,
): ReadonlySignal<number> {
  const now = useSignal(nowMs);
  useEffect(() => {
    now.value = nowMs;
  }, [now, nowMs]);
  return useComputed(() => seenMs.value ?? now.value);
}

/** What touching a moment does: it is shown, or the gap that it lies in is told. */
function useChoice(
  times: RecordedTimes | undefined,
  nextDayMs: number,
  { dayMs, onChoose, onNow }: DayListProps,
): { readonly told: Missing | undefined; readonly choose: (ms: number) => void } {
  const [told, setTold] = useState<Missing | undefined>(undefined);
  useEffect(() => {
    setTold(undefined);
  }, [dayMs]);
  const choose = (ms: number): void => {
    setTold(undefined);
    const stretch = times && stretchAt(stretchesBetween(times, dayMs, nextDayMs), ms);
    if (times === undefined || stretch?.kind === 'recorded') {
      onChoose(ms);
    } else if (stretch?.kind === 'missing') {
      const nextMs = nextRecorded(times, ms);
      const isShort = stretch.toMs - stretch.fromMs < SHORT_GAP_MS;
      if (isShort && nextMs !== undefined) onChoose(nextMs);
      else setTold(stretch);
    } else {
      onNow();
    }
  };
  return { told, choose };
}
