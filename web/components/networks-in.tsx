/** Ranges of a VPN that may come in beside the home: a line each, for the owner. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { setNetworks } from '../state/settings.ts';
import { offerUndo } from '../state/undo.ts';
import { VPN_IS, VPN_NEXT } from '../words/program-right-words.ts';
import { Button } from './button.tsx';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';

/** `networks`: those of now. */
export function NetworksInSection(props: { readonly networks: readonly string[] }): JSX.Element {
  const { networks } = props;
  const [typed, setTyped] = useState('');
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const change = async (next: readonly string[], sentence: string): Promise<void> => {
    const refused = await setNetworks(next);
    setTrouble(refused);
    if (refused !== undefined) return;
    setTyped('');
    offerUndo({
      sentence,
      undo: async () => {
        setTrouble(await setNetworks(networks));
      },
    });
  };
  const range = typed.trim().toLowerCase();
  const isTyped = trouble?.status === 422;
  return (
    <section class="card stack" aria-labelledby="networks">
      <h2 id="networks">By your own VPN</h2>
      <p>{VPN_IS}</p>
      {networks.length > 0 && (
        <ul class="stack close" aria-label="Ranges that may come in">
          {networks.map((network) => (
            <li key={network} class="row spread">
              <span class="addresses">{network}</span>
              <Button
                label={`Leave out ${network}`}
                onPress={() => {
                  const others = networks.filter((one) => one !== network);
                  void change(others, `${network} may not come in any more.`);
                }}
              >
                Leave out
              </Button>
            </li>
          ))}
        </ul>
      )}
      {trouble !== undefined && !isTyped && <TroubleNote trouble={trouble} />}
      <Form
        label="A range of a VPN"
        onSubmit={() => change([...new Set([...networks, range])], `${range} may come in.`)}
      >
        <Field
          label="Range of addresses"
          autocomplete="off"
          required
          placeholder="100.64.0.0/10"
          help="As the settings of your VPN show it."
          value={typed}
          problem={isTyped ? `${trouble.sentence} ${trouble.hint}` : undefined}
          onInput={setTyped}
        />
        <div class="row">
          <Button type="submit">Let it in</Button>
        </div>
      </Form>
      <p class="small quiet">{VPN_NEXT}</p>
    </section>
  );
}
