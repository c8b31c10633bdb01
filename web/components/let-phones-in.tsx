/** Whether phones at home may open Doorkeep, where they find it, and by what they know it. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Reach, Settings } from '../../server/contract/settings.ts';
import type { Trouble } from '../api/call.ts';
import { refreshSettings, setReach, settings } from '../state/settings.ts';
import { isThisMachine } from '../state/trust.ts';
import { offerUndo } from '../state/undo.ts';
import { Fingerprint } from './fingerprint.tsx';
import { TroubleNote } from './note.tsx';
import { QrCode } from './qr-code.tsx';
import { Switch } from './switch.tsx';
import { PhoneSteps } from './trust-steps.tsx';

/** See the head of this file. */
export function LetPhonesIn(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  useEffect(() => {
    void refreshSettings().then(setTrouble);
  }, []);
  const known = settings.value;
  return (
    <section class="card stack" aria-labelledby="phones">
      <h2 id="phones">Let phones in</h2>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      {known !== undefined && (
        <>
          <ReachSwitch settings={known} onTrouble={setTrouble} />
          {known.reach === 'home' && <WhereItIs settings={known} />}
        </>
      )}
    </section>
  );
}

/** From afar it cannot be taken back: whoever switches it off there is outside at once, and a box
 * without a screen would let nobody in again. */
function ReachSwitch(props: {
  readonly settings: Settings;
  readonly onTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const { reach, reachIsFixed } = props.settings;
  const isOpen = reach === 'home';
  const isAfar = isOpen && !isThisMachine(location);
  const set = async (next: Reach): Promise<void> => {
    const refused = await setReach(next);
    props.onTrouble(refused);
    if (refused !== undefined) return;
    offerUndo({
      sentence: next === 'home' ? 'Phones at home may open it.' : 'Only this machine may open it.',
      undo: async () => {
        props.onTrouble(await setReach(next === 'home' ? 'this-machine' : 'home'));
      },
    });
  };
  return (
    <Switch
      label="Phones and computers at home may open Doorkeep"
      help={reachHelp(props.settings, isAfar)}
      on={isOpen}
      disabled={reachIsFixed || isAfar}
      onChange={(on) => {
        void set(on ? 'home' : 'this-machine');
      }}
    />
  );
}

function reachHelp({ reach, reachIsFixed }: Settings, isAfar: boolean): string {
  const now =
    reach === 'home'
      ? 'Everybody on your network reaches the page to sign in; nobody outside your home does.'
      : 'Now only programs on the box itself reach it.';
  if (reachIsFixed) {
    return `${now} DOORKEEP_HOST says so where Doorkeep is started, so it cannot be changed here.`;
  }
  return isAfar ? `${now} It is switched off at the box itself, or you would be outside.` : now;
}

/** First the file, then the page: a phone that knows the box never warns of it. */
function WhereItIs(props: { readonly settings: Settings }): JSX.Element {
  const { addresses, caFingerprint } = props.settings;
  const [best] = addresses;
  if (best === undefined) {
    return <p>The box has no address in your home yet. Is it on the network?</p>;
  }
  const isUnknown = caFingerprint !== null;
  return (
    <>
      {isUnknown && <GetToKnow address={fileAddress(best)} fingerprint={caFingerprint} />}
      <section class="stack close" aria-label="Open the page">
        <h3>{isUnknown ? '2. Then it opens the page' : 'The phone opens the page'}</h3>
        <div class="where">
          <QrCode text={best} />
          <div class="stack close">
            <p>Point the phone’s camera here, or type one of these:</p>
            <ul class="addresses">
              {addresses.map((address) => (
                <li key={address}>{address}</li>
              ))}
            </ul>
          </div>
        </div>
      </section>
    </>
  );
}

function GetToKnow(props: { readonly address: string; readonly fingerprint: string }): JSX.Element {
  return (
    <section class="stack close" aria-label="Get to know the box">
      <h3>1. The phone gets to know this box, once</h3>
      <div class="where">
        <QrCode text={props.address} />
        <div class="stack close">
          <p>Point the phone’s camera here, or type:</p>
          <p class="addresses">{props.address}</p>
          <p>Before you trust what it shows, compare this number:</p>
          <Fingerprint fingerprint={props.fingerprint} />
        </div>
      </div>
      <details class="more">
        <summary>The steps for each phone</summary>
        <PhoneSteps />
      </details>
    </section>
  );
}

/** The box's file is all that plain HTTP serves, so that no phone warns before it has it. */
function fileAddress(address: string): string {
  return `${address.replace(/^https:/, 'http:')}/ca.crt`;
}
