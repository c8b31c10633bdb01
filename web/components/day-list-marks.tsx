/** From here, to here: the piece of footage that is taken out or protected. */
import type { JSX } from 'preact';
import { mayTakeOut } from '../state/rights.ts';
import { markedSpan, type Marks } from '../timeline/marks.ts';
import { exactTime, lengthOfTime } from '../words/time-words.ts';
import { Button } from './button.tsx';
import { TroubleNote } from './note.tsx';
import type { ProtectControl } from './use-protect.ts';

/** The marks are set where the picture stands; `onTakeOut` opens the form for what lies between.
 * Where nothing is marked, what is seen is protected. */
export function MarkButtons(props: {
  readonly marks: Marks;
  readonly onFrom: () => void;
  readonly onTo: () => void;
  readonly onClear: () => void;
  readonly onTakeOut: () => void;
  readonly protection: ProtectControl;
}): JSX.Element {
  const { marks, protection } = props;
  const isMarked = markedSpan(marks) !== undefined;
  const isSet = marks.fromMs !== undefined || marks.toMs !== undefined;
  return (
    <div class="day-marks" role="group" aria-label="Take out or protect a piece">
      <div class="row">
        <Button pressed={marks.fromMs !== undefined} onPress={props.onFrom}>
          From here
        </Button>
        <Button pressed={marks.toMs !== undefined} onPress={props.onTo}>
          To here
        </Button>
        {isSet ? (
          <Button kind="plain" onPress={props.onClear}>
            Forget
          </Button>
        ) : (
          <Button pressed={protection.isSeenProtected} onPress={protection.onProtect}>
            Protect
          </Button>
        )}
      </div>
      {isSet && (
        <div class="row spread">
          <p role="status" class="small">
            {marksInWords(marks)}
          </p>
          {isMarked && (
            <div class="row">
              <Button onPress={protection.onProtect}>Protect it</Button>
              {mayTakeOut.value && (
                <Button kind="main" onPress={props.onTakeOut}>
                  Take it out…
                </Button>
              )}
            </div>
          )}
        </div>
      )}
      {protection.trouble !== undefined && <TroubleNote trouble={protection.trouble} />}
    </div>
  );
}

function marksInWords(marks: Marks): string {
  const span = markedSpan(marks);
  if (span !== undefined) {
    const length = lengthOfTime(span.toMs - span.fromMs);
    return `${exactTime(span.fromMs)} – ${exactTime(span.toMs)}, ${length}`;
  }
  if (marks.fromMs !== undefined) {
    return `From ${exactTime(marks.fromMs)}. Go where it ends, then “To here”.`;
  }
  return marks.toMs === undefined
    ? ''
    : `To ${exactTime(marks.toMs)}. Go where it begins, then “From here”.`;
}
