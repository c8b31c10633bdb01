/** Addresses that a box in a container learned from those who came: a line each, for the owner. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Settings } from '../../server/contract/settings.ts';
import type { Trouble } from '../api/call.ts';
import { setLearnedAddresses } from '../state/settings.ts';
import { offerUndo } from '../state/undo.ts';
import { Button } from './button.tsx';
import { TroubleNote } from './note.tsx';

/** `learned`: those of now. Nothing is shown where there are none. */
export function LearnedAddresses(props: {
  readonly learned: Settings['learnedAddresses'];
}): JSX.Element | null {
  const { learned } = props;
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  if (learned.length === 0) return null;
  const all = learned.map(({ address }) => address);
  const leaveOut = async (address: string): Promise<void> => {
    const refused = await setLearnedAddresses(all.filter((one) => one !== address));
    setTrouble(refused);
    if (refused !== undefined) return;
    offerUndo({
      sentence: `${address} is left out.`,
      undo: async () => {
        setTrouble(await setLearnedAddresses(all));
      },
    });
  };
  return (
    <section class="card stack" aria-labelledby="learned">
      <h2 id="learned">Addresses that were learned</h2>
      <p>
        A container does not know where its machine is at home. The certificate names each address
        that a browser came by. Leave out what is not this machine’s.
      </p>
      <ul class="stack close" aria-label="Addresses that were learned">
        {learned.map(({ address, isOwners }) => (
          <li key={address} class="row spread">
            <span>
              <span class="addresses">{address}</span>{' '}
              <span class="small quiet">
                {isOwners ? 'You were signed in by it.' : 'Somebody asked for it.'}
              </span>
            </span>
            <Button
              label={`Leave out ${address}`}
              onPress={() => {
                void leaveOut(address);
              }}
            >
              Leave out
            </Button>
          </li>
        ))}
      </ul>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
    </section>
  );
}
