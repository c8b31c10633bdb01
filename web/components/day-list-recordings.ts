/** What was recorded on one day, kept fresh while the day is not over and the page is seen. */
import { useEffect, useState } from 'preact/hooks';
import type { Recordings } from '../../server/contract/recording.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock, repeat } from '../base/clock.ts';
import { boxNowMs, noteBoxTime } from '../state/box-time.ts';
import { ownerCall } from '../state/owner-call.ts';
import { recordedTimes, type RecordedTimes } from '../timeline/stretches.ts';
import { dayAfter } from '../words/time-words.ts';

/** A band that grows by half a minute at a time is fresh enough: 180 px stand for an hour. */
const REFRESH_MS = 30_000;

/** What is known of a day. */
export interface DayRecordings {
  /** Undefined until the box has answered for this day. */
  readonly times: RecordedTimes | undefined;
  /** Why the newest look brought nothing; `times` stays what it was. */
  readonly trouble: Trouble | undefined;
}

/** `dayMs` is the first moment of a local day. */
export function useDayRecordings(cameraId: string, dayMs: number): DayRecordings {
  const [known, setKnown] = useState<DayRecordings & { readonly dayMs: number }>();
  useEffect(() => {
    const nextDayMs = dayAfter(dayMs, 1);
    const left = new AbortController();
    const look = async (): Promise<void> => {
      const path = recordingsPath(cameraId, dayMs, nextDayMs);
      const outcome = await ownerCall<Recordings>('GET', path, { signal: left.signal });
      if (left.signal.aborted) return;
      if (outcome.ok) {
        const times = recordedTimes(outcome.value, noteBoxTime(outcome.response));
        setKnown({ dayMs, times, trouble: undefined });
      } else {
        const { trouble } = outcome;
        setKnown((before) => ({
          ...{ dayMs, trouble },
          times: before?.dayMs === dayMs ? before.times : undefined,
        }));
      }
    };
    const lookIfSeen = async (): Promise<void> => {
      const isOver = boxNowMs() > nextDayMs + REFRESH_MS;
      if (document.visibilityState === 'visible' && !isOver) await look();
    };
    const becameVisible = (): void => {
      void lookIfSeen();
    };
    void look();
    const timer = repeat(browserClock, REFRESH_MS, lookIfSeen);
    document.addEventListener('visibilitychange', becameVisible);
    return () => {
      left.abort();
      timer.cancel();
      document.removeEventListener('visibilitychange', becameVisible);
    };
  }, [cameraId, dayMs]);
  return known?.dayMs === dayMs ? known : { times: undefined, trouble: undefined };
}

function recordingsPath(cameraId: string, fromMs: number, toMs: number): string {
  const query = new URLSearchParams({
    camera: cameraId,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
  });
  return `/api/recordings?${query.toString()}`;
}
