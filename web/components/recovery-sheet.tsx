/** The sheet itself: the key to read, the key for a camera, what it is for. All that is printed. */
import '../styles/sheet.css';
import type { JSX } from 'preact';
import type { RecoverySheet } from '../state/recovery-sheet.ts';
import { keyGroups, SHEET_IS_FOR } from '../words/recovery-words.ts';
import { QrCode } from './qr-code.tsx';

/** `day`: when it was made, in words. */
export function Sheet(props: { readonly sheet: RecoverySheet; readonly day: string }): JSX.Element {
  const { key, user } = props.sheet;
  const [purpose, care] = SHEET_IS_FOR;
  return (
    <section class="card stack sheet" aria-label="The sheet">
      <div>
        <h2 class="name">Recovery sheet of {user}</h2>
        <p class="small quiet">Doorkeep, {props.day}</p>
      </div>
      <div class="key-groups" role="group" aria-label="The recovery key">
        {keyGroups(key).map((group, index) => (
          // Spaces, so that what is marked by hand has them, too.
          <span key={`${String(index)}${group}`}>{group} </span>
        ))}
      </div>
      <div class="where">
        <QrCode text={key} label="the recovery key" />
        <div class="stack close">
          <p>{purpose}</p>
          <p>{care}</p>
        </div>
      </div>
    </section>
  );
}
