/** Footage taken out by hand: what was asked for, how far it is, the files. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { browserClock } from '../base/clock.ts';
import { Button } from '../components/button.tsx';
import { ExportCard } from '../components/export-card.tsx';
import { ExportForm } from '../components/export-form.tsx';
import { Icon } from '../components/icon.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { UnlockForm } from '../components/unlock-form.tsx';
import { useFollowLock } from '../components/use-follow-lock.ts';
import { cameras } from '../state/cameras.ts';
import { exports, exportsTrouble, followExports } from '../state/exports.ts';
import { isLocked } from '../state/lock.ts';

/** What somebody most likely wants: what just happened. */
const USUAL_SPAN_MS = 5 * 60_000;

const MINUTE_MS = 60_000;

/** See the head of this file. */
export function ExportsPage(): JSX.Element {
  useEffect(() => {
    const following = followExports();
    return () => {
      following.cancel();
    };
  }, []);
  useFollowLock();
  // Both answers or neither: what comes later would push down what stands there.
  const list = cameras.value === undefined ? undefined : exports.value;
  const trouble = exportsTrouble.value;
  return (
    <PageFrame title="Exports">
      <div class="stack">
        {trouble !== undefined && <TroubleNote trouble={trouble} />}
        {list !== undefined && <NewExport />}
        {list?.length === 0 && (
          <Note sentence="Nothing was taken out yet.">
            <p>
              A copy is one video file, made on this box when you ask for it. The footage itself
              stays where it is.
            </p>
          </Note>
        )}
        {list !== undefined && list.length > 0 && (
          <ol class={isLocked.value ? 'stack dimmed' : 'stack'}>
            {list.map((made) => (
              <li key={made.id}>
                <ExportCard made={made} />
              </li>
            ))}
          </ol>
        )}
      </div>
    </PageFrame>
  );
}

/** A button until somebody wants one; nothing while there is no camera to take from. A form that is
 * open stays open when the past is locked, with what was typed into it. */
function NewExport(): JSX.Element | null {
  const [isOpen, setOpen] = useState(false);
  const first = cameras.value?.[0];
  if (first === undefined) return null;
  if (!isOpen && isLocked.value) {
    return (
      <div class="card way-in">
        <UnlockForm />
      </div>
    );
  }
  if (!isOpen) {
    return (
      <p>
        <Button
          kind="main"
          onPress={() => {
            setOpen(true);
          }}
        >
          <Icon name="add" />
          Make a copy
        </Button>
      </p>
    );
  }
  const close = (): void => {
    setOpen(false);
  };
  // Whole minutes are easier to change than seconds.
  const toMs = Math.floor(browserClock.wallMs() / MINUTE_MS) * MINUTE_MS;
  return (
    <section class="card" aria-label="A new export">
      <ExportForm
        camera={first.id}
        fromMs={toMs - USUAL_SPAN_MS}
        toMs={toMs}
        onDone={close}
        onCancel={close}
      />
    </section>
  );
}
