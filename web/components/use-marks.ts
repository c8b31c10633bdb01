/** From here, to here: the marks of one camera, and the form they lead to. */
import { useState } from 'preact/hooks';
import { markFrom, markTo, NO_MARKS, type Marks } from '../timeline/marks.ts';

/** The marks and what is done with them. */
export interface MarkControl {
  readonly marks: Marks;
  readonly onFrom: () => void;
  readonly onTo: () => void;
  readonly onClear: () => void;
}

/** `seen` answers the moment of the picture. */
export function useMarks(seen: () => number): MarkControl {
  const [marks, setMarks] = useState(NO_MARKS);
  return {
    marks,
    onFrom: () => {
      setMarks(markFrom(marks, seen()));
    },
    onTo: () => {
      setMarks(markTo(marks, seen()));
    },
    onClear: () => {
      setMarks(NO_MARKS);
    },
  };
}
