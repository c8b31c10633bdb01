/** One lane for each person: when they looked in the last days. The same is said below in words. */
import type { JSX } from 'preact';
import { LANE_DAYS, type Lane } from '../words/house-words.ts';

const DAY_MS = 86_400_000;

/** A lane is so wide and high in its own units. */
const WIDTH = 700;
const HEIGHT = 16;

/** What happened at one moment, at most two pixels of a phone wide. */
const MARK = 5;

/** Nothing where nobody lives. */
export function WatchLanes(props: {
  readonly lanes: readonly Lane[];
  readonly nowMs: number;
}): JSX.Element | null {
  const { lanes, nowMs } = props;
  if (lanes.length === 0) return null;
  const fromMs = nowMs - LANE_DAYS * DAY_MS;
  return (
    <div class="lanes" aria-hidden="true">
      {lanes.map(({ who, looks }) => (
        <div key={who} class="lane">
          <span class="lane-name">{who}</span>
          <svg viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} preserveAspectRatio="none">
            <path class="lane-days" d={daysPath()} />
            {looks.map(({ atMs, what }, index) => (
              <rect
                key={index}
                class="lane-look"
                data-what={what}
                x={Math.min(WIDTH - MARK, ((atMs - fromMs) / (LANE_DAYS * DAY_MS)) * WIDTH)}
                y={what === 'live' ? HEIGHT / 2 : 0}
                width={MARK}
                height={what === 'live' ? HEIGHT / 2 : HEIGHT}
              />
            ))}
          </svg>
        </div>
      ))}
      <div class="lane">
        <span />
        <span class="lane-ends">
          <span>{LANE_DAYS} days ago</span>
          <span>now</span>
        </span>
      </div>
    </div>
  );
}

/** A line along the lane, and a tick for each day. */
function daysPath(): string {
  const ticks = Array.from({ length: LANE_DAYS + 1 }, (_, day) => {
    const x = Math.min(WIDTH - 1, Math.max(1, (day * WIDTH) / LANE_DAYS));
    return `M${String(x)},${String(HEIGHT - 4)}v4`;
  });
  return `M0,${String(HEIGHT - 1)}h${String(WIDTH)}${ticks.join('')}`;
}
