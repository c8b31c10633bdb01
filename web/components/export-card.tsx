/** One export: how far it is, its file, and what is done with it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Export } from '../../server/contract/export.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock } from '../base/clock.ts';
import { cameras } from '../state/cameras.ts';
import { fetched, isUnfinished, removeExport } from '../state/exports.ts';
import { isLocked } from '../state/lock.ts';
import { exactLength, OUT_OF_HANDS, progressWords, spanOf } from '../words/export-words.ts';
import { sizeInWords } from '../words/size-words.ts';
import { Button } from './button.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { FetchExport } from './fetch-export.tsx';
import { TroubleNote } from './note.tsx';

/** See the head of this file. */
export function ExportCard(props: { readonly made: Export }): JSX.Element {
  const { made } = props;
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const camera = cameras.value?.find(({ id }) => id === made.camera);
  const name = camera?.name ?? 'A camera that was removed';
  const span = spanOf(made, browserClock.wallMs());
  return (
    <article class="card stack close" aria-label={`${name}, ${span}`}>
      <div>
        <h2 class="name">{name}</h2>
        <p class="small quiet">
          {span} ({exactLength(Date.parse(made.to) - Date.parse(made.from))})
        </p>
      </div>
      <p>{progressWords(made)}</p>
      {isUnfinished(made) && isLocked.value && (
        <p class="small quiet">It goes on once the past is open.</p>
      )}
      {made.state === 'running' && (
        <progress max={1} value={made.progress} aria-label={`How far ${name} is`} />
      )}
      {made.notes.map((note) => (
        <p key={note} class="small quiet">
          {note}
        </p>
      ))}
      {fetched.value.has(made.id) && <p class="note">{OUT_OF_HANDS}</p>}
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <div class="row">
        {made.state === 'done' && <FetchExport made={made} />}
        <RemoveExport made={made} onTrouble={setTrouble} />
      </div>
    </article>
  );
}

/** Only a finished file is lost for good, so only that is asked. */
function RemoveExport(props: {
  readonly made: Export;
  readonly onTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const { made } = props;
  const [isAsked, setAsked] = useState(false);
  const remove = async (): Promise<void> => {
    setAsked(false);
    props.onTrouble(await removeExport(made.id));
  };
  if (made.state !== 'done') {
    return (
      <Button
        onPress={() => {
          void remove();
        }}
      >
        {isUnfinished(made) ? 'Cancel' : 'Take it off the list'}
      </Button>
    );
  }
  const size = made.sizeBytes === undefined ? '' : `, ${sizeInWords(made.sizeBytes)}`;
  const length = exactLength(Date.parse(made.to) - Date.parse(made.from));
  return (
    <>
      <Button
        kind="delete"
        onPress={() => {
          setAsked(true);
        }}
      >
        Delete
      </Button>
      {isAsked && (
        <ConfirmDialog
          question="Delete this copy?"
          action="Delete it"
          onAct={() => {
            void remove();
          }}
          onKeep={() => {
            setAsked(false);
          }}
        >
          <p>
            One file, {length}
            {size}, goes from this box. The footage that it was made from stays.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
