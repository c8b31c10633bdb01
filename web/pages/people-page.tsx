/** Who lives here and what everybody may do; for the owner, how somebody comes in. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Person } from '../../server/contract/people.ts';
import type { Trouble } from '../api/call.ts';
import { Button } from '../components/button.tsx';
import { InvitationLink } from '../components/invitation-link.tsx';
import { InviteForm } from '../components/invite-form.tsx';
import { TroubleNote } from '../components/note.tsx';
import { NewKeyOffer } from '../components/new-key-offer.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { PersonCard } from '../components/person-card.tsx';
import { endInvitation, people, refreshPeople } from '../state/people.ts';
import { isOwner } from '../state/rights.ts';
import { openLinkWords } from '../words/people-words.ts';

/** See the head of this file. */
export function PeoplePage(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [removed, setRemoved] = useState<Person | undefined>(undefined);
  useEffect(() => {
    void refreshPeople().then(setTrouble);
  }, []);
  return (
    <PageFrame title="People">
      <div class="stack sections">
        {trouble !== undefined && <TroubleNote trouble={trouble} />}
        {removed !== undefined && (
          <NewKeyOffer
            key={removed.id}
            name={removed.name}
            onDone={() => {
              setRemoved(undefined);
            }}
          />
        )}
        <ul class="stack" aria-label="Who lives here">
          {(people.value?.people ?? []).map((person) => (
            <PersonCard key={person.id} person={person} onRemoved={setRemoved} />
          ))}
        </ul>
        {isOwner.value && <LetIn setTrouble={setTrouble} />}
      </div>
    </PageFrame>
  );
}

function LetIn(props: {
  readonly setTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const [isAsked, setAsked] = useState(false);
  const [made, setMade] = useState<{ readonly name: string; readonly secret: string }>();
  const links = people.value?.invitations ?? [];
  return (
    <section class="card stack" aria-labelledby="let-in">
      <h2 id="let-in">Let somebody in</h2>
      <p>They get a link that works once, and choose their own password.</p>
      {links.length > 0 && (
        <ul class="stack" aria-label="Links that nobody has used">
          {links.map((link) => (
            <li key={link.id} class="row spread">
              <span>{openLinkWords(link)}</span>
              <Button
                label={`End the link for ${link.name}`}
                onPress={() => {
                  void endInvitation(link.id).then(props.setTrouble);
                }}
              >
                End
              </Button>
            </li>
          ))}
        </ul>
      )}
      {made !== undefined && (
        <InvitationLink
          {...made}
          onDone={() => {
            setMade(undefined);
          }}
        />
      )}
      {isAsked ? (
        <InviteForm
          onMade={(name, secret) => {
            setMade({ name, secret });
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
            Let somebody in…
          </Button>
        </div>
      )}
    </section>
  );
}
