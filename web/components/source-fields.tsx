/** Where a camera's pictures come from, as a person types it, with help beside each field. */
import type { JSX } from 'preact';
import type { SourceDraft } from '../state/camera-draft.ts';
import { isBareHost, MAKERS, splitLogin } from '../words/camera-makers.ts';
import { AddressAdvice } from './address-advice.tsx';
import { Field } from './field.tsx';
import { Select } from './select.tsx';

/** `passwordHelp` differs between a new camera and one whose password is kept. */
export function SourceFields(props: {
  readonly draft: SourceDraft;
  readonly passwordHelp: string;
  readonly onChange: (change: Partial<SourceDraft>) => void;
}): JSX.Element {
  const { draft, onChange } = props;
  const onLeave = (): void => {
    const split = splitLogin(draft.address);
    if (split !== undefined) onChange(split);
  };
  return (
    <>
      <Field
        label="Address of the camera"
        inputMode="url"
        autocomplete="off"
        required
        placeholder="192.168.1.20"
        help="The numbers that its app or your router shows, or a whole address to paste."
        value={draft.address}
        onInput={(address) => {
          onChange({ address });
        }}
        onLeave={onLeave}
      />
      {isBareHost(draft.address) && <MakerSelect maker={draft.maker} onChange={onChange} />}
      <AddressAdvice />
      <Field
        label="User name"
        autocomplete="off"
        help="The camera’s own, often admin; not the one of your account with its maker."
        value={draft.username}
        onInput={(username) => {
          onChange({ username });
        }}
      />
      <Field
        label="Password of the camera"
        secret
        // `new-password`: managers do not offer Doorkeep's own here.
        autocomplete="new-password"
        help={props.passwordHelp}
        value={draft.password}
        onInput={(password) => {
          onChange({ password });
        }}
      />
      <MoreFields subAddress={draft.subAddress} onChange={onChange} />
    </>
  );
}

function MakerSelect(props: {
  readonly maker: string;
  readonly onChange: (change: Partial<SourceDraft>) => void;
}): JSX.Element {
  return (
    <Select
      label="Who made it?"
      value={props.maker}
      options={[
        { value: '', word: 'I do not know: try them all' },
        ...MAKERS.map(({ name }) => ({ value: name, word: name })),
      ]}
      help={adviceOf(props.maker)}
      onChange={(maker) => {
        props.onChange({ maker });
      }}
    />
  );
}

/** Folded away while it is empty: a camera works without. */
function MoreFields(props: {
  readonly subAddress: string;
  readonly onChange: (change: Partial<SourceDraft>) => void;
}): JSX.Element {
  return (
    <details class="more" open={props.subAddress !== ''}>
      <summary>More</summary>
      <Field
        label="Address of the small picture"
        inputMode="url"
        autocomplete="off"
        help="If it has one: used where pictures are small, which spares your network."
        value={props.subAddress}
        onInput={(subAddress) => {
          props.onChange({ subAddress });
        }}
      />
    </details>
  );
}

function adviceOf(name: string): string {
  const maker = MAKERS.find((one) => one.name === name);
  return maker?.advice ?? 'Not in the list? Paste the whole address: it begins with rtsp://.';
}
