/** Who looks at live or past right now, as initials beside the top bar of every page: the same for everybody at
 * home, and nothing switches it off. */
import '../styles/watchers.css';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PresentViewer } from '../../server/contract/presence.ts';
import { cameras } from '../state/cameras.ts';
import { watchers } from '../state/presence.ts';
import { initialsOf, watcherName, watcherWords } from '../words/record-words.ts';
import { useKeys } from './use-keys.ts';

/** More do not fit beside a title on a phone; all are in the list. */
const SHOWN_MAX = 3;

/** Nothing while nobody looks. */
export function Watchers(): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const all = watchers.value;
  const sentences = all.map((viewer) => watcherWords(viewer, nameOf));
  const people = [...new Map(all.map((viewer) => [watcherName(viewer), viewer])).values()];
  const close = (): void => {
    setOpen(false);
  };
  // A closed list leaves the key to the page beside it.
  useKeys(isOpen ? { Escape: close } : {});
  return (
    <div class="watchers">
      <p class="unseen" role="status">
        {sentences.join('. ')}
      </p>
      {people.length > 0 && (
        <button
          type="button"
          class="watcher-marks"
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          <span class="unseen">Who is watching: {people.map(watcherName).join(', ')}</span>
          {people.slice(0, SHOWN_MAX).map((viewer) => (
            <Mark key={watcherName(viewer)} viewer={viewer} />
          ))}
          {people.length > SHOWN_MAX && (
            <span aria-hidden="true">+{people.length - SHOWN_MAX}</span>
          )}
        </button>
      )}
      {isOpen && people.length > 0 && (
        <ul class="watcher-list">
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Mark({ viewer }: { readonly viewer: PresentViewer }): JSX.Element {
  return (
    <span
      class="watcher-mark"
      aria-hidden="true"
      title={watcherName(viewer)}
      data-wall={viewer.wallScreen}
    >
      {initialsOf(viewer.user)}
    </span>
  );
}

function nameOf(id: string): string {
  return cameras.value?.find((camera) => camera.id === id)?.name ?? '';
}
