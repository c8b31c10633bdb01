/** Taking footage out: which camera, from when to when, and the password again. Length, size and
 * where it begins are said before. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Export } from '../../server/contract/export.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock } from '../base/clock.ts';
import { cameras } from '../state/cameras.ts';
import { askForExport } from '../state/exports.ts';
import { refreshStorageUse, useOf } from '../state/storage-use.ts';
import { earlyWords, spanProblem, spanWords } from '../words/export-words.ts';
import { localInputMs, localInputText } from '../words/local-time.ts';
import { Button } from './button.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';
import { PasswordAgain } from './password-again.tsx';
import { Select } from './select.tsx';
import { TimeField } from './time-field.tsx';
import { useUnlockFirst } from './use-unlock-first.tsx';

/** `camera`: the id to begin with. `onDone` gets the export, which is being made from then on. */
export function ExportForm(props: {
  readonly camera: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly onDone: (made: Export) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [id, setId] = useState(props.camera);
  const [from, setFrom] = useState(() => localInputText(props.fromMs));
  const [to, setTo] = useState(() => localInputText(props.toMs));
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  useEffect(() => {
    void refreshStorageUse();
  }, []);
  const fromMs = localInputMs(from);
  const toMs = localInputMs(to);
  const problem = spanProblem(fromMs, toMs, browserClock.wallMs());
  const isWrongPassword = trouble?.status === 401;
  // All that was typed is kept meanwhile.
  const unlocking = useUnlockFirst(() => void submit());
  const submit = async (): Promise<void> => {
    if (problem !== undefined || fromMs === undefined || toMs === undefined) return;
    setBusy(true);
    const span = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
    const made = await askForExport({ camera: id, ...span, password });
    setBusy(false);
    if ('id' in made) {
      props.onDone(made);
      return;
    }
    if (made.status === 423) {
      unlocking.ask();
      return;
    }
    setTrouble(made);
    // Unless another one is being typed already.
    setPassword((now) => (made.status === 401 && now === password ? '' : now));
  };
  if (unlocking.form !== undefined) return unlocking.form;
  return (
    <Form label="Export" onSubmit={submit}>
      <WhichCamera id={id} onChange={setId} />
      <div class="span">
        <TimeField label="From" value={from} onInput={setFrom} />
        <TimeField label="To" value={to} onInput={setTo} problem={problem} />
      </div>
      <SpanNote camera={id} spanMs={problem === undefined ? span(fromMs, toMs) : undefined} />
      <PasswordAgain
        value={password}
        problem={isWrongPassword ? `${trouble.sentence} ${trouble.hint}` : undefined}
        onInput={setPassword}
      />
      {trouble !== undefined && !isWrongPassword && <TroubleNote trouble={trouble} />}
      <div class="row">
        <Button kind="main" type="submit" disabled={isBusy}>
          {isBusy ? 'One moment' : 'Make the copy'}
        </Button>
        <Button kind="plain" onPress={props.onCancel}>
          Cancel
        </Button>
      </div>
    </Form>
  );
}

/** Nothing where there is no choice. */
function WhichCamera(props: {
  readonly id: string;
  readonly onChange: (id: string) => void;
}): JSX.Element | null {
  const all = cameras.value ?? [];
  if (all.length < 2) return null;
  const options = all.map((camera) => ({ value: camera.id, word: camera.name }));
  return <Select label="Camera" value={props.id} options={options} onChange={props.onChange} />;
}

function span(fromMs: number | undefined, toMs: number | undefined): number | undefined {
  return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs;
}

/** What the file will be, said before it is made. */
function SpanNote(props: {
  readonly camera: string;
  readonly spanMs: number | undefined;
}): JSX.Element | null {
  if (props.spanMs === undefined) return null;
  const camera = cameras.value?.find(({ id }) => id === props.camera);
  return (
    <div role="status">
      <p>{spanWords(props.spanMs, useOf(props.camera))}</p>
      <p class="small quiet">{earlyWords(camera)}</p>
    </div>
  );
}
