/** Phones, and other browsers, that are kept unlocked: this one, and how to end it for each. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { KeptPhone } from '../../server/contract/keys.ts';
import type { Trouble } from '../api/call.ts';
import { boxNowMs } from '../state/box-time.ts';
import { keptPhone } from '../state/kept-phone.ts';
import { forgetPhone, keyHolders, refreshKeys } from '../state/keys.ts';
import { keepUnlocked } from '../state/lock.ts';
import { lastUsed, phoneName } from '../words/phone-words.ts';
import { AskPassword } from './ask-password.tsx';
import { Button } from './button.tsx';
import { TroubleNote } from './note.tsx';
import { Switch } from './switch.tsx';

/** See the head of this file. */
export function KeptPhones(): JSX.Element {
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    void refreshKeys().then(setTrouble);
  }, []);
  const phones = keyHolders.value?.keptPhones ?? [];
  const isKept = phones.some(({ id }) => id === keptPhone.value);
  const forget = async (phone: Pick<KeptPhone, 'id' | 'name'>): Promise<void> => {
    setTrouble(await forgetPhone(phone, setTrouble));
  };
  const change = (on: boolean): void => {
    setAsked(on);
    const own = phones.find(({ id }) => id === keptPhone.value);
    if (!on && own !== undefined) void forget(own);
  };
  return (
    <section class="card stack" aria-labelledby="kept-phones">
      <h2 id="kept-phones">Without a password</h2>
      <Switch
        label="Keep this phone unlocked"
        on={isKept || isAsked}
        onChange={change}
        help="The past then opens here by itself while you look at it. After somebody presses Lock, it waits for a press. Whoever holds this phone unlocked sees the past."
      />
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      {isAsked && !isKept && (
        <AskPassword
          label="Keep this phone unlocked"
          action="Keep it"
          help="Asked this once, so that nobody else can keep it."
          act={(password) => keepUnlocked(password, phoneName(navigator.userAgent))}
          onDone={() => {
            setAsked(false);
            void refreshKeys().then(setTrouble);
          }}
        />
      )}
      {phones.length > 0 && (
        <ul class="stack" aria-label="Phones that are kept unlocked">
          {phones.map((phone) => (
            <PhoneRow key={phone.id} phone={phone} onForget={forget} />
          ))}
        </ul>
      )}
    </section>
  );
}

function PhoneRow(props: {
  readonly phone: KeptPhone;
  readonly onForget: (phone: KeptPhone) => Promise<void>;
}): JSX.Element {
  const { phone, onForget } = props;
  const isThis = phone.id === keptPhone.value;
  return (
    <li class="row spread">
      <span>
        {phone.name}
        {isThis && ', this one'}
        <span class="small quiet"> {lastUsed(phone, boxNowMs())}</span>
      </span>
      <Button
        label={`End: ${phone.name} asks for the password again`}
        onPress={() => {
          void onForget(phone);
        }}
      >
        End
      </Button>
    </li>
  );
}
