/** Let phones in, as a first step: it ends when the box has seen one come in. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { browserClock, repeat } from '../base/clock.ts';
import { LetPhonesIn } from '../components/let-phones-in.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { boxNowMs } from '../state/box-time.ts';
import { firstSteps, refreshFirstSteps } from '../state/first-steps.ts';
import { timeWords } from '../words/privacy-words.ts';

/** The phone is in the other hand: its owner looks here when it is done. */
const LOOK_EVERY_MS = 3_000;

/** See the head of this file. */
export function PhonesPage(): JSX.Element {
  const phones = firstSteps.value?.find(({ step }) => step === 'phones');
  const isTried = phones?.state === 'tried';
  useEffect(() => {
    if (isTried) return undefined;
    void refreshFirstSteps();
    const timer = repeat(browserClock, LOOK_EVERY_MS, async () => {
      if (document.visibilityState === 'visible') await refreshFirstSteps();
    });
    return () => {
      timer.cancel();
    };
  }, [isTried]);
  return (
    <PageFrame title="Let phones in" back={{ page: 'settings' }}>
      <div class="stack sections">
        <section class="card stack close" aria-labelledby="tried">
          <h2 id="tried">Has one come in?</h2>
          <p role="status">{isTried ? cameWords(phones.at) : waitingWords(phones !== undefined)}</p>
        </section>
        {/* Last, because it grows once the box has answered. */}
        <LetPhonesIn />
      </div>
    </PageFrame>
  );
}

/** As long before the box has told: nothing below it moves. */
function waitingWords(isKnown: boolean): string {
  return `${isKnown ? 'Not yet. ' : ''}Once somebody signs in on a phone, it stands here.`;
}

function cameWords(at: string | null): string {
  const when = at === null ? '' : `, ${timeWords(Date.parse(at), boxNowMs())}`;
  return `Yes${when}: somebody came in from another machine, over HTTPS.`;
}
