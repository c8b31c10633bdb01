/**
 * What was recorded, day by day and hour by hour: touch a moment to see it. It stands where the line
 * of the design will stand (web/timeline/README.md), and is told and answers the same.
 */
import '../styles/day-list.css';
import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { hoursOfDay } from '../timeline/day-hours.ts';
import type { Marks } from '../timeline/marks.ts';
import { nextRecorded, stretchAt, stretchesBetween } from '../timeline/stretches.ts';
import { dayAfter, dayName } from '../words/time-words.ts';
import { DayHours } from './day-list-hours.tsx';
import { useDayRecordings } from './day-list-recordings.ts';
import { DayStatus, type Missing } from './day-list-status.tsx';
import { DaySwitch } from './day-list-switch.tsx';
import { TroubleNote } from './note.tsx';

/** A thumb cannot aim at less: touching so short a gap means what follows it. */
const SHORT_GAP_MS = 60_000;

/** `seenMs`: the moment of the picture, undefined while it is live. `onChoose`: a recorded moment;
 * `onNow`: one that is so new that live shows it. */
export function DayList(props: {
  readonly cameraId: string;
  readonly cameraName: string;
  readonly dayMs: number;
  readonly onDay: (dayMs: number) => void;
  readonly seenMs: ReadonlySignal<number | undefined>;
  readonly isLive: boolean;
  readonly nowMs: number;
  readonly marks: Marks;
  readonly onChoose: (ms: number) => void;
  readonly onNow: () => void;
}): JSX.Element {
  const { dayMs, cameraName } = props;
  const nextDayMs = dayAfter(dayMs, 1);
  const { times, trouble } = useDayRecordings(props.cameraId, dayMs);
  const aimMs = useSignal<number | undefined>(undefined);
  const now = useSignal(props.nowMs);
  const needleMs = useComputed(() => props.seenMs.value ?? now.value);
  const [told, setTold] = useState<Missing | undefined>(undefined);
  useEffect(() => {
    setTold(undefined);
  }, [dayMs]);
  const nowMs = times?.askedMs ?? props.nowMs;
  useEffect(() => {
    now.value = nowMs;
  }, [now, nowMs]);
  const allRows = useMemo(() => hoursOfDay(dayMs, nextDayMs), [dayMs, nextDayMs]);
  const begun = allRows.filter(({ startMs }) => startMs <= nowMs).length;
  // Hours to come are not listed: the newest is at the top, under the thumb.
  const rows = useMemo(() => allRows.slice(0, begun), [allRows, begun]);
  const choose = (ms: number): void => {
    setTold(undefined);
    const stretch = times && stretchAt(stretchesBetween(times, dayMs, nextDayMs), ms);
    if (times === undefined || stretch?.kind === 'recorded') {
      props.onChoose(ms);
    } else if (stretch?.kind === 'missing') {
      const nextMs = nextRecorded(times, ms);
      const isShort = stretch.toMs - stretch.fromMs < SHORT_GAP_MS;
      if (isShort && nextMs !== undefined) props.onChoose(nextMs);
      else setTold(stretch);
    } else {
      props.onNow();
    }
  };
  const day = { fromMs: dayMs, toMs: nextDayMs, times, cameraName };
  return (
    <section class="day-list" aria-label="What was recorded">
      <DaySwitch dayMs={dayMs} nowMs={nowMs} onDay={props.onDay} />
      {trouble !== undefined && times === undefined ? (
        <TroubleNote trouble={trouble} />
      ) : (
        <DayStatus
          day={day}
          aimMs={aimMs}
          told={told}
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
        needleMs={needleMs}
        isLive={props.isLive}
        latestMs={Math.min(nowMs, nextDayMs - 1)}
        aimMs={aimMs}
        onChoose={choose}
      />
    </section>
  );
}
