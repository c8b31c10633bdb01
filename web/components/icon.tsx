/** One set of line icons, 24 × 24, drawn here. They never stand for a word alone. */
import type { JSX } from 'preact';

const PATHS = {
  wall: 'M3 4h8v7H3z M13 4h8v7h-8z M3 13h8v7H3z M13 13h8v7h-8z',
  camera: 'M4 7h11v10H4z M15 10l5-3v10l-5-3',
  exports: 'M12 4v11 M8 11l4 4 4-4 M4 19h16',
  storage: 'M4 6h16v5H4z M4 13h16v5H4z M16 8.5h1 M16 15.5h1',
  settings: 'M4 7h10 M18 7h2 M16 5v4 M4 12h3 M11 12h9 M9 10v4 M4 17h8 M16 17h4 M14 15v4',
  people:
    'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6z M3 19a6 6 0 0 1 12 0 M16 11a3 3 0 0 0 0-6 M18 14a6 6 0 0 1 3 5',
  back: 'M14 6l-6 6 6 6',
  next: 'M10 6l6 6-6 6',
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5v14 M16 5v14',
  sound: 'M4 10v4h3l5 4V6l-5 4z M16 9a4 4 0 0 1 0 6',
  silent: 'M4 10v4h3l5 4V6l-5 4z M16 10l5 5 M21 10l-5 5',
  full: 'M4 9V4h5 M20 9V4h-5 M4 15v5h5 M20 15v5h-5',
  add: 'M12 5v14 M5 12h14',
  up: 'M6 14l6-6 6 6',
  down: 'M6 10l6 6 6-6',
  close: 'M6 6l12 12 M18 6L6 18',
} as const;

/** The names there are. */
export type IconName = keyof typeof PATHS;

/** Hidden from screen readers: the word beside it, or the button's name, says it. */
export function Icon(props: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path
        d={PATHS[props.name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.75"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
