/** Protecting what is marked, or else what is seen; and letting go of it again with the same press. */
import { useComputed } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { boxNowMs } from '../state/box-time.ts';
import { isLocked } from '../state/lock.ts';
import {
  protect,
  protectedSpans,
  refreshProtected,
  unprotect,
  type ProtectedSpan,
} from '../state/protected.ts';
import { markedSpan, spanAround, spanAt } from '../timeline/marks.ts';
import type { PastControl } from './past-control.ts';
import type { MarkControl } from './use-marks.ts';

/** What is protected, and what is done about it. */
export interface ProtectControl {
  /** Of this camera. */
  readonly spans: readonly ProtectedSpan[];
  /** The moment of the picture is, and nothing is marked: a press lets go of it. */
  readonly isSeenProtected: boolean;
  readonly onProtect: () => void;
  /** Why the newest press did nothing. */
  readonly trouble: Trouble | undefined;
}

const NONE: readonly ProtectedSpan[] = [];

/** See the head of this file. */
export function useProtect(
  cameraId: string,
  past: PastControl,
  { marks, onClear }: MarkControl,
): ProtectControl {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const spans = protectedSpans.value.get(cameraId) ?? NONE;
  useEffect(() => {
    // Without an answer nothing is underlined; what is wrong is said when somebody presses.
    void refreshProtected(cameraId);
  }, [cameraId]);
  const span = markedSpan(marks);
  const isMomentProtected = useComputed(() => {
    const ms = past.seenMs.value;
    const spans = protectedSpans.value.get(cameraId) ?? NONE;
    return ms !== undefined && spanAt(spans, ms) !== undefined;
  });
  return {
    ...{ spans, trouble },
    isSeenProtected: span === undefined && isMomentProtected.value,
    onProtect: () => {
      if (isLocked.peek()) return;
      const nowMs = boxNowMs();
      const there = span === undefined ? spanAt(spans, past.momentMs) : undefined;
      const doing =
        there === undefined
          ? protect(cameraId, span ?? spanAround(past.momentMs, nowMs), nowMs)
          : unprotect(cameraId, there, nowMs);
      void doing.then((refused) => {
        setTrouble(refused);
        if (refused === undefined && span !== undefined) onClear();
      });
    },
  };
}
