/** Top bar, the way to the other pages, the content: around every page behind the sign-in. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { isOwner, mayOpen, seesPast } from '../state/rights.ts';
import { route, type Route } from '../state/route.ts';
import { ClockNote } from './clock-note.tsx';
import { Icon, type IconName } from './icon.tsx';
import { Link } from './link.tsx';
import { RecordNote } from './record-note.tsx';
import { LockButton, LockTrouble } from './lock-button.tsx';
import { TrustNote } from './trust-note.tsx';
import { UndoBar } from './undo-bar.tsx';
import { Watchers } from './watchers.tsx';

const PLACES: readonly { readonly to: Route; readonly word: string; readonly icon: IconName }[] = [
  { to: { page: 'wall' }, word: 'Home', icon: 'wall' },
  { to: { page: 'cameras' }, word: 'Cameras', icon: 'camera' },
  { to: { page: 'exports' }, word: 'Exports', icon: 'exports' },
  { to: { page: 'storage' }, word: 'Storage', icon: 'storage' },
  { to: { page: 'settings' }, word: 'Settings', icon: 'settings' },
];

/** In the place of Cameras, which are the owner's to change: who else lives here. */
const PLACES_OF_OTHERS: typeof PLACES = [
  ...PLACES.slice(0, 1),
  { to: { page: 'people' }, word: 'People', icon: 'people' },
  ...PLACES.slice(1),
];

/** `wide`: pictures from edge to edge, no margins. `corner`: what the page puts beside its title. */
export function PageFrame(props: {
  readonly title: string;
  readonly back?: Route;
  readonly wide?: boolean;
  readonly corner?: ComponentChildren;
  /** The page itself says that the browser does not know the box. */
  readonly trustIsSaid?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  // The tab says nothing of the home: whoever looks over a shoulder sees "Doorkeep".
  useEffect(() => {
    document.title = 'Doorkeep';
  }, []);
  return (
    <div class="frame">
      <header class="top-bar">
        {props.back !== undefined && (
          <Link to={props.back} class="button back" label="Back">
            <Icon name="back" />
          </Link>
        )}
        <h1>{props.title}</h1>
        {props.corner}
        <Watchers />
        <nav class="nav" aria-label="Pages">
          {placesShown().map(({ to, word, icon }) => (
            <Link key={word} to={to} current={to.page === placeOf(route.value)}>
              <Icon name={icon} />
              <span>{word}</span>
            </Link>
          ))}
        </nav>
        {/* Last: the same corner on every page, whatever else stands in the bar. */}
        {seesPast.value && <LockButton />}
      </header>
      <main class={props.wide === true ? 'content wide' : 'content'}>
        {props.trustIsSaid !== true && <TrustNote />}
        <RecordNote />
        <ClockNote />
        <LockTrouble />
        {props.children}
      </main>
      <UndoBar />
    </div>
  );
}

/** Those that lead to something for who is signed in here. */
function placesShown(): typeof PLACES {
  const all = isOwner.value ? PLACES : PLACES_OF_OTHERS;
  return all.filter(({ to }) => mayOpen(to.page));
}

/** Pages that are reached from Settings. */
const OF_SETTINGS: readonly Route['page'][] = [
  ...(['record', 'privacy', 'plug-test', 'cloud', 'phones', 'officers', 'stolen'] as const),
];

/** Which of the five places a page belongs to. */
function placeOf({ page }: Route): Route['page'] {
  if (page === 'camera') return 'wall';
  if (OF_SETTINGS.includes(page)) return 'settings';
  return page === 'new-camera' || page === 'edit-camera' ? 'cameras' : page;
}
