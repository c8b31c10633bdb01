/**
 * One camera: its picture, live at first and the past in the same place; the day list below it, or
 * beside it where there is room. The line of the design comes where the list is now
 * (web/timeline/README.md).
 */
import '../styles/camera.css';
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import { boxNowMs } from '../state/box-time.ts';
import { isLocked } from '../state/lock.ts';
import { mayTakeOut, seesPast } from '../state/rights.ts';
import { markedSpan, type Span } from '../timeline/marks.ts';
import { startOfDay } from '../words/time-words.ts';
import { CAMERA_KEYS, useCameraKeys } from './camera-keys.ts';
import { goToCamera, neighbourOf } from './camera-neighbours.tsx';
import { CameraStage } from './camera-stage.tsx';
import { DayList } from './day-list.tsx';
import { MarkButtons } from './day-list-marks.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { KeyList } from './key-list.tsx';
import { LiveOnlyView } from './live-only-view.tsx';
import type { PastControl } from './past-control.ts';
import { useFollowLock } from './use-follow-lock.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useMarks } from './use-marks.ts';
import { usePast } from './use-past.ts';
import { useProtect } from './use-protect.ts';
import type { ZoomControl } from './zoom-frame.tsx';

/** `cameras` are all of the household, in its order. `atMs`: what the address says. */
interface CameraViewProps {
  readonly camera: Camera;
  readonly cameras: readonly Camera[];
  readonly atMs: number | undefined;
}

/** Who sees live alone has no past to ask for. */
export function CameraView(props: CameraViewProps): JSX.Element {
  return seesPast.value ? <LiveAndPast {...props} /> : <LiveOnlyView {...props} />;
}

function LiveAndPast(props: CameraViewProps): JSX.Element {
  const { camera, cameras, atMs } = props;
  const stage = useRef<HTMLElement>(null);
  const zoom = useRef<ZoomControl>(null);
  const [isSoundOn, setSoundOn] = useState(false);
  const [dialog, setDialog] = useState<'keys' | 'export' | undefined>(undefined);
  const past = usePast(camera.id, atMs, !isSoundOn);
  const [dayMs, setDay] = useListedDay(past);
  const full = useFullScreen(stage);
  const marks = useMarks(() => past.momentMs);
  const span = markedSpan(marks.marks);
  const protection = useProtect(camera.id, past, marks);
  const onSound = (): void => {
    setSoundOn(!isSoundOn);
  };
  const onNeighbour = (direction: 1 | -1): void => {
    goToCamera(neighbourOf(cameras, camera.id, direction), past.seenMs.peek());
  };
  const onNow = (): void => {
    // Back to now is back to today's list, too.
    setDay(startOfDay(boxNowMs()));
    past.toNow();
  };
  const onTakeOut = (): void => {
    if (span !== undefined && mayTakeOut.peek()) setDialog('export');
  };
  const closeDialog = (isMade = false): void => {
    setDialog(undefined);
    if (isMade) marks.onClear();
  };
  useFollowLock();
  useCameraKeys({
    ...{ past, full, zoom, marks, onNow, onSound, onNeighbour, onTakeOut },
    onProtect: protection.onProtect,
    onHelp: () => {
      setDialog('keys');
    },
  });
  return (
    <div class="camera-page">
      <CameraStage
        {...{ stage, camera, past, zoom, full, isSoundOn, onSound, onNow }}
        onSwipe={onNeighbour}
      />
      <div class="camera-past">
        <DayList
          {...{ dayMs, onDay: setDay, marks: marks.marks, protectedSpans: protection.spans }}
          cameraId={camera.id}
          cameraName={camera.name}
          seenMs={past.seenMs}
          hole={past.hole}
          isLive={past.isLive.value}
          nowMs={boxNowMs()}
          onChoose={(ms) => {
            past.playFrom(ms);
          }}
          onNow={onNow}
        />
        {!isLocked.value && (
          <MarkButtons {...marks} protection={protection} onTakeOut={onTakeOut} />
        )}
      </div>
      <CameraDialog {...{ dialog, span }} camera={camera.id} onClose={closeDialog} />
    </div>
  );
}

/** What lies over the page, if something does. */
function CameraDialog(props: {
  readonly dialog: 'keys' | 'export' | undefined;
  readonly camera: string;
  readonly span: Span | undefined;
  readonly onClose: (isMade?: boolean) => void;
}): JSX.Element | null {
  const { dialog, camera, span, onClose } = props;
  if (dialog === 'keys') return <KeyList rows={CAMERA_KEYS} onClose={onClose} />;
  if (dialog !== 'export' || span === undefined) return null;
  return <ExportDialog {...{ camera, ...span, onClose }} />;
}

/** The day that is listed: another one when somebody says so, or when the picture gets there. */
function useListedDay(past: PastControl): [number, (dayMs: number) => void] {
  const seenDayMs = useComputed(() => startOfDay(past.seenMs.value ?? boxNowMs())).value;
  const [dayMs, setDay] = useState(seenDayMs);
  // Playing goes over midnight, or over days of which nothing is kept.
  useEffect(() => {
    setDay(seenDayMs);
  }, [seenDayMs]);
  return [dayMs, setDay];
}
