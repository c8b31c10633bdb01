/** Programs that have a right: which doors are open to them, a new one, closing one. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { AccessToken } from '../../server/contract/tokens.ts';
import type { Trouble } from '../api/call.ts';
import { boxNowMs } from '../state/box-time.ts';
import { cameras } from '../state/cameras.ts';
import { endRight, programs, refreshPrograms } from '../state/programs.ts';
import { endRightWords, rightUse, rightWords } from '../words/program-right-words.ts';
import { Button } from './button.tsx';
import { TroubleNote } from './note.tsx';
import { NewProgramForm } from './new-program-form.tsx';
import { ProgramSecret, type MadeRight } from './program-secret.tsx';
import { Reveal } from './reveal.tsx';

/** See the head of this file. */
export function ProgramsSection(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [isAsked, setAsked] = useState(false);
  const [made, setMade] = useState<MadeRight | undefined>(undefined);
  useEffect(() => {
    void refreshPrograms().then(setTrouble);
  }, []);
  return (
    <section class="card stack" aria-labelledby="programs">
      <h2 id="programs">Programs</h2>
      <p>
        Each right is an open door: whoever has its key comes in without a password. None opens
        anything that was recorded.
      </p>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <ul class="stack" aria-label="Programs that have a right">
        {(programs.value ?? []).map((right) => (
          <ProgramRow key={right.id} right={right} onTrouble={setTrouble} />
        ))}
      </ul>
      {made !== undefined && (
        <ProgramSecret
          made={made}
          onDone={() => {
            setMade(undefined);
          }}
        />
      )}
      {isAsked ? (
        <NewProgramForm
          onMade={(right) => {
            setMade(right);
            setAsked(false);
          }}
          onLeave={() => {
            setAsked(false);
          }}
        />
      ) : (
        <div class="row">
          <Button
            onPress={() => {
              setAsked(true);
            }}
          >
            Let a program in…
          </Button>
        </div>
      )}
    </section>
  );
}

function ProgramRow(props: {
  readonly right: AccessToken;
  readonly onTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const { right, onTrouble } = props;
  const [isAsked, setAsked] = useState(false);
  const camera = cameras.value?.find(({ id }) => id === right.camera)?.name ?? 'a camera';
  return (
    <li class="stack close">
      <div class="row spread">
        <h3>{right.name}</h3>
        {!isAsked && (
          <Button
            label={`End the right of ${right.name}`}
            onPress={() => {
              setAsked(true);
            }}
          >
            End…
          </Button>
        )}
      </div>
      <p>{rightWords(right.scope, camera)}</p>
      <p class="small quiet">{rightUse(right, boxNowMs())}</p>
      {isAsked && (
        <Reveal>
          <p>{endRightWords(right)}</p>
          <div class="row">
            <Button
              kind="main"
              onPress={() => {
                setAsked(false);
                void endRight(right.id).then(onTrouble);
              }}
            >
              End it now
            </Button>
            <Button
              kind="plain"
              onPress={() => {
                setAsked(false);
              }}
            >
              Leave it
            </Button>
          </div>
        </Reveal>
      )}
    </li>
  );
}
