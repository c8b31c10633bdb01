/** A link that was just made: shown once, to be given to the one person it is for. */
import type { JSX } from 'preact';
import { linkOf } from '../state/invitation.ts';
import { AddressText } from './address-text.tsx';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { QrCode } from './qr-code.tsx';
import { Reveal } from './reveal.tsx';

/** `name`: whom it is for. */
export function InvitationLink(props: {
  readonly name: string;
  readonly secret: string;
  readonly onDone: () => void;
}): JSX.Element {
  const link = linkOf(props.secret, location.origin);
  return (
    <Reveal>
      <div class="note stack" role="group" aria-label={`The link for ${props.name}`}>
        <p>This link is for {props.name} alone. It works once, for 24 hours.</p>
        <p>Let {props.name} scan it here, or hand it over in a way that you trust.</p>
        <QrCode text={link} label={`the link for ${props.name}`} />
        <p class="addresses">
          <AddressText address={link} />
        </p>
        <div class="row">
          <CopyButton text={link} done="Copied. Only one person should get it." />
          <Button kind="plain" onPress={props.onDone}>
            Done
          </Button>
        </div>
      </div>
    </Reveal>
  );
}
