/** What every page says while the box's clock and this browser's differ, and the way to settle it. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { browserClock, repeat } from '../base/clock.ts';
import {
  adoptThisClock,
  clockDifference,
  COMPARE_EVERY_MS,
  compareClocks,
} from '../state/box-clock.ts';
import { seesPast } from '../state/rights.ts';
import { differenceWords } from '../words/clock-words.ts';
import { isPhone, systemOf } from '../words/trust-words.ts';
import { Button } from './button.tsx';
import { Note, TroubleNote } from './note.tsx';

/** Nothing while the clocks agree. */
export function ClockNote(): JSX.Element | null {
  const [trouble, setTrouble] = useState<Trouble>();
  const [isBusy, setBusy] = useState(false);
  // The box takes no hint about its clock from who sees live alone.
  const mayCompare = seesPast.value;
  useEffect(() => {
    if (!mayCompare) return undefined;
    void compareClocks();
    const timer = repeat(browserClock, COMPARE_EVERY_MS, () => compareClocks());
    return () => {
      timer.cancel();
    };
  }, [mayCompare]);
  const difference = clockDifference.value;
  if (difference === undefined) return null;
  const what = isPhone(systemOf(navigator.userAgent, navigator.maxTouchPoints))
    ? 'phone'
    : 'computer';
  const adopt = async (): Promise<void> => {
    setBusy(true);
    setTrouble(await adoptThisClock());
    setBusy(false);
  };
  return (
    <div class="stack">
      <Note sentence={differenceWords(difference, what)}>
        {difference.boxIsSure ? (
          <p>The box has its time from the network. Look at the time of this {what}.</p>
        ) : (
          <div class="row spread">
            <span>Footage is labelled by the box’s clock.</span>
            <Button disabled={isBusy} onPress={() => void adopt()}>
              This {what} is right
            </Button>
          </div>
        )}
      </Note>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
    </div>
  );
}
