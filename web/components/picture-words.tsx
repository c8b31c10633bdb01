/**
 * What happened, what it means, what to do: about the picture of the camera's page, live or past. It
 * has a place of its own there, so that nothing moves when words come (styles/camera.css).
 */
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { LiveView } from '../player/live-player.ts';
import { liveWords } from '../player/live-words.ts';
import {
  type PlaybackTrouble,
  type PlaybackWords,
  troubleWords,
} from '../player/playback-words.ts';
import { exactTime } from '../words/time-words.ts';
import { Button } from './button.tsx';
import type { PastControl } from './past-control.ts';

/** Of the live picture; nothing while all is well. */
export function LiveWords(props: { readonly view: Signal<LiveView> }): JSX.Element | null {
  const { status, pictureMs, reduced } = props.view.value;
  const { sentence, hint } = liveWords(status, pictureMs);
  if (sentence !== undefined) return <Words sentence={sentence} hint={hint} />;
  return reduced ? <Words {...SMALL_PICTURE} /> : null;
}

const SMALL_PICTURE: PlaybackWords = {
  sentence: 'This is the small picture: this browser cannot show the large one.',
  hint: 'Set the camera to H.264, or open this page in Safari.',
};

/** Of the past, with the way on. */
export function PastWords({ past }: { readonly past: PastControl }): JSX.Element | null {
  const state = past.state.value;
  // Locked is a state of the page, which says so where the past is listed.
  if (state?.kind !== 'trouble' || state.trouble === 'locked') return null;
  const { trouble, said, goOnMs } = state;
  const { sentence, hint } = said ?? troubleWords(trouble);
  const again = AGAIN_HELPS.has(trouble);
  return (
    <div class="live-detail" role="alert">
      <div>
        <p>{sentence}</p>
        <p class="quiet">{hint}</p>
      </div>
      {goOnMs !== undefined ? (
        <Button
          onPress={() => {
            past.playFrom(goOnMs);
          }}
        >
          Go on at {exactTime(goOnMs)}
        </Button>
      ) : (
        again && (
          <Button
            onPress={() => {
              past.playFrom(past.momentMs);
            }}
          >
            Try again
          </Button>
        )
      )}
    </div>
  );
}

/** Of these the same question may have another answer in a minute. */
const AGAIN_HELPS: ReadonlySet<string> = new Set<PlaybackTrouble>(['box-gone', 'refused']);

function Words({
  sentence,
  hint,
}: {
  readonly sentence: string;
  readonly hint?: string | undefined;
}): JSX.Element {
  return (
    <div class="live-detail">
      <div>
        <p>{sentence}</p>
        {hint !== undefined && <p class="quiet">{hint}</p>}
      </div>
    </div>
  );
}
