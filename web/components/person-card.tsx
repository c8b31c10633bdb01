/** One of the household: what they may do, and for the owner how to change it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Person } from '../../server/contract/people.ts';
import type { Trouble } from '../api/call.ts';
import { cameras } from '../state/cameras.ts';
import { inviteAgain, removePerson, setCamerasOf, setMayExport } from '../state/people.ts';
import { isOwner } from '../state/rights.ts';
import { camerasWords, roleWords } from '../words/people-words.ts';
import { AskPassword } from './ask-password.tsx';
import { Button } from './button.tsx';
import { CameraBoxes } from './camera-boxes.tsx';
import { InvitationLink } from './invitation-link.tsx';
import { TroubleNote } from './note.tsx';
import { Reveal } from './reveal.tsx';
import { Switch } from './switch.tsx';

/** `onRemoved` is told of a member who is gone: they had a key. */
export function PersonCard(props: {
  readonly person: Person;
  readonly onRemoved: (person: Person) => void;
}): JSX.Element {
  const { person, onRemoved } = props;
  const [isOpen, setOpen] = useState(false);
  const canChange = isOwner.value && person.role !== 'owner';
  return (
    <li class="card stack">
      <h2>
        {person.name}
        {person.isYou && ', you'}
      </h2>
      <p>{roleWords(person)}</p>
      {person.cameras !== undefined && person.role !== 'owner' && (
        <p class="small quiet">{camerasWords(person.cameras, cameras.value ?? [])}</p>
      )}
      {canChange && !isOpen && (
        <div class="row">
          <Button
            label={`Change ${person.name}`}
            onPress={() => {
              setOpen(true);
            }}
          >
            Change
          </Button>
        </div>
      )}
      {canChange && isOpen && <ChangePerson {...{ person, onRemoved }} />}
    </li>
  );
}

/** What is asked before it is done. */
type Asked = 'nothing' | 'password' | 'removal';

function ChangePerson(props: {
  readonly person: Person;
  readonly onRemoved: (person: Person) => void;
}): JSX.Element {
  const { person, onRemoved } = props;
  const [asked, setAsked] = useState<Asked>('nothing');
  const [secret, setSecret] = useState('');
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const leave = (): void => {
    setAsked('nothing');
  };
  return (
    <div class="stack">
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      {person.role === 'member' && (
        <Switch
          label="May export"
          name={`${person.name} may export`}
          on={person.mayExport}
          onChange={(on) => {
            void setMayExport(person, on).then(setTrouble);
          }}
        />
      )}
      <CameraBoxes
        cameras={person.cameras ?? null}
        onChange={(chosen) => {
          void setCamerasOf(person, chosen).then(setTrouble);
        }}
      />
      {secret !== '' && (
        <InvitationLink
          name={person.name}
          secret={secret}
          onDone={() => {
            setSecret('');
          }}
        />
      )}
      {asked === 'password' && (
        <AskPassword
          label={`New password for ${person.name}`}
          action="Make the link"
          help="Asked again, because the link opens what this person sees."
          act={async (password) => {
            const made = await inviteAgain(person.id, password);
            if (!made.ok) return made.trouble;
            setSecret(made.value.secret);
            return undefined;
          }}
          onDone={leave}
          onLeave={leave}
        />
      )}
      {asked === 'removal' && <AskRemoval {...{ person, onRemoved, leave, setTrouble }} />}
      {asked === 'nothing' && <MoreButtons onPress={setAsked} />}
    </div>
  );
}

function MoreButtons(props: { readonly onPress: (asked: Asked) => void }): JSX.Element {
  return (
    <div class="row">
      <Button
        onPress={() => {
          props.onPress('password');
        }}
      >
        New password…
      </Button>
      <Button
        onPress={() => {
          props.onPress('removal');
        }}
      >
        Remove…
      </Button>
    </div>
  );
}

function AskRemoval(props: {
  readonly person: Person;
  readonly onRemoved: (person: Person) => void;
  readonly leave: () => void;
  readonly setTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const { id, name, role } = props.person;
  const remove = async (): Promise<void> => {
    const refused = await removePerson(id);
    if (refused !== undefined) props.setTrouble(refused);
    else if (role === 'member') props.onRemoved(props.person);
  };
  return (
    <Reveal>
      <p>{name} is signed out everywhere at once and sees nothing any more.</p>
      {role === 'member' && <p>Afterwards you are asked whether to make a new key.</p>}
      <div class="row">
        <Button
          kind="main"
          onPress={() => {
            void remove();
          }}
        >
          Remove {name}
        </Button>
        <Button kind="plain" onPress={props.leave}>
          Leave it
        </Button>
      </div>
    </Reveal>
  );
}
