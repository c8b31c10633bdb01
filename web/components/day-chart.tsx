/**
 * What a camera has of each day, as bars: touched, pointed at or walked through by keyboard, each says
 * what it stands for. For screen readers there is a table behind them.
 */
import type { JSX, KeyboardEventHandler } from 'preact';
import { useId, useState } from 'preact/hooks';
import { barAfterKey, barAtPlace, barPath, chartWidth, type DayBar } from '../timeline/day-bars.ts';
import { sizeInWords } from '../words/size-words.ts';
import { dayUseWords } from '../words/storage-words.ts';
import { dayName, lengthOfTime } from '../words/time-words.ts';
import { Link } from './link.tsx';

/** `tallest`: what a bar of full height has; the same for all cameras. */
export function DayChart(props: {
  readonly camera: string;
  readonly name: string;
  readonly bars: readonly DayBar[];
  readonly tallest: number;
  readonly nowMs: number;
}): JSX.Element {
  const { bars, name, nowMs } = props;
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const index = chosen ?? bars.length - 1;
  const bar = bars[index];
  const first = bars[0];
  return (
    <figure class="day-chart" aria-label={`${name}, day by day`}>
      <p class="small quiet day-chart-scale" aria-hidden="true">
        {props.tallest > 0 ? sizeInWords(props.tallest) : '\u00a0'}
      </p>
      <Bars {...props} index={index} onIndex={setChosen} />
      <p class="small quiet day-chart-ends" aria-hidden="true">
        <span>{first === undefined ? '' : dayName(first.dayMs, nowMs)}</span>
        <span>Today</span>
      </p>
      {bar !== undefined && (
        <div class="beside">
          <p>{dayUseWords(bar, nowMs)}</p>
          {bar.bytes > 0 && (
            <Link
              to={{ page: 'camera', id: props.camera, atMs: bar.dayMs }}
              class="button"
              label={`See it: ${name}, ${dayName(bar.dayMs, nowMs)}`}
            >
              See it
            </Link>
          )}
        </div>
      )}
      <DayTable bars={bars} name={name} nowMs={nowMs} />
    </figure>
  );
}

/** One stop for the Tab key; the arrows go from bar to bar, a finger or a mouse to any. */
function Bars(props: {
  readonly name: string;
  readonly bars: readonly DayBar[];
  readonly tallest: number;
  readonly nowMs: number;
  readonly index: number;
  readonly onIndex: (index: number) => void;
}): JSX.Element {
  const { bars, index, onIndex, tallest } = props;
  const bar = bars[index];
  const width = chartWidth(bars.length);
  const onKeyDown: KeyboardEventHandler<HTMLDivElement> = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const to = barAfterKey(event.key, index, bars.length);
    if (to === undefined) return;
    event.preventDefault();
    onIndex(to);
  };
  const aim = (event: PointerEvent, place: HTMLElement): void => {
    const { left, width: widePx } = place.getBoundingClientRect();
    onIndex(barAtPlace((event.clientX - left) / widePx, bars.length));
  };
  return (
    <div
      class="day-bars"
      role="slider"
      tabIndex={0}
      aria-label={`Day of ${props.name}`}
      aria-orientation="horizontal"
      aria-valuemin={1}
      aria-valuemax={bars.length}
      aria-valuenow={index + 1}
      aria-valuetext={bar && dayUseWords(bar, props.nowMs)}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        aim(event, event.currentTarget);
      }}
      onPointerMove={(event) => {
        // A mouse that only passes by aims too; a finger that scrolls the page does not come here.
        aim(event, event.currentTarget);
      }}
    >
      <svg viewBox={`0 0 ${String(width)} 100`} preserveAspectRatio="none" aria-hidden="true">
        {bars.map(({ dayMs, bytes }, at) => (
          <path
            key={dayMs}
            class="day-bar"
            data-chosen={at === index}
            d={barPath(at, bytes, tallest)}
          />
        ))}
      </svg>
      <span
        class="day-bar-chosen"
        style={{ '--at': String(index / bars.length), '--wide': String(1 / bars.length) }}
      />
    </div>
  );
}

function DayTable(props: {
  readonly bars: readonly DayBar[];
  readonly name: string;
  readonly nowMs: number;
}): JSX.Element {
  const id = useId();
  return (
    <div class="unseen">
      <table aria-labelledby={id}>
        <caption id={id}>{props.name}, day by day, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">On the disk</th>
            <th scope="col">Footage</th>
          </tr>
        </thead>
        <tbody>
          {props.bars.toReversed().map(({ dayMs, bytes, durationMs }) => (
            <tr key={dayMs}>
              <th scope="row">{dayName(dayMs, props.nowMs)}</th>
              <td>{bytes === 0 ? 'nothing' : sizeInWords(bytes)}</td>
              <td>{bytes === 0 ? 'nothing' : lengthOfTime(durationMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
