/** What one camera has on the disk: how long it lasts, day by day, its limits, what is protected. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CameraUse } from '../../server/contract/storage.ts';
import { isOwner } from '../state/rights.ts';
import { protectedSpans } from '../state/protected.ts';
import type { DayBar } from '../timeline/day-bars.ts';
import { keepWords, nextWords, rateWords, reasonWords, useWords } from '../words/storage-words.ts';
import { Button } from './button.tsx';
import { DayChart } from './day-chart.tsx';
import { KeepForm } from './keep-form.tsx';
import { ProtectedRanges } from './protected-list.tsx';

/** `tallest`: the scale of the bars, the same for all cameras. `isTold`: what happens next is said above
 * already. */
export function CameraStorage(props: {
  readonly use: CameraUse;
  readonly name: string;
  readonly bars: readonly DayBar[];
  readonly tallest: number;
  readonly nowMs: number;
  readonly isTold: boolean;
}): JSX.Element {
  const { use, name, bars, tallest, nowMs } = props;
  const [isOpen, setOpen] = useState(false);
  const close = (): void => {
    setOpen(false);
  };
  return (
    <section class="card stack" aria-label={name}>
      <div class="stack close">
        <h2>{name}</h2>
        {!props.isTold && (
          <p>
            {rateWords(use)} {nextWords(use, nowMs)}
          </p>
        )}
        <p class="small quiet">
          {useWords(use)} {reasonWords(use)}
        </p>
      </div>
      <DayChart {...{ camera: use.camera, name, bars, tallest, nowMs }} />
      {isOpen ? (
        <KeepForm camera={{ id: use.camera, name }} before={use.keep} onDone={close} />
      ) : (
        <div class="beside">
          <p>{keepWords(use.keep)}</p>
          {isOwner.value && (
            <Button
              label={`Change how long ${name} is kept`}
              onPress={() => {
                setOpen(true);
              }}
            >
              Change
            </Button>
          )}
        </div>
      )}
      <ProtectedRanges
        {...{ camera: use.camera, name, nowMs }}
        spans={protectedSpans.value.get(use.camera) ?? []}
      />
    </section>
  );
}
