/** Putting a backup back: the file, the recovery key, and how far it is. */
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { restoreBackup } from '../state/restore.ts';
import { sendingWords } from '../words/backup-words.ts';
import { keyHelp, typedKey } from '../words/recovery-words.ts';
import { Button } from './button.tsx';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';

/** Which field a refusal is about, by the box's reason. */
const FIELD_OF: ReadonlyMap<string, 'code' | 'key' | 'file'> = new Map([
  ['wrong-setup-token', 'code'],
  ['wrong-recovery-key', 'key'],
  ['backup-content', 'file'],
  ['backup-damaged', 'file'],
  ['too-large', 'file'],
]);

/** `code`: as the link brought it; empty, and it is asked for. */
export function RestoreForm(props: {
  readonly code: string;
  readonly codeHelp: string;
  readonly onLeave: () => void;
}): JSX.Element {
  const [typedCode, setTypedCode] = useState('');
  const [file, setFile] = useState<File | undefined>(undefined);
  const [key, setKey] = useState('');
  const [sentBytes, setSentBytes] = useState<number | undefined>(undefined);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const field = FIELD_OF.get(trouble?.reason ?? '');
  const problem = trouble && `${trouble.sentence} ${trouble.hint}`;
  const isCodeAsked = props.code === '' || typedCode !== '' || field === 'code';
  const submit = async (): Promise<void> => {
    if (file === undefined) return;
    setTrouble(undefined);
    setSentBytes(0);
    const code = (typedCode === '' ? props.code : typedCode).trim();
    const refused = await restoreBackup({ file, code, recoveryKey: typedKey(key) }, setSentBytes);
    // Done: this page is gone by now.
    if (refused === undefined) return;
    setSentBytes(undefined);
    setTrouble(refused);
  };
  const isBusy = sentBytes !== undefined;
  return (
    <>
      {trouble !== undefined && field === undefined && <TroubleNote trouble={trouble} />}
      <Form label="Restore from a backup" onSubmit={submit}>
        {isCodeAsked && (
          <Field
            label="Code"
            autocomplete="one-time-code"
            required
            help={props.codeHelp}
            value={typedCode}
            problem={field === 'code' ? problem : undefined}
            onInput={setTypedCode}
          />
        )}
        <FileField problem={field === 'file' ? problem : undefined} onChoose={setFile} />
        <Field
          label="Recovery key"
          autocomplete="off"
          required
          help={keyHelp(key)}
          value={key}
          problem={field === 'key' ? problem : undefined}
          onInput={setKey}
        />
        {isBusy && file !== undefined && (
          <div role="status">
            <p>{sendingWords(sentBytes, file.size)}</p>
            <progress max={file.size} value={sentBytes} aria-label="How much has arrived" />
          </div>
        )}
        <div class="row">
          <Button kind="main" type="submit" disabled={isBusy}>
            {isBusy ? 'One moment' : 'Restore'}
          </Button>
          <Button kind="plain" disabled={isBusy} onPress={props.onLeave}>
            Set up a new box instead
          </Button>
        </div>
      </Form>
    </>
  );
}

function FileField(props: {
  readonly problem: string | undefined;
  readonly onChoose: (file: File | undefined) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Backup</label>
      <input
        id={id}
        type="file"
        accept=".age"
        required
        aria-invalid={props.problem === undefined ? undefined : true}
        aria-describedby={`${id}-below`}
        onChange={({ currentTarget }) => {
          props.onChoose(currentTarget.files?.[0]);
        }}
      />
      <p id={`${id}-below`} class={props.problem === undefined ? 'small quiet' : 'problem'}>
        {props.problem ?? 'The file that Doorkeep gave you; its name ends in .age.'}
      </p>
    </div>
  );
}
