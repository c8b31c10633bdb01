/** Which day is listed: one back, one on, or any by its date. */
import type { JSX } from 'preact';
import { localInputMs, localInputText } from '../words/local-time.ts';
import { dayAfter, dayName, startOfDay } from '../words/time-words.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** `dayMs`: the first moment of the day. */
export function DaySwitch(props: {
  readonly dayMs: number;
  readonly nowMs: number;
  readonly onDay: (dayMs: number) => void;
}): JSX.Element {
  const { dayMs, nowMs, onDay } = props;
  const before = dayAfter(dayMs, -1);
  const after = dayAfter(dayMs, 1);
  const isToday = dayMs >= startOfDay(nowMs);
  return (
    <div class="day-switch">
      <Button
        kind="plain"
        label={`Day before: ${dayName(before, nowMs)}`}
        onPress={() => {
          onDay(before);
        }}
      >
        <Icon name="back" />
      </Button>
      <h2>{dayName(dayMs, nowMs)}</h2>
      <input
        type="date"
        aria-label="Day"
        value={dateText(dayMs)}
        max={dateText(nowMs)}
        onChange={(event) => {
          // Noon is in every day, whatever clocks do at midnight.
          const noonMs = localInputMs(`${event.currentTarget.value}T12:00`);
          if (noonMs !== undefined && noonMs < dayAfter(nowMs, 1)) onDay(startOfDay(noonMs));
        }}
      />
      <Button
        kind="plain"
        label={isToday ? 'Day after' : `Day after: ${dayName(after, nowMs)}`}
        disabled={isToday}
        onPress={() => {
          onDay(after);
        }}
      >
        <Icon name="next" />
      </Button>
    </div>
  );
}

/** "2026-11-22", as date fields write it. */
function dateText(ms: number): string {
  return localInputText(ms).slice(0, 10);
}
