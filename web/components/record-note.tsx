/** What every page says when the record does not hold what this browser saw of it. */
import type { JSX } from 'preact';
import { browserClock } from '../base/clock.ts';
import { acceptRecord, recordTrouble, type RecordTrouble } from '../state/record-head.ts';
import { mayOpen } from '../state/rights.ts';
import { clockTime, dayName } from '../words/time-words.ts';
import { Button } from './button.tsx';
import { Link } from './link.tsx';
import { Note } from './note.tsx';

/** Nothing while it does. */
export function RecordNote(): JSX.Element | null {
  const trouble = recordTrouble.value;
  if (trouble === undefined) return null;
  return <div class="said-above">{noteOn(trouble)}</div>;
}

function noteOn(trouble: RecordTrouble): JSX.Element {
  const way = (
    <div class="row">
      {mayOpen('record') && (
        <Link to={{ page: 'record' }} class="button">
          To the record
        </Link>
      )}
      <Button kind="plain" onPress={acceptRecord}>
        I have read this
      </Button>
    </div>
  );
  if (trouble.what === 'set-back') {
    const toMs = Date.parse(trouble.to);
    const day = dayName(toMs, browserClock.wallMs());
    return (
      <Note sentence={`This box was set back to ${day}, ${clockTime(toMs)}.`}>
        <p>
          Somebody put a backup back. What was on record after that time is gone; ask at home who
          did it.
        </p>
        {way}
      </Note>
    );
  }
  return (
    <Note kind="alarm" sentence="The record does not hold what this browser saw of it.">
      <p>
        It was changed or cut off, or an old copy of the data folder was put back without a word.
        Ask at home who was at the box, check the record, and keep this browser as it is until you
        know.
      </p>
      {way}
    </Note>
  );
}
