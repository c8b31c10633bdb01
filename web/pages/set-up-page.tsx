/** The first visit: a name and a password, then the recovery sheet (`SheetPage`), then the first
 * camera. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Setup, SetupDone } from '../../server/contract/setup.ts';
import { call, type Trouble } from '../api/call.ts';
import { BarePage } from '../components/bare-page.tsx';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Form } from '../components/form.tsx';
import { LoginFields } from '../components/login-fields.tsx';
import { TroubleNote } from '../components/note.tsx';
import { RestoreForm } from '../components/restore-form.tsx';
import { Switch } from '../components/switch.tsx';
import { look, signIn } from '../state/box.ts';
import { showSheet } from '../state/recovery-sheet.ts';
import { goTo } from '../state/route.ts';
import { setUpCode } from '../state/set-up-code.ts';
import { passwordHelp } from '../words/password-words.ts';
import { keyHelp, typedKey } from '../words/recovery-words.ts';

const CODE_HELP =
  'It stands where Doorkeep was started, and in the file setup-token beside its data.';

/** Which field a refusal is about, by the box's reason. */
const FIELD_OF: ReadonlyMap<string, 'code' | 'username' | 'password' | 'key'> = new Map([
  ['wrong-setup-token', 'code'],
  ['bad-username', 'username'],
  ['weak-password', 'password'],
  ['password-too-long', 'password'],
  ['wrong-recovery-key', 'key'],
]);

/** See the head of this file. */
export function SetUpPage(): JSX.Element {
  const [typedCode, setTypedCode] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  /** Undefined until the box has said that footage is there already. */
  const [known, setKnown] = useState<KnownHousehold | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [isRestoring, setRestoring] = useState(false);
  const field = FIELD_OF.get(trouble?.reason ?? '');
  const problem = trouble && `${trouble.sentence} ${trouble.hint}`;
  const isCodeAsked = setUpCode.value === '' || typedCode !== '' || field === 'code';
  const submit = async (): Promise<void> => {
    setBusy(true);
    const code = typedCode === '' ? setUpCode.value : typedCode;
    const body = { setupToken: code.trim(), username, password, ...bodyOf(known) };
    const refused = await setUp(body);
    setTrouble(refused);
    if (refused?.reason === 'household-there') setKnown(known ?? { key: '', startAnew: false });
    setBusy(false);
  };
  if (isRestoring) {
    const leave = (): void => {
      setRestoring(false);
    };
    return <Restoring onLeave={leave} />;
  }
  return (
    <BarePage title="Set up this box">
      <p>First a name and a password for you, then a sheet to keep, then your first camera.</p>
      {trouble !== undefined && field === undefined && <TroubleNote trouble={trouble} />}
      <Form onSubmit={submit}>
        {isCodeAsked && (
          <Field
            label="Code"
            autocomplete="one-time-code"
            required
            autofocus
            help={CODE_HELP}
            value={typedCode}
            problem={field === 'code' ? problem : undefined}
            onInput={setTypedCode}
          />
        )}
        <LoginFields
          isNew
          {...{ username, password }}
          usernameProblem={field === 'username' ? problem : undefined}
          passwordProblem={field === 'password' ? problem : undefined}
          passwordHelp={passwordHelp(password)}
          onUsername={setUsername}
          onPassword={setPassword}
        />
        {known !== undefined && (
          <KnownHouseholdFields
            known={known}
            problem={field === 'key' ? problem : undefined}
            onChange={setKnown}
          />
        )}
        <Button kind="main" type="submit" disabled={isBusy}>
          {isBusy ? 'One moment' : 'Go on'}
        </Button>
      </Form>
      <RestoreInstead onPress={setRestoring} />
    </BarePage>
  );
}

function RestoreInstead(props: { readonly onPress: (restoring: true) => void }): JSX.Element {
  return (
    <Button
      kind="plain"
      onPress={() => {
        props.onPress(true);
      }}
    >
      Restore from a backup
    </Button>
  );
}

/** In place of all that: the box goes on as another one. */
function Restoring(props: { readonly onLeave: () => void }): JSX.Element {
  return (
    <BarePage title="Restore from a backup">
      <p>
        This box goes on as the one that the backup is of: its cameras, its people, its past. The
        footage comes with the folder that you copied.
      </p>
      <RestoreForm code={setUpCode.value} codeHelp={CODE_HELP} onLeave={props.onLeave} />
    </BarePage>
  );
}

/** What is asked where footage is there already. */
interface KnownHousehold {
  readonly key: string;
  readonly startAnew: boolean;
}

function KnownHouseholdFields(props: {
  readonly known: KnownHousehold;
  readonly problem: string | undefined;
  readonly onChange: (known: KnownHousehold) => void;
}): JSX.Element {
  const { known, problem, onChange } = props;
  return (
    <>
      <Field
        label="Recovery key, if the password is lost"
        autocomplete="off"
        help={keyHelp(known.key)}
        value={known.key}
        problem={problem}
        onInput={(key) => {
          onChange({ ...known, key });
        }}
      />
      <Switch
        label="I have neither: start anew"
        help="What is recorded here then stays closed, unless the sheet is found."
        on={known.startAnew}
        onChange={(startAnew) => {
          onChange({ ...known, startAnew });
        }}
      />
    </>
  );
}

function bodyOf(known: KnownHousehold | undefined): Pick<Setup, 'recoveryKey' | 'startAnew'> {
  if (known === undefined) return {};
  if (known.startAnew) return { startAnew: true };
  return known.key === '' ? {} : { recoveryKey: typedKey(known.key) };
}

/** Makes the account and signs in; answers what stood in the way. */
async function setUp(body: Setup): Promise<Trouble | undefined> {
  const made = await call<SetupDone>('POST', '/api/setup', { body });
  if (!made.ok) {
    // Somebody else was quicker: the way on is to sign in.
    if (made.trouble.reason === 'already-set-up') await look();
    return made.trouble;
  }
  const { user, recoveryKey } = made.value;
  // A household that goes on keeps its sheet, and the box its cameras.
  if (recoveryKey === undefined) {
    goTo({ page: 'wall' }, 'replace');
  } else {
    showSheet({ key: recoveryKey, user, why: 'set-up' });
    goTo({ page: 'new-camera' }, 'replace');
  }
  // What stands in the way now is said where one signs in.
  if ((await signIn(body.username, body.password)) !== undefined) await look();
  return undefined;
}
