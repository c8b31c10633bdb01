/** The house as a ring with the box in it, for eyes; the same is said beside it in words. */
import type { JSX } from 'preact';
import { drawHouse, type HouseParts } from './house-places.ts';

/** As wide as a card on a phone, and on a desk. Both are drawn; the style sheet shows one. */
const WIDTHS = [326, 608] as const;

/** `words`: what the drawing shows, for who does not see it. */
export function HouseDrawing(props: {
  readonly parts: HouseParts;
  readonly words: string;
}): JSX.Element {
  const [phone, desk] = WIDTHS;
  return (
    <figure class="house" role="img" aria-label={props.words}>
      <Drawn parts={props.parts} width={phone} shown="phone" />
      <Drawn parts={props.parts} width={desk} shown="desk" />
    </figure>
  );
}

function Drawn(props: {
  readonly parts: HouseParts;
  readonly width: number;
  readonly shown: 'phone' | 'desk';
}): JSX.Element {
  const { width, height, wall, box, lines, dots, texts } = drawHouse(props.parts, props.width);
  return (
    <svg
      viewBox={`0 0 ${String(width)} ${String(height)}`}
      data-shown={props.shown}
      aria-hidden="true"
    >
      <path class="house-wall" d={wall} />
      {lines.map(({ path, kind }) => (
        <path key={path} class="house-line" data-kind={kind} d={path} />
      ))}
      <rect class="house-box" x={box.x} y={box.y} width={box.size} height={box.size} rx="6" />
      <text
        class="house-word"
        x={box.x + box.size / 2}
        y={box.y + box.size / 2 + 4}
        data-kind="box"
      >
        box
      </text>
      {dots.map(({ x, y }) => (
        <circle key={`${String(x)} ${String(y)}`} class="house-dot" cx={x} cy={y} r="4" />
      ))}
      {texts.map(({ text, x, y, anchor, kind }) => (
        <text
          key={`${String(x)} ${String(y)}`}
          class="house-word"
          {...{ x, y }}
          text-anchor={anchor}
          data-kind={kind}
        >
          {text}
        </text>
      ))}
    </svg>
  );
}
