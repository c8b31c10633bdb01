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
  const isCodeWrong = trouble?.reason === 'wrong-setup-token';
  const isCodeAsked = props.code === '' || typedCode !== '' || isCodeWrong;
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
    <Form label="Restore from a backup" onSubmit={submit}>
      {isCodeAsked && (
        <Field
          label="Code"
          autocomplete="one-time-code"
          required
          help={props.codeHelp}
          value={typedCode}
          problem={isCodeWrong ? `${trouble.sentence} ${trouble.hint}` : undefined}
          onInput={setTypedCode}
        />
      )}
      <FileField onChoose={setFile} />
      <Field
        label="Recovery key"
        autocomplete="off"
        required
        help={keyHelp(key)}
        value={key}
        onInput={setKey}
      />
      <div class="row">
        <Button kind="main" type="submit" disabled={isBusy}>
          Restore
        </Button>
        <Button kind="plain" disabled={isBusy} onPress={props.onLeave}>
          Set up a new box instead
        </Button>
      </div>
      {/* Below all that is pressed: the answer takes its time, and must not push it away. */}
      {isBusy && file !== undefined && (
        <div role="status">
          <p>{sendingWords(sentBytes, file.size)}</p>
          <progress max={file.size} value={sentBytes} aria-label="How much has arrived" />
        </div>
      )}
      {trouble !== undefined && !isCodeWrong && <TroubleNote trouble={trouble} />}
    </Form>
  );
}

function FileField(props: { readonly onChoose: (file: File | undefined) => void }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Backup</label>
      <input
        id={id}
        type="file"
        accept=".age"
        required
        aria-describedby={`${id}-below`}
        onChange={({ currentTarget }) => {
          props.onChoose(currentTarget.files?.[0]);
        }}
      />
      <p id={`${id}-below`} class="small quiet">
        The file that Doorkeep gave you; its name ends in .age.
      </p>
    </div>
  );
}
