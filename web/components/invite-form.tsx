/** Lets somebody in: what they may do, then the password, then the link. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { InvitedRole } from '../../server/contract/people.ts';
import { isLocked, unlock } from '../state/lock.ts';
import { invite } from '../state/people.ts';
import { AskPassword } from './ask-password.tsx';
import { CameraBoxes } from './camera-boxes.tsx';
import { Choice } from './choice.tsx';
import { Field } from './field.tsx';
import { Switch } from './switch.tsx';

const ROLES: readonly { readonly value: InvitedRole; readonly word: string }[] = [
  { value: 'member', word: 'Member: live and the past' },
  { value: 'viewer', word: 'Viewer: live only' },
];

/** `onMade` gets what the link carries. */
export function InviteForm(props: {
  readonly onMade: (name: string, secret: string) => void;
  readonly onLeave: () => void;
}): JSX.Element {
  const [name, setName] = useState('');
  const [role, setRole] = useState<InvitedRole>('member');
  const [mayExport, setMayExport] = useState(false);
  const [cameras, setCameras] = useState<readonly string[] | null>(null);
  const act = async (password: string) => {
    // The link of a member carries the key to the past, so that has to be open here.
    const closed = role === 'member' && isLocked.peek() ? await unlock(password) : undefined;
    if (closed !== undefined) return closed;
    const made = await invite({
      ...{ name: name.trim(), role, password, mayExport: role === 'member' && mayExport },
      cameras: cameras && [...cameras],
    });
    if (!made.ok) return made.trouble;
    props.onMade(name.trim(), made.value.secret);
    return undefined;
  };
  return (
    <div class="stack">
      <Field
        label="Who"
        value={name}
        onInput={setName}
        help="What you call this person."
        autofocus
      />
      <Choice label="What they see" options={ROLES} value={role} onChange={setRole} />
      {role === 'member' && (
        <Switch
          label="May export"
          on={mayExport}
          onChange={setMayExport}
          help="Copies leave Doorkeep’s hands, and nobody can take them back."
        />
      )}
      <CameraBoxes cameras={cameras} onChange={setCameras} />
      <AskPassword
        label="Make the link"
        action="Make the link"
        help="Asked again, because somebody else will see your home."
        act={act}
        onDone={() => undefined}
        onLeave={props.onLeave}
      />
    </div>
  );
}
