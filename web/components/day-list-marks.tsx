/** From here, to here: the piece of footage that is taken out. */
import type { JSX } from 'preact';
import { markedSpan, type Marks } from '../timeline/marks.ts';
import { exactTime, lengthOfTime } from '../words/time-words.ts';
import { Button } from './button.tsx';

/** The marks are set where the picture stands; `onTakeOut` opens the form for what lies between. */
export function MarkButtons(props: {
  readonly marks: Marks;
  readonly onFrom: () => void;
  readonly onTo: () => void;
  readonly onClear: () => void;
  readonly onTakeOut: () => void;
}): JSX.Element {
  const { marks } = props;
  const isSet = marks.fromMs !== undefined || marks.toMs !== undefined;
  return (
    <div class="day-marks" role="group" aria-label="Take out a piece">
      <div class="row">
        {!isSet && (
          <span class="small quiet" aria-hidden="true">
            Take out
          </span>
        )}
        <Button pressed={marks.fromMs !== undefined} onPress={props.onFrom}>
          From here
        </Button>
        <Button pressed={marks.toMs !== undefined} onPress={props.onTo}>
          To here
        </Button>
        {isSet && (
          <Button kind="plain" onPress={props.onClear}>
            Forget
          </Button>
        )}
      </div>
      {isSet && (
        <div class="row spread">
          <p role="status" class="small">
            {marksInWords(marks)}
          </p>
          {markedSpan(marks) !== undefined && (
            <Button kind="main" onPress={props.onTakeOut}>
              Take it out…
            </Button>
          )}
        </div>
      )}
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
